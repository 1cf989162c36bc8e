/* SPDX-License-Identifier: MIT */
/* The events of a write-ahead log, for a reader: a copy of what is there. */
#ifndef HVT_TRACE_LOG_TAIL_H
#define HVT_TRACE_LOG_TAIL_H

#include "source.h"

/*
 * Fills s->tail with all events of the trace's log, in the order of their
 * numbers, and sets s->state. No log is no error: the tail is empty; so it is
 * if the log is damaged, see s->log_damaged.
 */
int hvt_log_tail_load(struct hvt_source *s);

/* Drops those that are in the file, and numbers the rest behind them. */
void hvt_log_tail_trim(struct hvt_source *s);

#endif
