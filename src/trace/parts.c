/* SPDX-License-Identifier: MIT */
/*
 * Segments decoded by several threads, which is all that takes long: each needs
 * nothing of the others. Parts are in a ring, from the one to be ended next to
 * the one begun last. What is not as it should be ends this; hvt_trace_next()
 * finds it again, and tells.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "source.h"

/* Events made at a time: they stay in the cache nearest to a processor. */
#define PIECE 128u
#define THREADS_MAX 8u
#define SLOTS_EACH 2u

struct slot {
	void *part;
	struct hvt_columns_decoder *decoder;
	struct hvt_segment_buffer buffer;
	struct hvt_event events[PIECE];
	uint64_t offset; /* of its segment */
	struct hvt_head head;
	bool is_done;
	int err;
	bool is_unreadable; /* err is the segment's, not the caller's */
};

struct pool {
	struct hvt_trace *trace;
	const struct hvt_source *source;
	const struct hvt_part_ops *ops;
	void *context;
	uint64_t to;
	struct slot *slots;
	unsigned slot_count;
	pthread_t threads[THREADS_MAX];
	unsigned thread_count;
	pthread_mutex_t lock; /* of what follows, and of slots but for their work */
	pthread_cond_t room, done;
	struct hvt_place place; /* of the segment to be begun next */
	uint64_t begun, ended;  /* parts, so far */
	bool is_over;           /* no more are begun */
	bool is_unreadable;     /* what run() ended at: hvt_trace_next() tells */
};

/* The next segment of events to be read: false, there is none that can be. */
static bool find_events(struct pool *p, struct slot *s)
{
	while (p->place.offset < p->source->end) {
		s->offset = p->place.offset;
		if (hvt_scan_head(p->source->fd, s->offset, &s->head) ||
				memcmp(s->head.id, p->source->id,
						sizeof(s->head.id)) != 0)
			return false;
		if (s->head.type == HVT_SEGMENT_EVENTS)
			return s->head.first + s->head.count <= p->to &&
					(p->place.behind_damage ||
					s->head.first == p->place.next);
		p->place.offset += hvt_segment_size(&s->head);
	}
	return false;
}

/* With the lock. NULL: not now. */
static struct slot *begin_part(struct pool *p)
{
	struct slot *s = &p->slots[p->begun % p->slot_count];

	if (p->is_over || p->begun - p->ended == p->slot_count)
		return NULL;
	if (!find_events(p, s)) {
		p->is_over = true;
		pthread_cond_broadcast(&p->room);
		return NULL;
	}
	p->begun++;
	p->place = (struct hvt_place){
		.offset = s->offset + hvt_segment_size(&s->head),
		.next = s->head.first + s->head.count,
	};
	s->is_done = s->is_unreadable = false;
	s->err = 0;
	return s;
}

static int read_events(struct pool *p, struct slot *s)
{
	int err = hvt_scan_segment(
			p->source->fd, s->offset, &s->head, &s->buffer);

	if (!err)
		err = hvt_columns_begin(s->decoder, s->buffer.raw,
				s->head.raw, (uint32_t)s->head.count,
				s->head.first, s->head.first_tick);
	s->is_unreadable = err;
	return err;
}

static int work(struct pool *p, struct slot *s)
{
	uint32_t count = 0;
	int err = read_events(p, s);

	do {
		if (!err) {
			err = hvt_columns_more(
					s->decoder, s->events, PIECE, &count);
			s->is_unreadable = err;
		}
		if (!err && count)
			err = p->ops->add(s->part, s->events, count);
	} while (!err && count);
	return err;
}

/* With the lock, which is not held meanwhile. False: there was nothing to do. */
static bool do_part(struct pool *p)
{
	struct slot *s = begin_part(p);
	int err;

	if (!s)
		return false;
	pthread_mutex_unlock(&p->lock);
	err = work(p, s);
	pthread_mutex_lock(&p->lock);
	s->err = err;
	s->is_done = true;
	pthread_cond_signal(&p->done);
	return true;
}

static void *help(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->is_over)
		if (!do_part(p) && !p->is_over)
			pthread_cond_wait(&p->room, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* With the lock, which is not held meanwhile: the part whose turn it is. */
static int end_part(struct pool *p, struct slot *s)
{
	int err = s->err;

	pthread_mutex_unlock(&p->lock);
	if (!err)
		err = p->ops->end(s->part, p->context);
	if (!err)
		hvt_trace_pass(p->trace, s->offset, &s->head);
	pthread_mutex_lock(&p->lock);
	p->ended += !err;
	pthread_cond_signal(&p->room);
	p->is_unreadable = err && s->is_unreadable;
	return err;
}

/* The calling thread ends parts, and does others while none is there to end. */
static int run(struct pool *p)
{
	int err = 0;

	pthread_mutex_lock(&p->lock);
	while (!err) {
		struct slot *s = &p->slots[p->ended % p->slot_count];

		if (p->ended < p->begun && s->is_done)
			err = end_part(p, s);
		else if (do_part(p))
			continue;
		else if (p->ended == p->begun)
			break;
		else if (!s->is_done)
			pthread_cond_wait(&p->done, &p->lock);
	}
	p->is_over = true;
	pthread_cond_broadcast(&p->room);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	return p->is_unreadable ? 0 : err;
}

static int make_slot(const struct pool *p, struct slot *s)
{
	s->decoder = hvt_columns_decoder_create(hvt_trace_calls(p->trace));
	if (s->decoder)
		s->part = p->ops->create(p->context);
	if (s->part)
		return 0;
	hvt_columns_decoder_destroy(s->decoder);
	return -ENOMEM;
}

static int make_slots(struct pool *p, unsigned count)
{
	int err;

	p->slots = calloc(count, sizeof(*p->slots));
	err = p->slots ? 0 : -ENOMEM;
	while (!err && p->slot_count < count) {
		err = make_slot(p, &p->slots[p->slot_count]);
		p->slot_count += !err;
	}
	return err;
}

/* Fewer threads than wanted will do. */
static void start_threads(struct pool *p, unsigned count)
{
	while (p->thread_count < count &&
			!pthread_create(&p->threads[p->thread_count], NULL,
					help, p))
		p->thread_count++;
}

static void free_slots(struct pool *p)
{
	for (unsigned i = 0; i < p->slot_count; i++) {
		struct slot *s = &p->slots[i];

		p->ops->destroy(s->part);
		hvt_columns_decoder_destroy(s->decoder);
		hvt_segment_buffer_fini(&s->buffer);
	}
	free(p->slots);
}

static unsigned cpus(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof(set), &set)
			? 1 : (unsigned)CPU_COUNT(&set);
}

int hvt_trace_read_parts(struct hvt_trace *trace, uint64_t to, unsigned threads,
		const struct hvt_part_ops *ops, void *context)
{
	struct pool p = { .trace = trace, .source = hvt_trace_source(trace),
		.ops = ops, .context = context, .to = to,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.room = PTHREAD_COND_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER };
	int err;

	if (!hvt_trace_place(trace, &p.place))
		return 0;
	if (!threads)
		threads = cpus();
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	err = make_slots(&p, threads * SLOTS_EACH);
	if (!err) {
		start_threads(&p, threads - 1);
		err = run(&p);
	}
	free_slots(&p);
	return err;
}
