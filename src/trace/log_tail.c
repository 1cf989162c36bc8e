/* SPDX-License-Identifier: MIT */
/* Merging the rings of a dead recorder, as recovery will. */
#include "log_tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "grow.h"
#include "merge.h"
#include "wal.h"

struct copy {
	struct hvt_decoded events;
	uint8_t *data;
	size_t data_size, data_capacity;
	uint64_t next_number, tick;
};

/* For one more event with so many bytes. */
static int reserve(struct copy *c, size_t bytes)
{
	struct hvt_decoded *d = &c->events;
	struct hvt_event *events = hvt_grow(d->events, &d->capacity,
			d->count + 1, 1024, sizeof(*events));
	uint8_t *data;

	if (!events)
		return -ENOMEM;
	d->events = events;
	data = hvt_grow(c->data, &c->data_capacity, c->data_size + bytes,
			65536, 1);
	if (!data)
		return -ENOMEM;
	c->data = data;
	return 0;
}

/* As the writer would add it: the merge's sink. */
static int push(void *context, const struct hvt_event *event)
{
	struct copy *c = context;
	struct hvt_event *e;

	if (reserve(c, event->data_size))
		return -ENOMEM;
	e = &c->events.events[c->events.count++];
	*e = *event;
	e->number = c->next_number++;
	if (e->tick < c->tick)
		e->tick = c->tick;
	c->tick = e->tick;
	/* The data may move: an offset until all is copied. */
	e->data = (const uint8_t *)(uintptr_t)c->data_size;
	if (event->data_size)
		memcpy(c->data + c->data_size, event->data, event->data_size);
	c->data_size += event->data_size;
	return 0;
}

static void set_data(struct copy *c)
{
	for (size_t i = 0; i < c->events.count; i++) {
		struct hvt_event *e = &c->events.events[i];

		e->data = e->data_size ? c->data + (uintptr_t)e->data : NULL;
	}
}

/* How much of the log is in the last segment of s, and those before. */
static int load_point(struct hvt_source *s, struct hvt_log_point *point)
{
	const struct hvt_index *known = &s->segments;
	struct hvt_input in;
	struct hvt_head head;
	uint64_t offset;
	int err;

	if (!known->count)
		return 0;
	offset = known->entries[known->count - 1].offset;
	err = hvt_scan_head(s->fd, offset, &head);
	if (!err)
		err = hvt_scan_segment(s->fd, offset, &head, &s->buffer);
	if (err)
		return err;
	in = (struct hvt_input){ s->buffer.raw, s->buffer.raw + head.raw };
	return hvt_log_point_decode(point, &in);
}

static int add_ring(struct hvt_merge *m, struct hvt_wal *wal, uint64_t index,
		const struct hvt_log_point *point)
{
	uint64_t known = hvt_log_point_of(point, index), tail;
	struct hvt_ring ring;
	int err = hvt_wal_ring(wal, index, &ring);

	if (err)
		return err;
	tail = atomic_load(&ring.header->tail);
	ring.calls = wal->calls;
	err = hvt_merge_add(m, &ring, known > tail ? known : tail);
	if (err)
		hvt_wal_unmap_ring(&ring);
	return err;
}

static int merge_all(struct hvt_merge *m, struct hvt_wal *wal,
		const struct hvt_log_point *point)
{
	uint64_t rings = atomic_load(&wal->header->rings);
	int err = 0;

	m->place = point->place;
	m->skip_missing = true;
	m->only_synced = hvt_wal_is_of_another_boot(wal);
	if (!hvt_wal_has_rings_of(wal, point))
		return -EBADMSG;
	for (uint64_t i = 0; i < rings && !err; i++)
		err = add_ring(m, wal, i, point);
	return err ? err : hvt_merge_all(m);
}

static int copy_log(struct hvt_source *s, struct hvt_wal *wal, struct copy *c)
{
	struct hvt_merge merge = { .take = push, .context = c };
	struct hvt_log_point point = { 0 };
	int err = load_point(s, &point);

	if (!err)
		err = merge_all(&merge, wal, &point);
	for (uint64_t i = 0; i < merge.count; i++)
		hvt_wal_unmap_ring(&merge.rings[i].ring);
	hvt_merge_fini(&merge);
	hvt_log_point_fini(&point);
	return err;
}

static void replace_tail(struct hvt_source *s, struct copy *c)
{
	set_data(c);
	hvt_decoded_fini(&s->tail);
	free(s->tail_data);
	s->tail = c->events;
	s->tail_data = c->data;
}

bool hvt_log_tail_ask(const struct hvt_source *s)
{
	struct hvt_wal wal;
	bool live;

	if (hvt_wal_open(&wal, s->path, s->id, true)) {
		/* It may not be ours to write to: there is no asking then. */
		if (hvt_wal_open(&wal, s->path, s->id, false))
			return false;
		live = hvt_wal_is_live(&wal);
	} else {
		live = hvt_wal_is_live(&wal);
		if (live)
			hvt_wal_ask(&wal);
	}
	hvt_wal_close(&wal);
	return live;
}

int hvt_log_tail_load(struct hvt_source *s)
{
	struct copy c = { .next_number = s->next, .tick = s->last_tick };
	struct hvt_wal wal;
	int err;

	s->log_damaged = false;
	err = hvt_wal_open(&wal, s->path, s->id, false);
	s->has_log = err != -ENOENT && err != -ESTALE;
	if (err == -EBADMSG)
		s->log_damaged = true;
	if (err)
		return err == -EBADMSG || !s->has_log ? 0 : err;
	wal.calls = s->calls;
	if (!c.next_number)
		c.tick = wal.header->began;
	err = copy_log(s, &wal, &c);
	hvt_wal_close(&wal);
	if (!err) {
		replace_tail(s, &c);
		return 0;
	}
	hvt_decoded_fini(&c.events);
	free(c.data);
	s->log_damaged = err == -EBADMSG;
	return s->log_damaged ? 0 : err;
}
