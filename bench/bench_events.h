/* SPDX-License-Identifier: MIT */
/*
 * What to measure with: the trace that was named, else the boot that
 * scripts/demo records, else one made up here, of calls as a VMM makes them.
 */
#ifndef HVT_BENCH_EVENTS_H
#define HVT_BENCH_EVENTS_H

#include "bench.h"
#include "trace.h"

/* All events of a trace, in memory. */
struct bench_events {
	struct hvt_event *events;
	uint64_t count, exits;
};

/* The trace to read; a note on stderr says if it is made up. */
const char *bench_trace_path(const struct bench *b);

/* At most limit of its events. */
void bench_load(struct bench_events *e, const char *path, uint64_t limit);
void bench_unload(struct bench_events *e);

bool bench_is_exit(const struct hvt_event *event);

#endif
