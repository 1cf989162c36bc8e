/* SPDX-License-Identifier: MIT */
/*
 * Are exit records what they are taken for, in this kernel? A scratch VM with
 * one vCPU makes two exits, and the records are compared with KVM's own answers.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fastpath.h"
#include "kvm.h"

#define RAM    0x10000ull
#define SIZE   0x10000ull
#define DEVICE 0x8000ull
#define VALUE  0x0123456789abcdefull
#define E0E    (1ull << 24)

/* A register that KVM must save, and accesses. X1: DEVICE, X2: VALUE. */
static const uint32_t code[] = {
	0xd5381003, /* mrs x3, sctlr_el1 */
	0xb2680063, /* orr x3, x3, #E0E */
	0xd5181003, /* msr sctlr_el1, x3 */
	0xd5033fdf, /* isb */
	0x79000022, /* strh w2, [x1] */
	0x79400022, /* ldrh w2, [x1] */
};
#define ESR_OF_LOAD  0x93420000ull
#define ESR_OF_STORE (ESR_OF_LOAD | HVT_ESR_WNR)

struct scratch {
	int kvm, vm, fd;
	struct kvm_run *run;
	size_t run_size;
	void *ram;
};

static void stop(struct scratch *s)
{
	if (s->run)
		hvt_kvm_sys->unmap(s->run, s->run_size);
	if (s->fd >= 0)
		hvt_kvm_sys->close(s->fd);
	if (s->vm >= 0)
		hvt_kvm_sys->close(s->vm);
	if (s->kvm >= 0)
		hvt_kvm_sys->close(s->kvm);
	if (s->ram != MAP_FAILED)
		munmap(s->ram, SIZE);
}

static bool make_vm(struct scratch *s)
{
	const struct kvm_userspace_memory_region region = {
		.guest_phys_addr = RAM, .memory_size = SIZE,
		.userspace_addr = (uint64_t)(uintptr_t)s->ram };
	int size;

	s->kvm = hvt_kvm_sys->open_kvm();
	if (s->kvm < 0 || s->ram == MAP_FAILED)
		return false;
	memcpy(s->ram, code, sizeof(code));
	s->vm = hvt_kvm_sys->ioctl_number(s->kvm, KVM_CREATE_VM, IPA_BITS_MIN);
	size = hvt_kvm_sys->ioctl_number(s->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	s->run_size = (size_t)size;
	return s->vm >= 0 && size > 0 &&
		!hvt_kvm_sys->ioctl(s->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static bool set(const struct scratch *s, hv_reg_t reg, uint64_t value)
{
	return !hvt_kvm_one_reg(s->fd, KVM_SET_ONE_REG, hvt_kvm_reg_id(reg),
			&value);
}

static bool make_vcpu(struct scratch *s)
{
	void *run;

	s->fd = hvt_kvm_sys->ioctl_number(s->vm, KVM_CREATE_VCPU, 0);
	if (s->fd < 0 || hvt_kvm_sys->map(s->fd, s->run_size, &run))
		return false;
	s->run = run;
	return !hvt_kvm_vcpu_init(s->vm, s->fd, false) &&
		set(s, HV_REG_PC, RAM) && set(s, HV_REG_X1, DEVICE) &&
		set(s, HV_REG_X2, VALUE);
}

static bool is(const struct scratch *s, uint64_t id, uint64_t told)
{
	uint64_t value = 0;

	return !hvt_kvm_one_reg(s->fd, KVM_GET_ONE_REG, id, &value) &&
		value == told;
}

/* The VMM's signals, a profiler's for one, must not cost it its records. */
static bool run_to_exit(struct scratch *s, struct hvt_exit_record *r)
{
	int err;

	do {
		r->told = 0;
		err = hvt_kvm_sys->ioctl_number(s->fd, KVM_RUN, 0);
	} while (err == -EINTR);
	return !err;
}

/* Runs to the next access, which has that syndrome, and tells so and more. */
static bool run(struct scratch *s, struct hvt_exit_record *r, uint64_t esr,
		uint64_t more)
{
	return run_to_exit(s, r) && s->run->exit_reason == KVM_EXIT_MMIO &&
		r->told == (HVT_TOLD_ESR | HVT_TOLD_ABORT |
				1ull << HVT_RECORD_PC |
				1ull << HVT_RECORD_CPSR | more) &&
		r->far == DEVICE && hvt_esr_of_abort(r->esr) == esr &&
		is(s, hvt_kvm_reg_id(HV_REG_PC), r->regs[HVT_RECORD_PC]) &&
		is(s, hvt_kvm_reg_id(HV_REG_CPSR), r->regs[HVT_RECORD_CPSR]);
}

static bool try(struct scratch *s)
{
	struct hvt_exit_record *record;

	if (!make_vm(s) || !make_vcpu(s))
		return false;
	record = hvt_kvm_record_of(s->run, 0);
	return run(s, record, ESR_OF_STORE, 1ull << 2) &&
		record->regs[2] == VALUE && run(s, record, ESR_OF_LOAD, 0) &&
		record->sctlr & E0E &&
		is(s, hvt_kvm_sys_id(HV_SYS_REG_SCTLR_EL1), record->sctlr);
}

bool hvt_kvm_records_try(void)
{
	struct scratch s = { .kvm = -1, .vm = -1, .fd = -1 };
	bool right;

	s.ram = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	right = try(&s);
	stop(&s);
	return right;
}
