/* SPDX-License-Identifier: MIT */
/*
 * Ranges of an address space with something to each address: the last that was
 * set counts. Setting and finding take time that grows with the logarithm of
 * their number, whatever a trace makes of them.
 */
#ifndef HVT_REPLAY_EXTENTS_H
#define HVT_REPLAY_EXTENTS_H

#include <stdint.h>

struct hvt_extent_of {
	uint64_t start, last; /* of what is left of it */
	uint64_t origin;      /* where it began when it was set */
	uint64_t value;
	uint64_t since; /* when that was */
};

struct hvt_extents {
	void *root; /* of tsearch(3) */
};

/* [start, start + size), which is in the address space and not empty; -ENOMEM. */
int hvt_extents_set(struct hvt_extents *e, uint64_t start, uint64_t size,
		uint64_t value, uint64_t since);

/* NULL: nothing was set there. */
const struct hvt_extent_of *hvt_extents_find(const struct hvt_extents *e,
		uint64_t at);

/* Each of them, going up; not to be changed meanwhile. */
void hvt_extents_each(const struct hvt_extents *e,
		void (*each)(const struct hvt_extent_of *extent, void *context),
		void *context);

void hvt_extents_clear(struct hvt_extents *e);

#endif
