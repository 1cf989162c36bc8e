/* SPDX-License-Identifier: MIT */
/*
 * hv_vm_map, hv_vm_unmap, hv_vm_protect: what is mapped where in the guest. A
 * change is planned (memory_plan.h), and done with all vCPUs outside the guest
 * where it could see a page missing that is mapped before and after.
 *
 * Stage 2 is readable memory with or without WRITE; EXEC cannot be withheld
 * there, and a region without READ has no slot at all (docs/COVERAGE.md).
 */
#include "guest_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "api.h"
#include "guarded_copy.h"
#include "host_memory.h"
#include "memory_log.h"
#include "memory_plan.h"
#include "memory_recording.h"
#include "memory_slots.h"
#include "guest_ram.h"
#include "vm.h"

/*
 * Changed under the lock of the VM and, for the moment of the change itself,
 * map_lock: vCPU threads that are outside the guest look things up under
 * map_lock alone, and who waits for a vCPU does not hold it.
 */
static struct hvt_region_map map;
static pthread_rwlock_t map_lock = PTHREAD_RWLOCK_INITIALIZER;
static size_t lost; /* regions without the slot that is due */
struct hvt_run_watch hvt_run_watch;

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

/* Is every page of the range mapped? */
static bool covered(uint64_t ipa, uint64_t end)
{
	while (ipa < end) {
		struct hvt_region *r = hvt_region_find(&map, ipa);

		if (!r || r->ipa > ipa)
			return false;
		ipa = hvt_region_end(r);
	}
	return true;
}

/* Nothing of it? */
static bool empty(uint64_t ipa, uint64_t end)
{
	struct hvt_region *r = hvt_region_find(&map, ipa);

	return !r || r->ipa >= end;
}

static int carry_out(struct hvt_plan *p)
{
	bool pause = hvt_plan_needs_pause(p);
	int err;

	if (pause)
		hvt_engine->pause(0);
	err = hvt_plan_carry_out(p, &lost);
	if (!err) {
		pthread_rwlock_wrlock(&map_lock);
		hvt_plan_publish(p, &map);
		atomic_fetch_add(&hvt_run_watch.changes, 1);
		pthread_rwlock_unlock(&map_lock);
	}
	if (pause)
		hvt_engine->resume();
	return err;
}

/* -ENOSPC if it takes more slots than there are; nothing has changed then. */
static int try(const struct hvt_change *c, enum hvt_plan_way way)
{
	struct hvt_plan p;
	int err = hvt_plan_make(&p, &map, c, way);

	if (!err && !hvt_plan_fits(&p))
		err = -ENOSPC;
	if (!err)
		err = carry_out(&p);
	hvt_plan_fini(&p);
	return err;
}

/* Puts together all that joins: its number of slots is then the least. */
static int join_all(void)
{
	struct hvt_region *r = hvt_region_find(&map, 0), *next;
	int err = 0;

	while (r && map.joins && !err) {
		uint64_t end = hvt_region_end(r);

		next = hvt_region_find(&map, end);
		if (hvt_region_joins(r, next)) {
			struct hvt_change c = { .what = HVT_CHANGE_JOIN,
				.start = end,
				.end = end };

			err = try(&c, HVT_PLAN_COARSE);
			next = hvt_region_find(&map, end);
		}
		r = next;
	}
	return err;
}

/* The engine had no memory for them when they were to be put back. */
static int find_lost(void)
{
	struct hvt_region *r = lost ? hvt_region_find(&map, 0) : NULL;
	int err = 0;

	while (r && !err) {
		if (r->slot == HVT_NO_SLOT)
			err = hvt_slot_attach(r);
		r = hvt_region_find(&map, hvt_region_end(r));
	}
	if (!err)
		lost = 0;
	return err;
}

/* What is quick to do as long as slots are plenty, then what is thrifty. */
static int change(const struct hvt_change *c)
{
	enum hvt_plan_way way = HVT_PLAN_FINE;
	int err = hvt_slots_init();

	if (!err)
		err = find_lost();
	if (err)
		return err;
	if (c->what == HVT_CHANGE_MAP)
		way = HVT_PLAN_ADD;
	else if (hvt_slots_free() < hvt_slots_limit() / 2)
		way = HVT_PLAN_COARSE;
	err = try(c, way);
	if (err == -ENOSPC && way != HVT_PLAN_COARSE)
		err = try(c, HVT_PLAN_COARSE);
	if (err == -ENOSPC && map.joins) {
		err = join_all();
		if (!err)
			err = try(c, HVT_PLAN_COARSE);
	}
	return err;
}

/* While memory is recorded guest and VMM have it by mappings of their own. */
static int map_view(struct hvt_change *c, void *addr)
{
	size_t size = c->end - c->start;
	int err = hvt_memory_is_recorded ? hvt_ram_adopt(addr, size, &c->host)
					 : 0;

	if (err)
		return err;
	err = change(c);
	if (err && hvt_memory_is_recorded)
		hvt_ram_abandon(c->host, size);
	return err;
}

int hvt_vm_map(void *addr, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
	struct hvt_change c = { HVT_CHANGE_MAP, ipa, ipa + size, addr, flags };
	int err;

	pthread_mutex_lock(&hvt_vm.lock);
	err = check_range(ipa, size);
	if (!err &&
		(!page_aligned((uintptr_t)addr) || flags & ~all_flags ||
			!empty(c.start, c.end)))
		err = -EINVAL;
	if (!err)
		err = hvt_host_memory_check(addr, size, flags);
	if (!err)
		err = map_view(&c, addr);
	if (!err)
		hvt_guard_renew();
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

/* What of views is mapped at a range, which is covered. */
struct view_list {
	struct view {
		const uint8_t *at;
		size_t size;
	} *views;
	size_t count;
};

static int list_views(struct view_list *list, uint64_t ipa, uint64_t end)
{
	while (ipa < end) {
		struct hvt_region *r = hvt_region_find(&map, ipa);
		uint64_t to = hvt_region_end(r) < end ? hvt_region_end(r) : end;
		struct view *more = realloc(list->views,
				(list->count + 1) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->views = more;
		more[list->count++] = (struct view){ r->host + (ipa - r->ipa),
			to - ipa };
		ipa = to;
	}
	return 0;
}

static int unmap(const struct hvt_change *c)
{
	struct view_list list = { 0 };
	int err = hvt_memory_is_recorded ? list_views(&list, c->start, c->end)
					 : 0;

	if (!err)
		err = change(c);
	for (size_t i = 0; i < list.count && !err; i++)
		hvt_ram_abandon(list.views[i].at, list.views[i].size);
	free(list.views);
	return err;
}

static int change_mapped(const struct hvt_change *c)
{
	int err;

	pthread_mutex_lock(&hvt_vm.lock);
	err = check_range(c->start, c->end - c->start);
	if (!err && !covered(c->start, c->end))
		err = -EINVAL;
	if (!err)
		err = c->what == HVT_CHANGE_UNMAP ? unmap(c) : change(c);
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

int hvt_vm_unmap(hv_ipa_t ipa, size_t size)
{
	struct hvt_change c = {
		.what = HVT_CHANGE_UNMAP, .start = ipa, .end = ipa + size
	};

	return change_mapped(&c);
}

int hvt_vm_protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
	struct hvt_change c = { .what = HVT_CHANGE_PROTECT,
		.start = ipa,
		.end = ipa + size,
		.flags = flags };

	return flags & ~all_flags ? -EINVAL : change_mapped(&c);
}

static bool holds(const struct hvt_region *r, uint64_t ipa, uint64_t size)
{
	return r && ipa >= r->ipa && ipa < hvt_region_end(r) &&
			size <= hvt_region_end(r) - ipa;
}

void hvt_memory_extent(uint64_t ipa, struct hvt_extent *extent)
{
	const struct hvt_region *next, *before;
	uint64_t end;

	pthread_rwlock_rdlock(&map_lock);
	next = hvt_region_find(&map, ipa);
	before = hvt_region_before(&map, ipa);
	if (next && next->ipa <= ipa) {
		extent->fsc = HVT_FSC_PERMISSION;
		extent->start = next->ipa;
		end = hvt_region_end(next);
	} else {
		extent->fsc = HVT_FSC_TRANSLATION;
		extent->start = before ? hvt_region_end(before) : 0;
		end = next ? next->ipa : UINT64_MAX;
	}
	extent->fsc |= HVT_FSC_LEVEL3;
	extent->size = end - extent->start;
	extent->changes = atomic_load(&hvt_run_watch.changes);
	pthread_rwlock_unlock(&map_lock);
}

void hvt_memory_look_begin(struct hvt_memory_look *look)
{
	pthread_rwlock_rdlock(&map_lock);
	look->region = NULL;
}

void hvt_memory_look_end(void)
{
	pthread_rwlock_unlock(&map_lock);
}

bool hvt_memory_look(struct hvt_memory_look *look, uint64_t ipa, void *p,
		size_t size)
{
	const struct hvt_region *r = look->region;

	if (!holds(r, ipa, size)) {
		r = look->region = hvt_region_find(&map, ipa);
		if (!holds(r, ipa, size))
			return false;
	}
	return r->flags & HV_MEMORY_READ &&
			!hvt_guarded_copy(p, r->host + (ipa - r->ipa), size);
}

bool hvt_memory_read(uint64_t ipa, void *p, size_t size)
{
	struct hvt_memory_look look;
	bool readable;

	hvt_memory_look_begin(&look);
	readable = hvt_memory_look(&look, ipa, p, size);
	hvt_memory_look_end();
	return readable;
}

void hvt_memory_reset(void)
{
	pthread_rwlock_wrlock(&map_lock);
	hvt_region_map_clear(&map);
	atomic_fetch_add(&hvt_run_watch.changes, 1);
	hvt_guard_remove();
	pthread_rwlock_unlock(&map_lock);
	hvt_slots_reset();
	hvt_memory_log_reset();
	if (hvt_memory_is_recorded)
		hvt_ram_reset();
	lost = 0;
}
