/* SPDX-License-Identifier: MIT */
/*
 * Events that were read from the trace and wait for their thread. Events own
 * a copy of their bytes.
 */
#ifndef HVT_REPLAY_QUEUE_H
#define HVT_REPLAY_QUEUE_H

#include <hvtrace/hvtrace.h>

struct hvt_queue {
	struct hvt_event *events; /* ring */
	size_t head, count, capacity;
};

/* 0 or -ENOMEM. */
int hvt_queue_push(struct hvt_queue *q, const struct hvt_event *event);

/* The oldest event, or NULL. Valid until the next push or take. */
const struct hvt_event *hvt_queue_peek(const struct hvt_queue *q);

/* The index-th oldest, index below count. As long as hvt_queue_peek()'s. */
const struct hvt_event *hvt_queue_at(const struct hvt_queue *q, size_t index);

/* Moves the oldest event out; its bytes, if any, are now the caller's. */
void hvt_queue_take(struct hvt_queue *q, struct hvt_event *event);

void hvt_queue_fini(struct hvt_queue *q);

#endif
