/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE 256u

void tally_init(struct tally *t, uint32_t limit)
{
	*t = (struct tally){ .limit = limit };
}

void tally_fini(struct tally *t)
{
	free(t->slots);
	tally_init(t, t->limit);
}

/* A slot of count 0 is free. */
static struct tally_entry *find(struct tally_entry *slots, uint32_t size,
		uint64_t key)
{
	uint64_t hash = key * 0x9e3779b97f4a7c15u;
	uint32_t i = (uint32_t)(hash >> 32) & (size - 1);

	while (slots[i].count && slots[i].key != key)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* Moves what is counted more often than least to a table of size slots. */
static int rebuild(struct tally *t, uint32_t size, uint64_t least)
{
	struct tally_entry *slots = calloc(size, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	t->used = 0;
	for (uint32_t i = 0; i < t->size; i++) {
		struct tally_entry *e = &t->slots[i];

		if (e->count > least) {
			*find(slots, size, e->key) = *e;
			t->used++;
		} else {
			t->dropped += e->count;
		}
	}
	free(t->slots);
	t->slots = slots;
	t->size = size;
	return 0;
}

/* Drops the least frequent until a quarter of the room is free. */
static int drop(struct tally *t)
{
	uint64_t least = 1;
	int err;

	do {
		err = rebuild(t, t->size, least);
		t->error += least;
		least *= 2;
	} while (!err && t->used > t->limit / 4 * 3);
	return err;
}

static int make_room(struct tally *t)
{
	if (!t->size)
		return rebuild(t, FIRST_SIZE, 0);
	if (t->used >= t->limit)
		return drop(t);
	if (t->used >= t->size / 2)
		return rebuild(t, t->size * 2, 0);
	return 0;
}

int tally_add(struct tally *t, uint64_t key)
{
	struct tally_entry *e;
	int err;

	if (t->size) {
		e = find(t->slots, t->size, key);
		if (e->count) {
			e->count++;
			t->total++;
			return 0;
		}
	}
	err = make_room(t);
	if (err)
		return err;
	e = find(t->slots, t->size, key);
	*e = (struct tally_entry){ key, 1 };
	t->used++;
	t->total++;
	return 0;
}

static bool is_before(const struct tally_entry *a, const struct tally_entry *b)
{
	return a->count != b->count ? a->count > b->count : a->key < b->key;
}

uint32_t tally_top(const struct tally *t, struct tally_entry *top,
		uint32_t count)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->size; i++) {
		const struct tally_entry *e = &t->slots[i];
		uint32_t at = n < count ? n : count;

		if (!e->count)
			continue;
		while (at && is_before(e, &top[at - 1])) {
			if (at < count)
				top[at] = top[at - 1];
			at--;
		}
		if (at < count) {
			top[at] = *e;
			n += n < count;
		}
	}
	return n;
}
