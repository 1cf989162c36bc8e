/* SPDX-License-Identifier: MIT */
/*
 * What vCPUs did over time, in columns of a picture: how much of each column in
 * the guest and in the VMM, and exits by class. Pure.
 */
#ifndef HVTRACE_TIMELINE_H
#define HVTRACE_TIMELINE_H

#include "look/exits.h"

#define TIMELINE_COLUMNS 480u
#define TIMELINE_LANES	 16u /* vCPUs with a lane; others share the last */

struct timeline_lane {
	uint64_t guest[TIMELINE_COLUMNS]; /* ticks */
	uint64_t vmm[TIMELINE_COLUMNS];
	bool used;
};

struct timeline {
	uint64_t first, width; /* tick it begins with; ticks of a column */
	struct timeline_lane lanes[TIMELINE_LANES];
	uint64_t exits[TIMELINE_COLUMNS][EXIT_CLASSES];
};

/* From tick first to last. */
void timeline_init(struct timeline *t, uint64_t first, uint64_t last);

void timeline_add(struct timeline *t, const struct exit *exit);

/* The lane of a vCPU. */
unsigned timeline_lane(uint64_t vcpu);

#endif
