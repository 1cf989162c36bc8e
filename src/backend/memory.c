/* SPDX-License-Identifier: MIT */
/*
 * hv_vm_map, hv_vm_unmap, hv_vm_protect: a sorted list of mapped regions, one
 * memory slot of the engine each. Operations on part of a region split it
 * first. Splitting is not atomic in the engine, so all vCPUs are kept outside
 * the guest meanwhile: a guest never sees a page missing that is mapped.
 *
 * Stage 2 is readable memory with or without WRITE; EXEC cannot be withheld
 * there, and a region without READ has no slot at all (docs/COVERAGE.md).
 */
#include "guest_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "guarded_copy.h"
#include "vm.h"

#define NO_SLOT UINT32_MAX

struct region {
	uint64_t ipa, size;
	uint8_t *host;
	hv_memory_flags_t flags;
	uint32_t slot;
};

/*
 * Changed under the lock of the VM and map_lock; vCPU threads that are outside
 * the guest look things up under map_lock alone. Sorted by ipa, never
 * overlapping.
 */
static pthread_rwlock_t map_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct region *regions;
static size_t count, capacity;
static uint8_t *slot_used; /* bitmap, slot_limit() bits */

static const hv_memory_flags_t all_flags =
		HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC;

static bool page_aligned(uint64_t v)
{
	return v % (uint64_t)sysconf(_SC_PAGESIZE) == 0;
}

static int check_range(uint64_t ipa, uint64_t size)
{
	uint64_t limit;
	int err = hvt_vm_check();

	if (err)
		return err;
	limit = 1ull << hvt_vm.ipa_bits;
	if (!size || !page_aligned(ipa) || !page_aligned(size) ||
			size > limit || ipa > limit - size)
		return -EINVAL;
	return 0;
}

/* Index of the first region that ends behind ipa. */
static size_t find(uint64_t ipa)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (regions[middle].ipa + regions[middle].size <= ipa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int slot_alloc(uint32_t *slot)
{
	uint32_t limit = hvt_engine->slot_limit();

	if (!slot_used)
		slot_used = calloc(1, limit / 8 + 1);
	if (!slot_used)
		return -ENOMEM;
	for (uint32_t i = 0; i < limit; i++) {
		if (slot_used[i / 8] & 1u << i % 8)
			continue;
		slot_used[i / 8] |= (uint8_t)(1u << i % 8);
		*slot = i;
		return 0;
	}
	return -ENOSPC;
}

static void slot_free(uint32_t slot)
{
	slot_used[slot / 8] &= (uint8_t)~(1u << slot % 8);
}

/* Gives r a slot of the engine if its flags ask for one. */
static int attach(struct region *r)
{
	int err;

	r->slot = NO_SLOT;
	if (!(r->flags & HV_MEMORY_READ))
		return 0;
	err = slot_alloc(&r->slot);
	if (err)
		return err;
	err = hvt_engine->slot_set(r->slot, r->ipa, r->size, r->host, r->flags);
	if (err) {
		slot_free(r->slot);
		r->slot = NO_SLOT;
	}
	return err;
}

static void detach(struct region *r)
{
	if (r->slot == NO_SLOT)
		return;
	(void)hvt_engine->slot_clear(r->slot);
	slot_free(r->slot);
	r->slot = NO_SLOT;
}

static int make_room(size_t more)
{
	struct region *bigger;

	if (count + more <= capacity)
		return 0;
	bigger = realloc(regions, (count + more) * 2 * sizeof(*regions));
	if (!bigger)
		return -ENOMEM;
	regions = bigger;
	capacity = (count + more) * 2;
	return 0;
}

static void insert(size_t at, const struct region *r)
{
	memmove(&regions[at + 1], &regions[at],
			(count - at) * sizeof(*regions));
	regions[at] = *r;
	count++;
}

static void erase(size_t at)
{
	count--;
	memmove(&regions[at], &regions[at + 1],
			(count - at) * sizeof(*regions));
}

static int map(void *addr, uint64_t ipa, uint64_t size, hv_memory_flags_t flags)
{
	struct region r = { ipa, size, addr, flags, NO_SLOT };
	size_t at;
	int err = check_range(ipa, size);

	if (err)
		return err;
	if (!addr || !page_aligned((uintptr_t)addr) || flags & ~all_flags)
		return -EINVAL;
	at = find(ipa);
	if (at < count && regions[at].ipa < ipa + size)
		return -EINVAL;
	err = make_room(1);
	if (!err)
		err = attach(&r);
	if (err)
		return err;
	insert(at, &r);
	hvt_guard_renew();
	return 0;
}

/* Is every page of the range mapped? */
static bool covered(uint64_t ipa, uint64_t end)
{
	for (size_t i = find(ipa); ipa < end; i++) {
		if (i >= count || regions[i].ipa > ipa)
			return false;
		ipa = regions[i].ipa + regions[i].size;
	}
	return true;
}

/*
 * Cuts the region that ipa lies inside of in two at ipa. The vCPUs are
 * paused. If the engine cannot hold both halves, the whole is put back.
 */
static int cut(uint64_t ipa)
{
	size_t at = find(ipa);
	struct region whole, low, high;
	int err;

	if (at >= count || regions[at].ipa >= ipa)
		return 0;
	err = make_room(1);
	if (err)
		return err;
	whole = low = high = regions[at];
	low.size = ipa - whole.ipa;
	high.ipa = ipa;
	high.size = whole.size - low.size;
	high.host = whole.host + low.size;
	detach(&regions[at]);
	err = attach(&low);
	if (err)
		goto err_whole;
	err = attach(&high);
	if (err)
		goto err_low;
	regions[at] = low;
	insert(at + 1, &high);
	return 0;

err_low:
	detach(&low);
err_whole:
	(void)attach(&regions[at]);
	return err;
}

static void drop(uint64_t ipa, uint64_t end)
{
	size_t at = find(ipa);

	while (at < count && regions[at].ipa < end) {
		detach(&regions[at]);
		erase(at);
	}
}

static int set_flags(uint64_t ipa, uint64_t end, hv_memory_flags_t flags)
{
	for (size_t i = find(ipa); i < count && regions[i].ipa < end; i++) {
		hv_memory_flags_t before = regions[i].flags;
		int err;

		if (before == flags)
			continue;
		detach(&regions[i]);
		regions[i].flags = flags;
		err = attach(&regions[i]);
		if (!err)
			continue;
		regions[i].flags = before;
		(void)attach(&regions[i]);
		return err;
	}
	return 0;
}

/* Cuts the range out and, with no flags given, drops it. */
static int change(uint64_t ipa, uint64_t size, const hv_memory_flags_t *flags)
{
	uint64_t end = ipa + size;
	int err = check_range(ipa, size);

	if (err)
		return err;
	if (!covered(ipa, end))
		return -EINVAL;
	hvt_engine->pause();
	err = cut(ipa);
	if (!err)
		err = cut(end);
	if (!err && flags)
		err = set_flags(ipa, end, *flags);
	else if (!err)
		drop(ipa, end);
	hvt_engine->resume();
	return err;
}

static void lock(void)
{
	pthread_mutex_lock(&hvt_vm.lock);
	pthread_rwlock_wrlock(&map_lock);
}

static void unlock(void)
{
	pthread_rwlock_unlock(&map_lock);
	pthread_mutex_unlock(&hvt_vm.lock);
}

int hvt_vm_map(void *addr, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
	int err;

	lock();
	err = map(addr, ipa, size, flags);
	unlock();
	return err;
}

int hvt_vm_unmap(hv_ipa_t ipa, size_t size)
{
	int err;

	lock();
	err = change(ipa, size, NULL);
	unlock();
	return err;
}

int hvt_vm_protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
	int err;

	if (flags & ~all_flags)
		return -EINVAL;
	lock();
	err = change(ipa, size, &flags);
	unlock();
	return err;
}

/* The region that holds all of the range; NULL if none does. */
static const struct region *region_at(uint64_t ipa, uint64_t size)
{
	size_t at = find(ipa);
	const struct region *r = at < count ? &regions[at] : NULL;

	return r && ipa >= r->ipa && size <= r->ipa + r->size - ipa ? r : NULL;
}

bool hvt_memory_flags(uint64_t ipa, hv_memory_flags_t *flags)
{
	const struct region *r;

	pthread_rwlock_rdlock(&map_lock);
	r = region_at(ipa, 1);
	if (r)
		*flags = r->flags;
	pthread_rwlock_unlock(&map_lock);
	return r;
}

bool hvt_memory_read(uint64_t ipa, void *p, size_t size)
{
	const struct region *r;
	bool readable;

	pthread_rwlock_rdlock(&map_lock);
	r = region_at(ipa, size);
	readable = r && r->flags & HV_MEMORY_READ &&
			!hvt_guarded_copy(p, r->host + (ipa - r->ipa), size);
	pthread_rwlock_unlock(&map_lock);
	return readable;
}

void hvt_memory_reset(void)
{
	pthread_rwlock_wrlock(&map_lock);
	for (size_t i = 0; i < count; i++)
		detach(&regions[i]);
	free(regions);
	free(slot_used);
	regions = NULL;
	slot_used = NULL;
	count = capacity = 0;
	hvt_guard_remove();
	pthread_rwlock_unlock(&map_lock);
}
