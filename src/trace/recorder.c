/* SPDX-License-Identifier: MIT */
/*
 * The recorder: events of all threads into one numbered sequence. Appending
 * encodes into a buffer under a lock; a thread of its own compresses and
 * writes full buffers, and part-full ones every 100 ms. Nothing is ever
 * dropped: when the writer falls behind, appending waits.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "facts.h"
#include "format.h"
#include "record.h"
#include "trace.h"
#include "writer.h"

#define FLUSH_NS    100000000L
#define BUFFER_HIGH (4u << 20) /* appending waits from here on */

struct buffer {
	uint8_t *bytes;
	size_t size, capacity;
	uint32_t count;
	uint64_t first;
};

struct hvt_recorder {
	pthread_mutex_t lock;
	pthread_cond_t full;    /* filling has enough for a block */
	pthread_cond_t drained; /* filling was taken over */
	pthread_t flusher;
	struct hvt_writer *writer;       /* the flusher's, after open */
	struct buffer filling;           /* under lock */
	struct hvt_record_state state;   /* under lock */
	uint64_t next;                   /* under lock: number of next event */
	int error;                       /* under lock: first error, sticky */
	bool stop;                       /* under lock */
};

static int buffer_reserve(struct buffer *b, size_t more)
{
	size_t capacity = b->capacity ? b->capacity : 2 * HVT_RAW_TARGET;
	uint8_t *p;

	while (capacity < b->size + more)
		capacity *= 2;
	if (capacity == b->capacity)
		return 0;
	p = realloc(b->bytes, capacity);
	if (!p)
		return -ENOMEM;
	b->bytes = p;
	b->capacity = capacity;
	return 0;
}

static void wait_for_work(struct hvt_recorder *r)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += FLUSH_NS;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	while (!r->stop && r->filling.size < HVT_RAW_TARGET)
		if (pthread_cond_timedwait(&r->full, &r->lock, &until))
			break;
}

/* Takes the filled buffer over and leaves an empty one in its place. */
static void take(struct hvt_recorder *r, struct buffer *b)
{
	struct buffer empty = { .bytes = b->bytes, .capacity = b->capacity,
		.first = r->next };

	*b = r->filling;
	r->filling = empty;
	/* A reader starts each block from nothing. */
	r->state = (struct hvt_record_state){ 0 };
	pthread_cond_broadcast(&r->drained);
}

static void *flush_loop(void *arg)
{
	struct hvt_recorder *r = arg;
	struct buffer b = { 0 };
	bool stop;

	pthread_mutex_lock(&r->lock);
	do {
		int err;

		wait_for_work(r);
		stop = r->stop;
		err = r->error;
		take(r, &b);
		/* The last block: whatever comes now comes too late. */
		if (stop && !err)
			r->error = -ESHUTDOWN;
		pthread_mutex_unlock(&r->lock);
		if (b.count && !err)
			err = hvt_writer_block(r->writer, b.bytes, b.size,
					b.count, b.first);
		pthread_mutex_lock(&r->lock);
		if (err && (!r->error || r->error == -ESHUTDOWN))
			r->error = err;
	} while (!stop);
	pthread_mutex_unlock(&r->lock);
	free(b.bytes);
	return NULL;
}

/* Signals are the VMM's business: the flusher must not take any. */
static int start_flusher(struct hvt_recorder *r)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&r->flusher, NULL, flush_loop, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

static void init_locks(struct hvt_recorder *r)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->full, &attr);
	pthread_cond_init(&r->drained, &attr);
	pthread_condattr_destroy(&attr);
}

static void destroy(struct hvt_recorder *r)
{
	pthread_cond_destroy(&r->drained);
	pthread_cond_destroy(&r->full);
	pthread_mutex_destroy(&r->lock);
	free(r->filling.bytes);
	free(r);
}

int hvt_recorder_open(struct hvt_recorder **recorder, const char *path,
		const struct hvt_info *facts, size_t count)
{
	struct hvt_recorder *r = calloc(1, sizeof(*r));
	struct hvt_facts all;
	int err;

	if (!r)
		return -ENOMEM;
	init_locks(r);
	err = hvt_facts_init(&all, facts, count);
	if (err)
		goto err_destroy;
	err = hvt_writer_open(&r->writer, path, all.list, all.count);
	hvt_facts_fini(&all);
	if (err)
		goto err_destroy;
	err = start_flusher(r);
	if (err)
		goto err_writer;
	*recorder = r;
	return 0;

err_writer:
	hvt_writer_close(r->writer, false, 0);
err_destroy:
	destroy(r);
	return err;
}

static int encode(struct hvt_recorder *r, struct hvt_event *event)
{
	struct buffer *b = &r->filling;
	size_t bound = hvt_record_bound(event);
	int err;

	if (bound > HVT_RAW_MAX - BUFFER_HIGH)
		return -EFBIG;
	err = buffer_reserve(b, bound);
	if (err)
		return err;
	event->tick = hvt_tick();
	event->number = r->next++;
	b->size += hvt_record_encode(b->bytes + b->size, event, &r->state);
	b->count++;
	if (b->size >= HVT_RAW_TARGET)
		pthread_cond_signal(&r->full);
	return 0;
}

int hvt_recorder_append(struct hvt_recorder *r, struct hvt_event *event)
{
	int err;

	pthread_mutex_lock(&r->lock);
	while (!r->error && r->filling.size >= BUFFER_HIGH)
		pthread_cond_wait(&r->drained, &r->lock);
	if (!r->error)
		r->error = encode(r, event);
	err = r->error;
	pthread_mutex_unlock(&r->lock);
	return err;
}

int hvt_recorder_finish(struct hvt_recorder *r)
{
	int err, error;

	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->full);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->flusher, NULL);
	pthread_mutex_lock(&r->lock);
	error = r->error == -ESHUTDOWN ? 0 : r->error;
	err = hvt_writer_close(r->writer, !error, r->next);
	r->error = -ESHUTDOWN;
	pthread_cond_broadcast(&r->drained);
	pthread_mutex_unlock(&r->lock);
	return error ? error : err;
}

void hvt_recorder_free(struct hvt_recorder *r)
{
	destroy(r);
}

void hvt_recorder_disown(struct hvt_recorder *r)
{
	hvt_writer_disown(r->writer);
	/* The lock may have been held by a thread that the child lacks. */
	pthread_mutex_init(&r->lock, NULL);
	r->error = -ECHILD;
}
