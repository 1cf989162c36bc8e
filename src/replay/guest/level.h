/* SPDX-License-Identifier: MIT */
/*
 * How far a trace lets its guest be played again: see hvt_guest_level in
 * <hvtrace/hvtrace.h>. It is told by the events alone, as they come by, so that
 * no guest is needed to know.
 */
#ifndef HVT_GUEST_LEVEL_H
#define HVT_GUEST_LEVEL_H

#include <hvtrace/hvtrace.h>

#include "../extents.h"

#define HVT_LEVEL_THREADS 4096u

struct hvt_level {
	struct hvt_guest_level happened; /* at an event of the VMM */
	struct hvt_guest_level code;     /* may, by what the guest can do */
	uint64_t running[HVT_LEVEL_THREADS / 64]; /* threads in hv_vcpu_run */
	unsigned running_count;
	/* By number of contents: the place and word of the first such code. */
	struct hvt_extents sources;
};

/* Nothing but what the facts of trace say. */
void hvt_level_begin(struct hvt_level *l, const struct hvt_trace *trace);
void hvt_level_fini(struct hvt_level *l);

#endif
