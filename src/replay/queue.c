/* SPDX-License-Identifier: MIT */
/* A growing ring of events. */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(struct hvt_queue *q)
{
	size_t capacity = q->capacity ? 2 * q->capacity : 64;
	struct hvt_event *events = malloc(capacity * sizeof(*events));

	if (!events)
		return -ENOMEM;
	for (size_t i = 0; i < q->count; i++)
		events[i] = q->events[(q->head + i) % q->capacity];
	free(q->events);
	q->events = events;
	q->head = 0;
	q->capacity = capacity;
	return 0;
}

int hvt_queue_push(struct hvt_queue *q, const struct hvt_event *event)
{
	struct hvt_event copy = *event;
	uint8_t *bytes = NULL;

	if (q->count == q->capacity && grow(q))
		return -ENOMEM;
	if (event->data_size) {
		bytes = malloc(event->data_size);
		if (!bytes)
			return -ENOMEM;
		memcpy(bytes, event->data, event->data_size);
	}
	copy.data = bytes;
	q->events[(q->head + q->count++) % q->capacity] = copy;
	return 0;
}

const struct hvt_event *hvt_queue_peek(const struct hvt_queue *q)
{
	return q->count ? &q->events[q->head] : NULL;
}

const struct hvt_event *hvt_queue_at(const struct hvt_queue *q, size_t index)
{
	return &q->events[(q->head + index) % q->capacity];
}

void hvt_queue_take(struct hvt_queue *q, struct hvt_event *event)
{
	*event = q->events[q->head];
	q->head = (q->head + 1) % q->capacity;
	q->count--;
}

void hvt_queue_fini(struct hvt_queue *q)
{
	struct hvt_event event;

	while (q->count) {
		hvt_queue_take(q, &event);
		free((void *)event.data);
	}
	free(q->events);
	*q = (struct hvt_queue){ 0 };
}
