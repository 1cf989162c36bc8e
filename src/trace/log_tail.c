/* SPDX-License-Identifier: MIT */
/*
 * A log may be written to while it is read: an event that is consumed and
 * overwritten in the middle of the copy is seen by the tail having moved, and
 * the ring is copied again.
 */
#include "log_tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wal.h"

#define TRIES 16

struct copy {
	struct hvt_decoded events;
	uint8_t *data;
	size_t data_size, data_capacity;
};

static int push(struct copy *c, const struct hvt_event *event)
{
	struct hvt_event *e;

	if (c->events.count == c->events.capacity) {
		size_t capacity = c->events.capacity ? 2 * c->events.capacity
						     : 1024;

		e = realloc(c->events.events, capacity * sizeof(*e));
		if (!e)
			return -ENOMEM;
		c->events.events = e;
		c->events.capacity = capacity;
	}
	while (c->data_size + event->data_size > c->data_capacity) {
		size_t capacity = c->data_capacity ? 2 * c->data_capacity
						   : 65536;
		uint8_t *p = realloc(c->data, capacity);

		if (!p)
			return -ENOMEM;
		c->data = p;
		c->data_capacity = capacity;
	}
	e = &c->events.events[c->events.count++];
	*e = *event;
	/* The data may move: an offset until all is copied. */
	e->data = (const uint8_t *)(uintptr_t)c->data_size;
	if (event->data_size)
		memcpy(c->data + c->data_size, event->data, event->data_size);
	c->data_size += event->data_size;
	return 0;
}

static int copy_once(struct copy *c, const struct hvt_ring *ring, uint64_t tail)
{
	struct hvt_event event;
	uint64_t next;
	int got;

	while ((got = hvt_ring_peek(ring, tail, &event, &next)) == 1) {
		int err = push(c, &event);

		if (err)
			return err;
		tail = next;
	}
	return got;
}

static int copy_ring(struct copy *c, const struct hvt_ring *ring)
{
	size_t events = c->events.count, data = c->data_size;
	int err = 0;

	for (int i = 0; i < TRIES; i++) {
		uint64_t tail = atomic_load(&ring->header->tail);

		c->events.count = events;
		c->data_size = data;
		err = copy_once(c, ring, tail);
		/* What was copied was read before the tail is, again. */
		atomic_thread_fence(memory_order_acquire);
		if (err == -ENOMEM || tail == atomic_load(&ring->header->tail))
			return err;
	}
	return err;
}

static int by_number(const void *a, const void *b)
{
	const struct hvt_event *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int copy_all(struct copy *c, struct hvt_wal *wal)
{
	uint64_t rings = atomic_load(&wal->header->rings);
	int err = 0;

	for (uint64_t i = 0; i < rings && !err; i++) {
		struct hvt_ring ring;

		err = hvt_wal_ring(wal, i, &ring);
		if (err)
			break;
		err = copy_ring(c, &ring);
		hvt_wal_unmap_ring(&ring);
	}
	return err;
}

/*
 * In the order of their numbers. A number that was taken and not published
 * may still be by a living recorder: nothing behind it counts yet.
 */
static void put_in_order(struct copy *c, bool live)
{
	struct hvt_event *e = c->events.events;

	if (c->events.count)
		qsort(e, c->events.count, sizeof(*e), by_number);
	for (size_t i = 0; i < c->events.count; i++) {
		if (live && i && e[i].number != e[i - 1].number + 1) {
			c->events.count = i;
			break;
		}
		e[i].data = e[i].data_size ? c->data + (uintptr_t)e[i].data
					   : NULL;
	}
}

int hvt_log_tail_load(struct hvt_source *s)
{
	struct copy c = { 0 };
	struct hvt_wal wal;
	bool live;
	int err;

	s->tail.count = 0;
	s->state = HVT_TRACE_OPEN;
	s->log_damaged = false;
	err = hvt_wal_open(&wal, s->path, s->id, false);
	s->has_log = err != -ENOENT && err != -ESTALE;
	if (err == -EBADMSG)
		s->log_damaged = true;
	if (err)
		return err == -EBADMSG || !s->has_log ? 0 : err;
	live = hvt_wal_is_live(&wal);
	err = copy_all(&c, &wal);
	hvt_wal_close(&wal);
	if (!err)
		put_in_order(&c, live);
	if (err) {
		hvt_decoded_fini(&c.events);
		free(c.data);
		s->log_damaged = err == -EBADMSG;
		return s->log_damaged ? 0 : err;
	}
	hvt_decoded_fini(&s->tail);
	free(s->tail_data);
	s->tail = c.events;
	s->tail_data = c.data;
	s->state = live ? HVT_TRACE_LIVE : HVT_TRACE_OPEN;
	return 0;
}

void hvt_log_tail_trim(struct hvt_source *s)
{
	struct hvt_event *e = s->tail.events;
	uint64_t tick = s->last_tick;
	size_t n = 0;

	while (n < s->tail.count && e[n].number < s->next)
		n++;
	/* One that comes first is still to be published. */
	if (s->state == HVT_TRACE_LIVE && n < s->tail.count &&
			e[n].number != s->next)
		n = s->tail.count;
	s->tail.count -= n;
	if (n && s->tail.count)
		memmove(e, e + n, s->tail.count * sizeof(*e));
	for (size_t i = 0; i < s->tail.count; i++) {
		/* What is missing was never published: its thread was killed. */
		e[i].number = s->next + i;
		/* As the writer does. */
		if (e[i].tick < tick)
			e[i].tick = tick;
		tick = e[i].tick;
	}
}
