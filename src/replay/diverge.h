/* SPDX-License-Identifier: MIT */
/* Telling what differed, in words. All return text to free, or NULL. */
#ifndef HVT_REPLAY_DIVERGE_H
#define HVT_REPLAY_DIVERGE_H

#include <hvtrace/hvtrace.h>

#include "replay_memory.h"

/* The VMM made another call than the trace has. param as of hvt_compare(). */
char *hvt_diverge_call(const struct hvt_event *event,
		const struct hvt_event *call, int param);

/* The VMM made a call after the last one of the trace. */
char *hvt_diverge_beyond(const struct hvt_event *call, uint64_t events);

/* Nothing moved for ms: what is due, and what a waiting thread wants (or NULL). */
char *hvt_diverge_stall(const struct hvt_event *due,
		const struct hvt_event *waiting, unsigned ms);

/* By the end of a turn the VMM has not done what it had. */
char *hvt_diverge_memory(const struct hvt_memory_difference *d);

/* With what may have come before; takes text, which may be NULL. */
char *hvt_diverge_after_guess(char *text, const struct hvt_memory_guess *g);

/* The VMM ended before the trace did. */
char *hvt_diverge_short(const struct hvt_event *due);

#endif
