/* SPDX-License-Identifier: MIT */
/*
 * The agent: one vCPU more than the API has, whose code is ours. It does one
 * load or store of the guest's address space, by which KVM's devices see an
 * access of a guest, with all that this means to them.
 *
 * Its code is a page at an IPA of its own, read-only: the store to that page
 * with which each piece of it ends is the exit that says it is done.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm.h"

#define EL1H_MASKED 0x3c5ull
#define EL2H_MASKED 0x3c9ull

static struct {
	int fd;
	struct kvm_run *run;
	uint32_t *code;
	size_t code_size;
} agent = { .fd = -1 };

/* One access at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Accesses of X0 at the address in X1, by log2 of their size. */
static const uint32_t stores[] = { 0x39000020, 0x79000020, 0xb9000020,
	0xf9000020 };
static const uint32_t loads[] = { 0x39400020, 0x79400020, 0xb9400020,
	0xf9400020 };
/* adr x2, . ; str wzr, [x2] ; b . */
static const uint32_t ending[] = { 0x10000002, 0xb900005f, 0x14000000 };

#define PIECE_WORDS 4u

static void write_code(uint32_t *code)
{
	for (unsigned i = 0; i < 8; i++, code += PIECE_WORDS) {
		code[0] = i < 4 ? stores[i] : loads[i - 4];
		memcpy(code + 1, ending, sizeof(ending));
	}
}

static uint64_t code_ipa(void)
{
	return hvt_kvm.hidden + HVT_HIDDEN_AGENT;
}

static int map_code(void)
{
	struct kvm_userspace_memory_region region = {
		.slot = HVT_AGENT_SLOT,
		.flags = KVM_MEM_READONLY,
		.guest_phys_addr = code_ipa(),
	};
	void *p;

	agent.code_size = (size_t)sysconf(_SC_PAGESIZE);
	p = mmap(NULL, agent.code_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	agent.code = p;
	write_code(agent.code);
	__builtin___clear_cache((char *)p, (char *)p + agent.code_size);
	region.memory_size = agent.code_size;
	region.userspace_addr = (uint64_t)(uintptr_t)p;
	return hvt_kvm_sys->ioctl(
			hvt_kvm.vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static int set(hv_reg_t reg, uint64_t value)
{
	return hvt_kvm_one_reg(agent.fd, KVM_SET_ONE_REG, hvt_kvm_reg_id(reg),
			&value);
}

int hvt_kvm_agent_open(void)
{
	void *run;
	int err;

	if (agent.run)
		return 0;
	/* KVM has it from the first time on. */
	if (agent.fd < 0)
		agent.fd = hvt_kvm_sys->ioctl_number(
				hvt_kvm.vm, KVM_CREATE_VCPU, HVT_VCPU_MAX);
	if (agent.fd < 0)
		return agent.fd;
	err = hvt_kvm_sys->map(agent.fd, hvt_kvm.run_size, &run);
	if (!err)
		agent.run = run;
	return err;
}

static int init_vcpu(void)
{
	int err = hvt_kvm_vcpu_init(hvt_kvm.vm, agent.fd, hvt_kvm.el2);

	/* The MMU is off at reset, and stays so. */
	return err ? err
		   : set(HV_REG_CPSR, hvt_kvm.el2 ? EL2H_MASKED
						  : EL1H_MASKED);
}

int hvt_kvm_agent_check(void)
{
	struct kvm_userspace_memory_region region = {
		.slot = HVT_AGENT_SLOT,
		.guest_phys_addr = hvt_kvm.hidden,
		.memory_size = HVT_HIDDEN_SIZE,
	};
	void *p = mmap(NULL, HVT_HIDDEN_SIZE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int err;

	if (p == MAP_FAILED)
		return -ENOMEM;
	region.userspace_addr = (uint64_t)(uintptr_t)p;
	err = hvt_kvm_sys->ioctl(
			hvt_kvm.vm, KVM_SET_USER_MEMORY_REGION, &region);
	region.memory_size = 0;
	if (!err)
		err = hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_SET_USER_MEMORY_REGION,
				&region);
	munmap(p, HVT_HIDDEN_SIZE);
	return err == -EEXIST ? -EINVAL : err;
}

int hvt_kvm_agent_create(void)
{
	struct hvt_engine_vcpu v = { .id = HVT_VCPU_MAX };
	int err = init_vcpu();

	v.fast.fd = agent.fd;
	if (!err)
		err = hvt_kvm_gic_park(&v);
	return err ? err : map_code();
}

/* Of a VM that comes to its end: KVM forgets the slot with it. */
void hvt_kvm_agent_destroy(void)
{
	if (agent.run)
		hvt_kvm_sys->unmap(agent.run, hvt_kvm.run_size);
	if (agent.fd >= 0)
		hvt_kvm_sys->close(agent.fd);
	if (agent.code)
		munmap(agent.code, agent.code_size);
	agent.run = NULL;
	agent.code = NULL;
	agent.fd = -1;
}

/* Signals of the thread are no business of the agent's. */
static int run_to_end(void)
{
	int err;

	agent.run->exit_reason = 0;
	do
		err = hvt_kvm_sys->ioctl_number(agent.fd, KVM_RUN, 0);
	while (err == -EINTR);
	if (err)
		return err;
	return agent.run->exit_reason == KVM_EXIT_MMIO &&
			agent.run->mmio.is_write &&
			agent.run->mmio.phys_addr - code_ipa() <
					agent.code_size
			? 0
			: -EIO;
}

static int do_access(uint64_t ipa, unsigned piece, uint64_t *value)
{
	uint64_t pc = code_ipa() + piece * PIECE_WORDS * sizeof(uint32_t);
	int err = set(HV_REG_X0, *value);

	if (!err)
		err = set(HV_REG_X1, ipa);
	if (!err)
		err = set(HV_REG_PC, pc);
	if (!err)
		err = run_to_end();
	return err ? err : hvt_kvm_one_reg(agent.fd, KVM_GET_ONE_REG,
			hvt_kvm_reg_id(HV_REG_X0), value);
}

int hvt_kvm_agent_access(uint64_t ipa, unsigned size, bool write,
		uint64_t *value)
{
	unsigned log2 = (unsigned)__builtin_ctz(size);
	int err;

	pthread_mutex_lock(&lock);
	err = do_access(ipa, write ? log2 : log2 + 4, value);
	pthread_mutex_unlock(&lock);
	return err;
}
