/* SPDX-License-Identifier: MIT */
/* Merging rings. */
#include "drain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct hvt_drain_ring {
	struct hvt_ring ring;
	uint64_t at;   /* consumed up to here; the tail follows when written */
	uint64_t next; /* at, when the event below is consumed */
	bool peeked;
	struct hvt_event event;
};

int hvt_drain_init(struct hvt_drain *d, struct hvt_wal *wal,
		struct hvt_writer *writer)
{
	*d = (struct hvt_drain){ .wal = wal, .writer = writer,
		.next = hvt_writer_next(writer) };
	return 0;
}

void hvt_drain_fini(struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->count; i++)
		hvt_wal_unmap_ring(&d->rings[i].ring);
	free(d->rings);
	d->rings = NULL;
	d->count = d->capacity = 0;
}

/* Maps the rings that were added since the last time. */
static int take_rings(struct hvt_drain *d)
{
	uint64_t rings = atomic_load(&d->wal->header->rings);

	while (d->count < rings) {
		struct hvt_drain_ring *r;
		int err;

		if (d->count == d->capacity) {
			uint64_t capacity = d->capacity ? 2 * d->capacity : 8;

			r = realloc(d->rings, capacity * sizeof(*r));
			if (!r)
				return -ENOMEM;
			d->rings = r;
			d->capacity = capacity;
		}
		r = &d->rings[d->count];
		memset(r, 0, sizeof(*r));
		err = hvt_wal_ring(d->wal, d->count, &r->ring);
		if (err)
			return err;
		r->at = atomic_load(&r->ring.header->tail);
		d->count++;
	}
	return 0;
}

static int peek(struct hvt_drain_ring *r)
{
	int got;

	if (r->peeked)
		return 0;
	got = hvt_ring_peek(&r->ring, r->at, &r->event, &r->next);
	r->peeked = got == 1;
	return got < 0 ? got : 0;
}

/* The ring whose oldest event has the lowest number, or NULL. */
static int find_lowest(struct hvt_drain *d, struct hvt_drain_ring **lowest)
{
	*lowest = NULL;
	for (uint64_t i = 0; i < d->count; i++) {
		struct hvt_drain_ring *r = &d->rings[i];
		int err = peek(r);

		if (err)
			return err;
		if (r->peeked && (!*lowest || r->event.number <
						(*lowest)->event.number))
			*lowest = r;
	}
	return 0;
}

int hvt_drain_cut(struct hvt_drain *d)
{
	uint64_t stall = 0;
	int err;

	for (uint64_t i = 0; i < d->count; i++)
		stall += atomic_load(&d->rings[i].ring.header->stall_ns);
	err = hvt_writer_cut(d->writer, stall);
	if (err)
		return err;
	if (!d->wal->writable)
		return 0;
	for (uint64_t i = 0; i < d->count; i++)
		atomic_store_explicit(&d->rings[i].ring.header->tail,
				d->rings[i].at, memory_order_release);
	return 0;
}

static int add(struct hvt_drain *d, const struct hvt_event *event)
{
	int err = hvt_writer_add(d->writer, event);

	if (err != -ENOSPC)
		return err;
	err = hvt_drain_cut(d);
	return err ? err : hvt_writer_add(d->writer, event);
}

static int consume(struct hvt_drain *d, struct hvt_drain_ring *r)
{
	int err = add(d, &r->event);

	if (err)
		return err;
	r->peeked = false;
	r->at = r->next;
	d->next++;
	return 0;
}

/* The number in a ring of the event that comes next. */
static uint64_t due(const struct hvt_drain *d)
{
	return d->next + d->missing;
}

/* The ring to go on with: mostly the one that the last event was from. */
static int find_next(struct hvt_drain *d, struct hvt_drain_ring **r)
{
	if (*r) {
		int err = peek(*r);

		if (err || ((*r)->peeked && (*r)->event.number == due(d)))
			return err;
	}
	return find_lowest(d, r);
}

int hvt_drain_all(struct hvt_drain *d)
{
	struct hvt_drain_ring *r = NULL;
	int err = take_rings(d);

	while (!err) {
		err = find_next(d, &r);
		if (err || !r)
			break;
		if (r->event.number < due(d)) {
			/* In a segment already: its recorder died in between. */
			r->peeked = false;
			r->at = r->next;
			continue;
		}
		if (r->event.number > due(d)) {
			/* Another thread has the number and is publishing. */
			if (!d->skip_missing)
				break;
			d->missing += r->event.number - due(d);
		}
		err = consume(d, r);
	}
	return err;
}

bool hvt_drain_is_pressed(const struct hvt_drain *d)
{
	for (uint64_t i = 0; i < d->count; i++) {
		const struct hvt_drain_ring *r = &d->rings[i];
		uint64_t held = r->at - atomic_load(&r->ring.header->tail);

		if (held > r->ring.size / 2)
			return true;
	}
	return false;
}

int hvt_drain_reclaim(struct hvt_drain *d)
{
	bool left = false;
	int err = take_rings(d);

	for (uint64_t i = 0; i < d->count; i++)
		left |= atomic_load(&d->rings[i].ring.header->state) ==
				HVT_RING_LEFT;
	if (err || !left)
		return err;
	err = hvt_drain_all(d);
	return err ? err : hvt_drain_cut(d);
}

bool hvt_drain_find_free(struct hvt_drain *d, struct hvt_ring *ring)
{
	for (uint64_t i = 0; i < d->count; i++) {
		struct hvt_ring_header *h = d->rings[i].ring.header;

		if (atomic_load(&h->state) != HVT_RING_LEFT ||
				atomic_load(&h->head) != atomic_load(&h->tail))
			continue;
		*ring = d->rings[i].ring;
		return true;
	}
	return false;
}
