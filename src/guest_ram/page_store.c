/* SPDX-License-Identifier: MIT */
#include "page_store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

#include "page.h"

#define CAPACITY_MIN 1024u

struct entry {
	XXH128_hash_t hash;
	uint64_t number; /* 0: free */
};

struct hvt_page_store {
	uint8_t secret[XXH3_SECRET_SIZE_MIN + 64];
	struct entry *table; /* of a power of two, at most half full */
	size_t count, capacity, page_size;
	uint64_t last;
};

int hvt_page_store_create(struct hvt_page_store **store, size_t page_size)
{
	struct hvt_page_store *s = calloc(1, sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	if (!err && getrandom(s->secret, sizeof(s->secret), 0) !=
			(ssize_t)sizeof(s->secret))
		err = -EIO;
	if (err) {
		free(s);
		return err;
	}
	s->page_size = page_size;
	*store = s;
	return 0;
}

void hvt_page_store_destroy(struct hvt_page_store *s)
{
	if (s)
		free(s->table);
	free(s);
}

static struct entry *find(struct entry *table, size_t capacity,
		XXH128_hash_t hash)
{
	size_t i = hash.low64 & (capacity - 1);

	while (table[i].number && !XXH128_isEqual(table[i].hash, hash))
		i = (i + 1) & (capacity - 1);
	return &table[i];
}

static bool grow(struct hvt_page_store *s)
{
	size_t more = s->capacity ? 2 * s->capacity : CAPACITY_MIN;
	struct entry *table = calloc(more, sizeof(*table));

	if (!table)
		return false;
	for (size_t i = 0; i < s->capacity; i++)
		if (s->table[i].number)
			*find(table, more, s->table[i].hash) = s->table[i];
	free(s->table);
	s->table = table;
	s->capacity = more;
	return true;
}

bool hvt_page_store_number(struct hvt_page_store *s, const uint8_t *page,
		uint64_t *number)
{
	XXH128_hash_t hash;
	struct entry *e;

	*number = 0;
	if (!page || hvt_is_zero(page, s->page_size))
		return false;
	hash = XXH3_128bits_withSecret(page, s->page_size, s->secret,
			sizeof(s->secret));
	if (2 * s->count >= s->capacity && !grow(s)) {
		*number = ++s->last;
		return true;
	}
	e = find(s->table, s->capacity, hash);
	if (!e->number) {
		*e = (struct entry){ hash, ++s->last };
		s->count++;
		*number = e->number;
		return true;
	}
	*number = e->number;
	return false;
}
