/* SPDX-License-Identifier: MIT */
/*
 * Invalidating what CPUs have cached of a guest's tables. User space has no
 * instruction for it, but KVM invalidates all entries of a VM, stage 1 and 2,
 * on all CPUs, when the dirty pages of a memory slot begin to be logged
 * (kvm_mmu_wp_memory_region(), then TLBI VMALLS12E1IS or, by address,
 * IPAS2E1IS and VMALLE1IS). So a slot is made with that flag, and removed: of
 * one page without any access, at the end of the address space.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvm.h"

static int set_slot(uint64_t ipa, uint64_t size, void *host, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = hvt_kvm_slot_limit(),
		.flags = flags,
		.guest_phys_addr = ipa,
		.memory_size = size,
		.userspace_addr = (uint64_t)(uintptr_t)host,
	};

	return hvt_kvm_sys->ioctl(
			hvt_kvm.vm, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Where there is memory of the VMM's the next place is tried. */
static int set_slot_somewhere(
		uint64_t page, void *host, uint32_t flags, uint64_t *at)
{
	uint64_t ipa = (1ull << hvt_kvm.ipa_bits) - page, step = page;
	int err;

	while ((err = set_slot(ipa, page, host, flags)) == -EEXIST &&
			step < ipa) {
		ipa -= step;
		step *= 2;
	}
	*at = ipa;
	return err == -EEXIST ? -ENOSPC : err;
}

static pthread_mutex_t spare = PTHREAD_MUTEX_INITIALIZER;

int hvt_kvm_spare_begin(void *host, uint32_t flags, uint64_t *ipa)
{
	int err;

	pthread_mutex_lock(&spare);
	/* A device may be there, which a guest must not find gone. */
	hvt_kvm_pause();
	err = set_slot_somewhere((uint64_t)sysconf(_SC_PAGESIZE), host, flags,
			ipa);
	if (err) {
		hvt_kvm_resume();
		pthread_mutex_unlock(&spare);
	}
	return err;
}

int hvt_kvm_spare_end(void)
{
	int err = set_slot(0, 0, NULL, 0);

	hvt_kvm_resume();
	pthread_mutex_unlock(&spare);
	return err;
}

int hvt_kvm_invalidate_tlb(void)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), ipa;
	void *host = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	int err;

	if (host == MAP_FAILED)
		return -ENOMEM;
	err = hvt_kvm_spare_begin(host, KVM_MEM_LOG_DIRTY_PAGES, &ipa);
	if (!err)
		err = hvt_kvm_spare_end();
	munmap(host, page);
	return err;
}
