/* SPDX-License-Identifier: MIT */
/*
 * A trace read by a thread of its own, a few thousand events ahead of who takes
 * them: to decode events takes about as long as to count them.
 */
#ifndef HVTRACE_READ_AHEAD_H
#define HVTRACE_READ_AHEAD_H

#include <hvtrace/hvtrace.h>

struct read_ahead;

/*
 * Begins to read the trace from where it is, up to the event number to, which
 * is not given out. Until the end of it the trace is not to be moved; what it
 * tells of functions and facts may be asked for. NULL: no memory or thread.
 */
struct read_ahead *read_ahead_begin(struct hvt_trace *trace, uint64_t to);

/*
 * As hvt_trace_next(), which it can be called again behind damage as well. How
 * far the trace itself has got is known when there are no more.
 */
int read_ahead_next(struct read_ahead *r, struct hvt_event *event,
		struct hvt_error *e);

/* Stops, also in the midst of the trace. NULL is nothing. */
void read_ahead_end(struct read_ahead *r);

#endif
