/* SPDX-License-Identifier: MIT */
#include "read_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A batch is to stay in the caches between the two threads. */
#define BATCH_EVENTS 2048u
#define BATCH_BYTES  65536u
#define BATCHES      4u

struct batch {
	struct hvt_event events[BATCH_EVENTS];
	uint32_t count;
	uint8_t *bytes; /* of their buffers */
	size_t size, capacity;
	int got; /* what hvt_trace_next() said behind them */
	struct hvt_error error;
};

struct read_ahead {
	struct hvt_trace *trace;
	uint64_t to;
	pthread_t thread;
	pthread_mutex_t lock;
	/* Of the three below. Never do both threads wait for it. */
	pthread_cond_t changed;
	uint64_t filled, taken; /* batches so far */
	bool stop;
	/* The reader's: an event whose bytes had no room in its batch. */
	struct hvt_event held;
	bool has_held;
	uint32_t at; /* the taker's place in the oldest batch */
	struct batch batches[BATCHES];
};

static bool goes_on(int got)
{
	return got == 1 || got == -EBADMSG;
}

/* What is in a batch already is pointed into: it grows while it is empty. */
static bool has_room(struct batch *b, size_t size)
{
	size_t capacity = size > BATCH_BYTES ? size : BATCH_BYTES;
	uint8_t *more;

	if (size <= b->capacity - b->size)
		return true;
	if (b->size)
		return false;
	more = realloc(b->bytes, capacity);
	if (!more)
		return false;
	b->bytes = more;
	b->capacity = capacity;
	return true;
}

static void keep_bytes(struct batch *b, struct hvt_event *e)
{
	memcpy(b->bytes + b->size, e->data, e->data_size);
	e->data = b->bytes + b->size;
	b->size += e->data_size;
}

static int next_event(struct read_ahead *r, struct batch *b,
		struct hvt_event *e)
{
	int got;

	if (r->has_held) {
		*e = r->held;
		r->has_held = false;
		return 1;
	}
	got = hvt_trace_next(r->trace, e, &b->error);
	return got == 1 && e->number >= r->to ? 0 : got;
}

/* Puts off an event, or ends with the batch if no memory can be had for it. */
static void hold(struct read_ahead *r, struct batch *b,
		const struct hvt_event *e)
{
	if (!b->size) {
		b->got = -ENOMEM;
		b->error = (struct hvt_error){ .code = -ENOMEM,
			.event = e->number, .text = "out of memory" };
		return;
	}
	r->held = *e;
	r->has_held = true;
}

static void fill(struct read_ahead *r, struct batch *b)
{
	b->count = 0;
	b->size = 0;
	b->got = 1;
	while (b->count < BATCH_EVENTS) {
		struct hvt_event *e = &b->events[b->count];

		b->got = next_event(r, b, e);
		if (b->got != 1)
			return;
		if (e->data_size && !has_room(b, e->data_size)) {
			hold(r, b, e);
			return;
		}
		if (e->data_size)
			keep_bytes(b, e);
		b->count++;
	}
}

/* The batch that is filled next, once it is free; NULL: to stop. */
static struct batch *wait_for_room(struct read_ahead *r)
{
	struct batch *b;

	pthread_mutex_lock(&r->lock);
	while (!r->stop && r->filled - r->taken == BATCHES)
		pthread_cond_wait(&r->changed, &r->lock);
	b = r->stop ? NULL : &r->batches[r->filled % BATCHES];
	pthread_mutex_unlock(&r->lock);
	return b;
}

/* Counts one more batch that was filled, or taken. */
static void tell(struct read_ahead *r, uint64_t *counter)
{
	pthread_mutex_lock(&r->lock);
	(*counter)++;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static void *run(void *context)
{
	struct read_ahead *r = context;
	struct batch *b;
	bool more = true;

	while (more && (b = wait_for_room(r))) {
		fill(r, b);
		/* From then on the batch is the taker's. */
		more = goes_on(b->got);
		tell(r, &r->filled);
	}
	return NULL;
}

struct read_ahead *read_ahead_begin(struct hvt_trace *trace, uint64_t to)
{
	struct read_ahead *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->trace = trace;
	r->to = to;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	if (!pthread_create(&r->thread, NULL, run, r))
		return r;
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

static void wait_for_batch(struct read_ahead *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->filled == r->taken)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

int read_ahead_next(struct read_ahead *r, struct hvt_event *event,
		struct hvt_error *e)
{
	struct batch *b = &r->batches[r->taken % BATCHES];
	int got = 1;

	/* Where it is not at its first event the batch is known to be there. */
	if (!r->at)
		wait_for_batch(r);
	while (r->at == b->count && got == 1) {
		got = b->got;
		if (got != 1 && e)
			*e = b->error;
		/* The last one stays, to be told of again. */
		if (!goes_on(got))
			return got;
		r->at = 0;
		tell(r, &r->taken);
		if (got != 1)
			return got;
		b = &r->batches[r->taken % BATCHES];
		wait_for_batch(r);
	}
	*event = b->events[r->at++];
	return 1;
}

void read_ahead_end(struct read_ahead *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	for (uint32_t i = 0; i < BATCHES; i++)
		free(r->batches[i].bytes);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
