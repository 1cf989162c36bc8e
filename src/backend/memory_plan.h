/* SPDX-License-Identifier: MIT */
/*
 * A change of guest memory, from what is wanted to slots of the engine. The
 * engine can neither split a slot nor change its flags, so a change replaces
 * regions: make() works out which, carry_out() has the engine do it or leaves
 * all as it was, publish() enters it in the map. Under the lock of the VM.
 *
 * What a change touches is put together again with its neighbours where they
 * join, so slots do not pile up; but a stretch longer than a chunk (what one
 * block of stage 2 maps) is kept in up to three slots: its whole chunks, and
 * what is left at either end. Going through memory page by page then replaces
 * no more than two chunks a step, and the guest does not lose the translation
 * of everything again and again.
 */
#ifndef HVT_MEMORY_PLAN_H
#define HVT_MEMORY_PLAN_H

#include "region_map.h"

struct hvt_change {
	enum {
		HVT_CHANGE_MAP, /* host and flags; nothing is there */
		HVT_CHANGE_UNMAP,
		HVT_CHANGE_PROTECT, /* flags */
		HVT_CHANGE_JOIN,    /* the neighbours, nothing else */
	} what;
	uint64_t start, end;
	uint8_t *host;
	hv_memory_flags_t flags;
};

enum hvt_plan_way {
	HVT_PLAN_ADD,	/* only for MAP: leaves the neighbours alone */
	HVT_PLAN_FINE,	/* in whole chunks, and ends */
	HVT_PLAN_COARSE /* with as few slots as can be */
};

struct hvt_region_list {
	struct hvt_region **at;
	size_t count, capacity;
};

/* By IPA each. Those that are "kept" are in both, and are not touched. */
struct hvt_plan {
	struct hvt_region_list old; /* the map's */
	struct hvt_region_list new; /* the plan's, until published */
	size_t freed, made;	    /* slots */
};

/* Works it out; -ENOMEM. The plan is to be finished in any case. */
int hvt_plan_make(struct hvt_plan *p, const struct hvt_region_map *map,
	const struct hvt_change *c, enum hvt_plan_way way);
void hvt_plan_fini(struct hvt_plan *p);

/* Are there slots enough? */
bool hvt_plan_fits(const struct hvt_plan *p);

/*
 * Is a page that stays mapped away for a moment, or a log of what the guest
 * writes taken for the last time? Then the guest must not run.
 */
bool hvt_plan_needs_pause(const struct hvt_plan *p);

/*
 * 0, or -errno with the slots as they were. Should the engine not even take
 * back what it had before, regions are left without the slot that is due;
 * *lost counts them.
 */
int hvt_plan_carry_out(struct hvt_plan *p, size_t *lost);

void hvt_plan_publish(struct hvt_plan *p, struct hvt_region_map *map);

#endif
