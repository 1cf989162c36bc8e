/* SPDX-License-Identifier: MIT */
/* What a reader has to do with a write-ahead log. */
#ifndef HVT_TRACE_LOG_TAIL_H
#define HVT_TRACE_LOG_TAIL_H

#include "source.h"

/* Is the recorder alive? Then it has been asked to write all it has. */
bool hvt_log_tail_ask(const struct hvt_source *s);

/*
 * The log of a recorder that died: fills s->tail with its events that are not
 * in the segments of s, numbered behind those. No log is no error: the tail is
 * empty; so it is if the log is damaged, see s->log_damaged. 0 or -errno.
 */
int hvt_log_tail_load(struct hvt_source *s);

#endif
