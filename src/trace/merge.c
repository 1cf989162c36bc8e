/* SPDX-License-Identifier: MIT */
/* Merging rings. */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>

#include "grow.h"

int hvt_merge_add(
		struct hvt_merge *m, const struct hvt_ring *ring, uint64_t at)
{
	struct hvt_merge_ring *rings = hvt_grow(m->rings, &m->capacity,
			m->count + 1, 8, sizeof(*rings));

	if (!rings)
		return -ENOMEM;
	m->rings = rings;
	m->rings[m->count++] = (struct hvt_merge_ring){ .ring = *ring,
		.at = at, .written = at, .noted = at, .syncing = at };
	return 0;
}

void hvt_merge_fini(struct hvt_merge *m)
{
	free(m->rings);
	m->rings = NULL;
	m->count = m->capacity = 0;
}

static int take(struct hvt_merge *m, struct hvt_merge_ring *r,
		const struct hvt_record *record)
{
	int err = record->event.kind == HVT_RECORD_BEGIN ? 0
			: m->take(m->context, &record->event);

	if (!err)
		r->at = record->end;
	return err;
}

/* Whole calls up to the next half, which is then known. */
static int take_calls(struct hvt_merge *m, struct hvt_merge_ring *r)
{
	int got;

	while ((got = hvt_ring_read(&r->ring, r->at, r->end, &r->half)) == 1 &&
			r->half.event.kind == HVT_EVENT_CALL) {
		int err = take(m, r, &r->half);

		if (err)
			return err;
	}
	r->has_half = got == 1 && r->half.end <= r->halves;
	return got < 0 ? got : 0;
}

/* Behind the last record of a ring that may be taken. */
static uint64_t end_of(const struct hvt_merge *m, const struct hvt_merge_ring *r)
{
	const struct hvt_ring_header *h = r->ring.header;
	uint64_t head = atomic_load_explicit(&h->head, memory_order_acquire);
	uint64_t synced;

	if (!m->only_synced)
		return head;
	synced = atomic_load(&h->synced);
	if (synced > head)
		synced = head;
	/* What is in segments has been synced with them. */
	return synced > r->at ? synced : r->at;
}

/*
 * Whoever caused another thread to enter a call had his own whole calls in the
 * ring by then. So the ends are looked up twice: halves are taken as far as
 * they went the first time, and by the second time all that can have caused
 * them is there.
 */
static void look(struct hvt_merge *m)
{
	for (uint64_t i = 0; i < m->count; i++)
		m->rings[i].halves = end_of(m, &m->rings[i]);
	for (uint64_t i = 0; i < m->count; i++)
		m->rings[i].end = end_of(m, &m->rings[i]);
}

/* The ring whose next place is the lowest, or NULL; mostly it is the last one. */
static struct hvt_merge_ring *find_next(struct hvt_merge *m,
		struct hvt_merge_ring *last)
{
	struct hvt_merge_ring *lowest = NULL;

	if (last && last->has_half && last->half.place == m->place)
		return last;
	for (uint64_t i = 0; i < m->count; i++) {
		struct hvt_merge_ring *r = &m->rings[i];

		if (r->has_half && (!lowest || r->half.place < lowest->half.place))
			lowest = r;
	}
	return lowest;
}

static int take_half(struct hvt_merge *m, struct hvt_merge_ring *r)
{
	int err = take(m, r, &r->half);

	if (err)
		return err;
	m->place = r->half.place + 1;
	return take_calls(m, r);
}

int hvt_merge_all(struct hvt_merge *m)
{
	struct hvt_merge_ring *r = NULL;
	int err = 0;

	look(m);
	for (uint64_t i = 0; i < m->count && !err; i++)
		err = take_calls(m, &m->rings[i]);
	while (!err) {
		r = find_next(m, r);
		/* Another thread has the place and is publishing. */
		if (!r || (r->half.place > m->place && !m->skip_missing))
			break;
		/* Each place is given away once. */
		err = r->half.place < m->place ? -EBADMSG : take_half(m, r);
	}
	return err;
}
