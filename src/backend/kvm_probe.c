/* SPDX-License-Identifier: MIT */
/*
 * What this host's KVM can do. Asked of KVM itself, in a scratch VM where
 * needed, and never inferred from a kernel version.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvm.h"

struct requirement {
	const char *name;
	unsigned long cap; /* 0: probed another way */
	const char *purpose;
};

static const struct requirement requirements[] = {
	{ "KVM_CAP_ONE_REG", KVM_CAP_ONE_REG, "reading and writing registers" },
	{ "KVM_CAP_ARM_USER_IRQ", KVM_CAP_ARM_USER_IRQ,
		"interrupts and timer exits without an in-kernel GIC" },
	{ "KVM_CAP_IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT,
		"hv_vcpus_exit" },
	{ "KVM_CAP_ARM_NISV_TO_USER", KVM_CAP_ARM_NISV_TO_USER,
		"data aborts without a syndrome" },
	{ "KVM_CAP_READONLY_MEM", KVM_CAP_READONLY_MEM,
		"memory without HV_MEMORY_WRITE" },
	{ "KVM_CAP_SET_GUEST_DEBUG", KVM_CAP_SET_GUEST_DEBUG,
		"hv_vcpu_set_trap_debug_exceptions" },
	{ "KVM_CAP_COUNTER_OFFSET", KVM_CAP_COUNTER_OFFSET,
		"guest time equal to mach_absolute_time (Linux 6.4)" },
	{ "KVM_ARM_VM_SMCCC_FILTER", 0,
		"HVC and SMC reaching the VMM (Linux 6.4)" },
};

#define REQUIREMENTS (sizeof(requirements) / sizeof(requirements[0]))

static int check_cap(int kvm, unsigned long cap)
{
	return hvt_kvm_sys->ioctl_number(kvm, KVM_CHECK_EXTENSION, cap);
}

/* The filter has no capability number: a VM is asked for its attribute. */
static int has_smccc_filter(int kvm, bool *has)
{
	struct kvm_device_attr attr = { .group = KVM_ARM_VM_SMCCC_CTRL,
		.attr = KVM_ARM_VM_SMCCC_FILTER };
	int vm = hvt_kvm_sys->ioctl_number(kvm, KVM_CREATE_VM, IPA_BITS_MIN);

	if (vm < 0)
		return vm;
	*has = !hvt_kvm_sys->ioctl(vm, KVM_HAS_DEVICE_ATTR, &attr);
	hvt_kvm_sys->close(vm);
	return 0;
}

static int is_met(int kvm, const struct requirement *r, bool *met)
{
	if (!r->cap)
		return has_smccc_filter(kvm, met);
	*met = check_cap(kvm, r->cap) > 0;
	return 0;
}

int hvt_kvm_check_host(int kvm)
{
	for (size_t i = 0; i < REQUIREMENTS; i++) {
		bool met = false;
		int err = is_met(kvm, &requirements[i], &met);

		if (err || !met)
			return err ? err : -EOPNOTSUPP;
	}
	return 0;
}

bool hvt_kvm_host_fact_at(size_t index, struct hvt_host_fact *fact)
{
	const struct requirement *r;
	bool met = false;
	int kvm;

	if (index > REQUIREMENTS + 1)
		return false;
	if (index == REQUIREMENTS + 1) {
		*fact = (struct hvt_host_fact){ "exit records",
			hvt_kvm_records_start(), false,
			"exits at half the cost (CAP_BPF and CAP_PERFMON, or "
			"hvtrace-bpf-helper)" };
		return true;
	}
	kvm = hvt_kvm_sys->open_kvm();
	if (index == 0) {
		*fact = (struct hvt_host_fact){ "/dev/kvm", kvm >= 0, true,
			kvm == -EACCES ? "exists, but this user may not open it"
				       : "running guests" };
	} else {
		r = &requirements[index - 1];
		if (kvm >= 0 && is_met(kvm, r, &met))
			met = false;
		*fact = (struct hvt_host_fact){ r->name, met, true,
			r->purpose };
	}
	if (kvm >= 0)
		hvt_kvm_sys->close(kvm);
	return true;
}

/* Exit records, behind the requirements, are a program that the kernel checks. */
bool hvt_kvm_host_lacks(struct hvt_host_fact *fact)
{
	for (size_t i = 0; i <= REQUIREMENTS; i++)
		if (hvt_kvm_host_fact_at(i, fact) && !fact->present)
			return true;
	return false;
}

int hvt_kvm_max_ipa_bits(uint32_t *bits)
{
	int kvm = hvt_kvm_sys->open_kvm(), n;

	if (kvm < 0)
		return kvm;
	n = check_cap(kvm, KVM_CAP_ARM_VM_IPA_SIZE);
	hvt_kvm_sys->close(kvm);
	/* Absent: the one size that every arm64 KVM has had. */
	*bits = n > 0 ? (uint32_t)n : 40;
	return 0;
}

/* Nested virtualization, and the GIC that it needs. */
int hvt_kvm_el2_supported(bool *supported)
{
	int kvm = hvt_kvm_sys->open_kvm();

	if (kvm < 0)
		return kvm;
	*supported = check_cap(kvm, KVM_CAP_ARM_EL2) > 0;
	hvt_kvm_sys->close(kvm);
	return 0;
}

/* A slot of one page, and what the guest that there is not has written to it. */
static int try_log(int vm, size_t size, uint64_t *room)
{
	struct kvm_userspace_memory_region region = {
		.flags = KVM_MEM_LOG_DIRTY_PAGES,
		.memory_size = size,
		.userspace_addr = (uint64_t)(uintptr_t)room,
	};
	struct kvm_dirty_log log = { .dirty_bitmap = room };
	int err = hvt_kvm_sys->ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);

	if (!err)
		err = hvt_kvm_sys->ioctl(vm, KVM_GET_DIRTY_LOG, &log);
	return !err && *room ? -EIO : err;
}

int hvt_kvm_slots_log(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t *room = aligned_alloc(size, size);
	int kvm = room ? hvt_kvm_sys->open_kvm() : -ENOMEM;
	int vm = kvm < 0 ? kvm : hvt_kvm_sys->ioctl_number(
			kvm, KVM_CREATE_VM, IPA_BITS_MIN);
	int err = vm < 0 ? vm : try_log(vm, size, room);

	if (vm >= 0)
		hvt_kvm_sys->close(vm);
	if (kvm >= 0)
		hvt_kvm_sys->close(kvm);
	free(room);
	return err;
}
