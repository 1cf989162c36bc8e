/* SPDX-License-Identifier: MIT */
/*
 * What hvtrace replay --keep-going tolerates: a VMM that reads more, or less, of
 * its vCPUs and GIC than it did when recorded. A read changes nothing, so one
 * that is left out has no consequence. One that is made anew is answered where
 * the trace has the answer: the same was read before or after, and in between
 * the thread did nothing but read.
 */
#ifndef HVT_REPLAY_LENIENT_H
#define HVT_REPLAY_LENIENT_H

#include "queue.h"

/* Does the call only tell what a vCPU or the GIC holds, or the time? */
bool hvt_is_read(const struct hvt_event *event);

/* The thread was answered with event: known is what it has read since. */
void hvt_known_note(struct hvt_queue *known, const struct hvt_event *event);

/*
 * The recorded answer to call, which was not made then, from known and from what
 * is due next; NULL: it is not in the trace.
 */
const struct hvt_event *hvt_known_find(const struct hvt_queue *known,
		const struct hvt_queue *due, const struct hvt_event *call);

/* Is call due, behind nothing but reads? */
bool hvt_is_due_behind_reads(const struct hvt_queue *due,
		const struct hvt_event *call);

#endif
