/* SPDX-License-Identifier: MIT */
/* A list, and a hash table of places in it. */
#include "granted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"

#define CAPACITY_MIN 64u

static struct hvt_granted *list;
static uint32_t *table; /* twice as many: place in the list plus 1, or 0 */
static size_t count, capacity;

static size_t hash_of(const uint8_t *addr)
{
	uint64_t n = (uintptr_t)addr / hvt_page_size();

	return (size_t)(n * 0x9e3779b97f4a7c15u >> 20);
}

/* Where addr is in the table, or is to be. */
static uint32_t *slot_of(const uint8_t *addr)
{
	size_t mask = 2 * capacity - 1, i = hash_of(addr) & mask;

	while (table[i] && list[table[i] - 1].addr != addr)
		i = (i + 1) & mask;
	return &table[i];
}

struct hvt_granted *hvt_granted_find(const uint8_t *addr)
{
	uint32_t place = count ? *slot_of(addr) : 0;

	return place ? &list[place - 1] : NULL;
}

static int grow(void)
{
	size_t more = capacity ? 2 * capacity : CAPACITY_MIN;
	struct hvt_granted *bigger = realloc(list, more * sizeof(*bigger));
	uint32_t *fresh = calloc(2 * more, sizeof(*fresh));

	if (bigger)
		list = bigger;
	if (!bigger || !fresh) {
		free(fresh);
		return -ENOMEM;
	}
	free(table);
	table = fresh;
	capacity = more;
	for (uint32_t i = 0; i < count; i++)
		*slot_of(list[i].addr) = i + 1;
	return 0;
}

int hvt_granted_add(uint8_t *addr, uint8_t *before)
{
	if (count == capacity && grow())
		return -ENOMEM;
	list[count] = (struct hvt_granted){ addr, before };
	*slot_of(addr) = (uint32_t)++count;
	return 0;
}

size_t hvt_granted_count(void)
{
	return count;
}

static int compare(const void *a, const void *b)
{
	const uint8_t *x = ((const struct hvt_granted *)a)->addr;
	const uint8_t *y = ((const struct hvt_granted *)b)->addr;

	return (x > y) - (x < y);
}

struct hvt_granted *hvt_granted_sort(void)
{
	if (count)
		qsort(list, count, sizeof(*list), compare);
	return list;
}

/* One turn with many pages must not make all that follow clear a big table. */
void hvt_granted_clear(void)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].before);
	count = 0;
	if (capacity > CAPACITY_MIN) {
		free(list);
		free(table);
		list = NULL;
		table = NULL;
		capacity = 0;
	} else if (table) {
		memset(table, 0, 2 * capacity * sizeof(*table));
	}
}
