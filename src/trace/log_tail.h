/* SPDX-License-Identifier: MIT */
/* The events of a write-ahead log, for a reader: a copy of what is there. */
#ifndef HVT_TRACE_LOG_TAIL_H
#define HVT_TRACE_LOG_TAIL_H

#include "source.h"

/*
 * Fills s->tail with all events of the trace's log, in the order of their
 * numbers, and sets s->state. No log is no error: the tail is empty.
 */
int hvt_log_tail_load(struct hvt_source *s);

/* Drops those before number first, which are in the file. */
void hvt_log_tail_trim(struct hvt_source *s, uint64_t first);

#endif
