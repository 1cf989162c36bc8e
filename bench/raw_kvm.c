/* SPDX-License-Identifier: MIT */
/* KVM's ioctls. */
#include "raw_kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "kvm_uapi.h"

static int must(int fd, unsigned long request, const void *arg, const char *what)
{
	int n = ioctl(fd, request, arg);

	bench_check(n < 0 ? -errno : 0, what);
	return n;
}

/* HVC with W0 from 0 on comes to user space. */
static void forward_calls(const struct raw_kvm *r)
{
	const struct kvm_smccc_filter filter = { .nr_functions = 0x80000000u,
		.action = KVM_SMCCC_FILTER_FWD_TO_USER };
	const struct kvm_device_attr attr = { .group = KVM_ARM_VM_SMCCC_CTRL,
		.attr = KVM_ARM_VM_SMCCC_FILTER,
		.addr = (uint64_t)(uintptr_t)&filter };

	must(r->vm, KVM_SET_DEVICE_ATTR, &attr, "KVM_ARM_VM_SMCCC_FILTER");
}

static void start_vcpu(struct raw_kvm *r)
{
	struct kvm_vcpu_init init;

	r->vcpu = must(r->vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	r->run = mmap(NULL, r->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			r->vcpu, 0);
	bench_check(r->run == MAP_FAILED ? -errno : 0, "struct kvm_run");
	must(r->vm, KVM_ARM_PREFERRED_TARGET, &init, "PREFERRED_TARGET");
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	must(r->vcpu, KVM_ARM_VCPU_INIT, &init, "KVM_ARM_VCPU_INIT");
}

void raw_kvm_start(struct raw_kvm *r, void *ram, uint64_t ipa, uint64_t size)
{
	struct kvm_userspace_memory_region region = { .guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (uint64_t)(uintptr_t)ram };

	r->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	bench_check(r->kvm < 0 ? -errno : 0, "/dev/kvm");
	r->vm = must(r->kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	r->run_size = (size_t)must(
			r->kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "MMAP_SIZE");
	must(r->vm, KVM_SET_USER_MEMORY_REGION, &region, "memory");
	forward_calls(r);
	start_vcpu(r);
	raw_kvm_set(r, RAW_PC, ipa);
}

void raw_kvm_stop(struct raw_kvm *r)
{
	munmap(r->run, r->run_size);
	close(r->vcpu);
	close(r->vm);
	close(r->kvm);
}

uint32_t raw_kvm_run(struct raw_kvm *r)
{
	must(r->vcpu, KVM_RUN, NULL, "KVM_RUN");
	return r->run->exit_reason;
}

static void access_reg(struct raw_kvm *r, unsigned long request, uint64_t id,
		uint64_t *value)
{
	const struct kvm_one_reg reg = { .id = id,
		.addr = (uint64_t)(uintptr_t)value };

	must(r->vcpu, request, &reg, "a register");
}

static uint64_t id_of(unsigned reg)
{
	size_t offset = reg == RAW_PC ? offsetof(struct kvm_regs, regs.pc)
				      : offsetof(struct kvm_regs, regs.regs) +
					8 * (size_t)reg;

	return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
			offset / sizeof(uint32_t);
}

uint64_t raw_kvm_get(struct raw_kvm *r, unsigned reg)
{
	uint64_t value = 0;

	access_reg(r, KVM_GET_ONE_REG, id_of(reg), &value);
	return value;
}

void raw_kvm_set(struct raw_kvm *r, unsigned reg, uint64_t value)
{
	access_reg(r, KVM_SET_ONE_REG, id_of(reg), &value);
}

void raw_kvm_set_sys(struct raw_kvm *r, uint16_t reg, uint64_t value)
{
	access_reg(r, KVM_SET_ONE_REG, KVM_REG_ARM64 | KVM_REG_SIZE_U64 |
					KVM_REG_ARM64_SYSREG | reg,
			&value);
}
