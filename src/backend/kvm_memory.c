/* SPDX-License-Identifier: MIT */
/* Memory slots. */
#include <errno.h>

#include "kvm.h"

#define SLOTS_MAX HVT_AGENT_SLOT /* all but that */

int hvt_kvm_slot_set(uint32_t slot, uint64_t ipa, uint64_t size, void *host,
		hv_memory_flags_t flags)
{
	uint32_t logs = flags & HVT_SLOT_LOGS ? KVM_MEM_LOG_DIRTY_PAGES : 0;
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags & HV_MEMORY_WRITE ? logs : KVM_MEM_READONLY,
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (uint64_t)(uintptr_t)host,
	};

	/* Within the VMM's space only where KVM has no bit more. */
	if (hvt_kvm.gic >= 0 && ipa + size > hvt_kvm.hidden)
		return -EINVAL;
	return hvt_kvm_sys->ioctl(
			hvt_kvm.vm, KVM_SET_USER_MEMORY_REGION, &region);
}

int hvt_kvm_slot_clear(uint32_t slot)
{
	struct kvm_userspace_memory_region none = { .slot = slot };

	return hvt_kvm_sys->ioctl(
			hvt_kvm.vm, KVM_SET_USER_MEMORY_REGION, &none);
}

/*
 * The log begins anew, and what it had is protected against writing again,
 * before this returns (KVM API, KVM_GET_DIRTY_LOG).
 */
int hvt_kvm_slot_dirty(uint32_t slot, uint64_t *dirty)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = dirty };

	return hvt_kvm_sys->ioctl(hvt_kvm.vm, KVM_GET_DIRTY_LOG, &log);
}

/* The last one is kvm_tlb.c's. */
uint32_t hvt_kvm_slot_limit(void)
{
	int n = hvt_kvm_sys->ioctl_number(
			hvt_kvm.vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);

	return (n > 0 && (uint32_t)n < SLOTS_MAX ? (uint32_t)n : SLOTS_MAX) - 1;
}
