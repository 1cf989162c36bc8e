/* SPDX-License-Identifier: MIT */
/* KVM's ioctls. */
#include "raw_kvm.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "kvm_uapi.h"

static int vm;
static size_t run_size;
static uint8_t *ram;

static int must(int fd, unsigned long request, const void *arg, const char *what)
{
	int n = ioctl(fd, request, arg);

	if (__builtin_expect(n < 0, 0))
		bench_check(-errno, what);
	return n;
}

/* HVC with W0 from 0 on comes to user space. */
static void forward_calls(void)
{
	const struct kvm_smccc_filter filter = { .nr_functions = 0x80000000u,
		.action = KVM_SMCCC_FILTER_FWD_TO_USER };
	const struct kvm_device_attr attr = { .group = KVM_ARM_VM_SMCCC_CTRL,
		.attr = KVM_ARM_VM_SMCCC_FILTER,
		.addr = (uint64_t)(uintptr_t)&filter };

	must(vm, KVM_SET_DEVICE_ATTR, &attr, "KVM_ARM_VM_SMCCC_FILTER");
}

void raw_kvm_start(void)
{
	const struct kvm_arm_counter_offset none = { 0 };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	bench_check(kvm < 0 ? -errno : 0, "/dev/kvm");
	vm = must(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	run_size = (size_t)must(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "MMAP_SIZE");
	ram = guest_make_ram();
	raw_slot(0, 0, GUEST_RAM, GUEST_RAM_SIZE, ram);
	forward_calls();
	must(vm, KVM_ARM_SET_COUNTER_OFFSET, &none, "SET_COUNTER_OFFSET");
}

volatile struct guest_flags *raw_kvm_flags(void)
{
	return guest_flags_in(ram);
}

void raw_vcpu_create(struct raw_vcpu *v, unsigned long id)
{
	struct kvm_vcpu_init init;

	v->fd = must(vm, KVM_CREATE_VCPU, (void *)id, "KVM_CREATE_VCPU");
	v->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd,
			0);
	bench_check(v->run == MAP_FAILED ? -errno : 0, "struct kvm_run");
	must(vm, KVM_ARM_PREFERRED_TARGET, &init, "PREFERRED_TARGET");
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	must(v->fd, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
	for (size_t i = 0; i < guest_reg_count; i++) {
		const struct guest_reg *r = &guest_regs[i];

		if (r->is_system)
			raw_set_sys(v, r->reg, r->value);
		else
			raw_set(v, r->reg, r->value);
	}
}

void raw_vcpu_at(struct raw_vcpu *v, enum guest_loop loop)
{
	raw_set(v, RAW_PC, guest_pc(loop));
	raw_set(v, 0, 0);
}

static void access_reg(struct raw_vcpu *v, unsigned long request, uint64_t id,
		uint64_t *value)
{
	const struct kvm_one_reg reg = { .id = id,
		.addr = (uint64_t)(uintptr_t)value };

	must(v->fd, request, &reg, "a register");
}

static uint64_t id_of(unsigned reg)
{
	size_t offset = reg == RAW_PC ? offsetof(struct kvm_regs, regs.pc)
				      : offsetof(struct kvm_regs, regs.regs) +
					8 * (size_t)reg;

	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
			offset / sizeof(uint32_t);
}

uint64_t raw_get(struct raw_vcpu *v, unsigned reg)
{
	uint64_t value = 0;

	access_reg(v, KVM_GET_ONE_REG, id_of(reg), &value);
	return value;
}

void raw_set(struct raw_vcpu *v, unsigned reg, uint64_t value)
{
	access_reg(v, KVM_SET_ONE_REG, id_of(reg), &value);
}

static uint64_t sys_id(uint16_t reg)
{
	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | reg;
}

uint64_t raw_get_sys(struct raw_vcpu *v, uint16_t reg)
{
	uint64_t value = 0;

	access_reg(v, KVM_GET_ONE_REG, sys_id(reg), &value);
	return value;
}

void raw_set_sys(struct raw_vcpu *v, uint16_t reg, uint64_t value)
{
	access_reg(v, KVM_SET_ONE_REG, sys_id(reg), &value);
}

void raw_debug(struct raw_vcpu *v, unsigned on)
{
	const struct kvm_guest_debug debug = { .control = on
				? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP
				: 0 };

	must(v->fd, KVM_SET_GUEST_DEBUG, &debug, "KVM_SET_GUEST_DEBUG");
}

void raw_slot(uint32_t slot, uint32_t flags, uint64_t ipa, uint64_t size,
		void *host)
{
	struct kvm_userspace_memory_region region = { .slot = slot,
		.flags = flags, .guest_phys_addr = ipa, .memory_size = size,
		.userspace_addr = (uint64_t)(uintptr_t)host };

	must(vm, KVM_SET_USER_MEMORY_REGION, &region, "a slot");
}
