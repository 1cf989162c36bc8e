/* SPDX-License-Identifier: MIT */
/*
 * Memory slots, and reading the guest's memory for the instruction decoder.
 * Slots change while vCPU threads look things up: a lock of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

#define SLOTS_MAX HVT_AGENT_SLOT /* all but that */

struct slot {
	uint64_t ipa, size;
	uint8_t *host;
};

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct slot *slots; /* under lock; size 0: free */
static uint32_t slot_count;

static int ensure(uint32_t slot)
{
	uint32_t want = (slot + 64) / 64 * 64;
	struct slot *more;

	if (slot < slot_count)
		return 0;
	more = realloc(slots, want * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + slot_count, 0, (want - slot_count) * sizeof(*more));
	slots = more;
	slot_count = want;
	return 0;
}

static int update(uint32_t id, const struct slot *s, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = id,
		.flags = flags,
		.guest_phys_addr = s->ipa,
		.memory_size = s->size,
		.userspace_addr = (uint64_t)(uintptr_t)s->host,
	};
	int err;

	pthread_rwlock_wrlock(&lock);
	err = ensure(id);
	if (!err)
		err = hvt_kvm_sys->ioctl(hvt_kvm.vm,
				KVM_SET_USER_MEMORY_REGION, &region);
	if (!err)
		slots[id] = *s;
	pthread_rwlock_unlock(&lock);
	return err;
}

int hvt_kvm_slot_set(uint32_t slot, uint64_t ipa, uint64_t size, void *host,
		hv_memory_flags_t flags)
{
	struct slot s = { ipa, size, host };

	return update(slot, &s,
			flags & HV_MEMORY_WRITE ? 0 : KVM_MEM_READONLY);
}

int hvt_kvm_slot_clear(uint32_t slot)
{
	struct slot none = { 0 };

	return update(slot, &none, 0);
}

uint32_t hvt_kvm_slot_limit(void)
{
	int n = hvt_kvm_sys->ioctl_number(
			hvt_kvm.vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);

	return n > 0 && (uint32_t)n < SLOTS_MAX ? (uint32_t)n : SLOTS_MAX;
}

void hvt_kvm_slots_reset(void)
{
	pthread_rwlock_wrlock(&lock);
	free(slots);
	slots = NULL;
	slot_count = 0;
	pthread_rwlock_unlock(&lock);
}

bool hvt_kvm_guest_read(uint64_t ipa, void *p, size_t size)
{
	bool found = false;

	pthread_rwlock_rdlock(&lock);
	for (uint32_t i = 0; i < slot_count; i++) {
		const struct slot *s = &slots[i];

		if (ipa < s->ipa || size > s->size ||
				ipa - s->ipa > s->size - size)
			continue;
		memcpy(p, s->host + (ipa - s->ipa), size);
		found = true;
		break;
	}
	pthread_rwlock_unlock(&lock);
	return found;
}
