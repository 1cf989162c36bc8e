/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"

struct waiting_event {
	uint64_t number, digest;
};

/* A ring of the events that one side is ahead of the other. */
struct pair_waiting {
	unsigned side;
	uint32_t first, count, room; /* room is a power of two */
	struct waiting_event *ring;
};

void pair_init(struct pair *p)
{
	*p = (struct pair){ 0 };
}

static void drop_waiting(struct pair_thread *t)
{
	if (t->waiting)
		free(t->waiting->ring);
	free(t->waiting);
	t->waiting = NULL;
}

void pair_fini(struct pair *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		drop_waiting(&p->threads[i]);
	free(p->threads);
	pair_init(p);
}

static struct pair_thread *thread_of(struct pair *p, uint32_t number)
{
	struct pair_thread *more;

	if (number < p->count)
		return &p->threads[number];
	if (number >= TRACE_THREADS_MAX)
		return NULL;
	more = realloc(p->threads, (number + 1) * sizeof(*more));
	if (!more)
		return NULL;
	memset(more + p->count, 0, (number + 1 - p->count) * sizeof(*more));
	p->threads = more;
	p->count = number + 1;
	return &more[number];
}

static int grow(struct pair_waiting *w)
{
	uint32_t room = w->room ? w->room * 2 : 64;
	struct waiting_event *ring = malloc(room * sizeof(*ring));

	if (!ring)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->count; i++)
		ring[i] = w->ring[(w->first + i) & (w->room - 1)];
	free(w->ring);
	w->ring = ring;
	w->first = 0;
	w->room = room;
	return 0;
}

static void differ(struct pair_thread *t, enum pair_verdict verdict,
		unsigned side, uint64_t number, uint64_t other)
{
	t->verdict = verdict;
	t->at[side] = number;
	t->at[!side] = other;
	drop_waiting(t);
}

static int wait_for_other(struct pair_thread *t, unsigned side, uint64_t number,
		uint64_t digest)
{
	struct pair_waiting *w = t->waiting;

	if (!w)
		w = t->waiting = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	if (w->count == PAIR_WAITING_MAX) {
		differ(t, PAIR_ENDS, w->side, w->ring[w->first].number,
				UINT64_MAX);
		return 0;
	}
	if (w->count == w->room && grow(w))
		return -ENOMEM;
	w->side = side;
	w->ring[(w->first + w->count++) & (w->room - 1)] =
			(struct waiting_event){ number, digest };
	return 0;
}

int pair_add(struct pair *p, unsigned side, uint32_t thread, uint64_t number,
		uint64_t digest)
{
	struct pair_thread *t = thread_of(p, thread);
	struct waiting_event other;
	struct pair_waiting *w;

	if (!t)
		return -ENOMEM;
	t->count[side]++;
	if (t->verdict != PAIR_SAME)
		return 0;
	w = t->waiting;
	if (!w || !w->count || w->side == side)
		return wait_for_other(t, side, number, digest);
	other = w->ring[w->first];
	w->first = (w->first + 1) & (w->room - 1);
	w->count--;
	if (other.digest == digest)
		t->same++;
	else
		differ(t, PAIR_DIFFERS, side, number, other.number);
	return 0;
}

void pair_end(struct pair *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		struct pair_thread *t = &p->threads[i];
		struct pair_waiting *w = t->waiting;

		if (w && w->count)
			differ(t, PAIR_ENDS, w->side, w->ring[w->first].number,
					UINT64_MAX);
	}
}

static uint64_t first_of(const struct pair_thread *t)
{
	return t->at[0] < t->at[1] ? t->at[0] : t->at[1];
}

const struct pair_thread *pair_first(const struct pair *p, uint32_t *thread)
{
	const struct pair_thread *first = NULL;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct pair_thread *t = &p->threads[i];

		if (t->verdict == PAIR_SAME ||
				(first && first_of(t) >= first_of(first)))
			continue;
		first = t;
		*thread = i;
	}
	return first;
}
