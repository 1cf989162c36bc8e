/* SPDX-License-Identifier: MIT */
/* How many events, calls and exits a trace has, and of which functions. */
#ifndef HVTRACE_TRACE_COUNTS_H
#define HVTRACE_TRACE_COUNTS_H

#include "trace_walk.h"

#define TRACE_COUNTS_CALLS 65536u /* functions: docs/FORMAT.md */

struct trace_counts {
	uint64_t events, calls, exits, first, first_tick, last_tick;
	uint32_t threads;     /* the highest number and 1 */
	uint64_t *calls_of;   /* by function, */
	uint64_t *bytes_of;   /* and the bytes that these carried */
	uint32_t calls_limit; /* no function from here on was called */
	bool is_settled;      /* the level, before anything was damaged */
};

/* 0 or -ENOMEM; finish it in any case. */
int trace_counts_init(struct trace_counts *c);
void trace_counts_fini(struct trace_counts *c);

/*
 * Counts what is left of a walk, and has level see it, until that is settled; from
 * there on, several threads count. 0 or -ENOMEM.
 */
int trace_counts_walk(struct trace_counts *c, struct walk *w,
		struct hvt_level *level);

#endif
