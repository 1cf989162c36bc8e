/* SPDX-License-Identifier: MIT */
/* Open addressing, linear probing, at most half full. */
#include "map.h"

#include <stdlib.h>
#include <string.h>

struct hvt_map_slot {
	uint64_t key; /* plus one; 0: free. The largest key is not used. */
	uint64_t value;
};

static size_t home(const struct hvt_map *map, uint64_t key)
{
	/* Fibonacci hashing: the top bits of the product are well mixed. */
	return (size_t)(key * 0x9e3779b97f4a7c15ull >> 32) &
			(map->capacity - 1);
}

static struct hvt_map_slot *find(const struct hvt_map *map, uint64_t key)
{
	size_t i = home(map, key);

	while (map->slots[i].key && map->slots[i].key != key)
		i = (i + 1) & (map->capacity - 1);
	return &map->slots[i];
}

static int grow(struct hvt_map *map)
{
	struct hvt_map bigger = {
		.capacity = map->capacity ? 2 * map->capacity : 1024,
		.count = map->count,
	};

	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -1;
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].key)
			*find(&bigger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = bigger;
	return 0;
}

uint64_t *hvt_map_at(struct hvt_map *map, uint64_t key)
{
	struct hvt_map_slot *slot;

	if (2 * (map->count + 1) > map->capacity && grow(map))
		return NULL;
	slot = find(map, key + 1);
	if (!slot->key) {
		slot->key = key + 1;
		slot->value = 0;
		map->count++;
	}
	return &slot->value;
}

void hvt_map_clear(struct hvt_map *map)
{
	if (map->count)
		memset(map->slots, 0, map->capacity * sizeof(*map->slots));
	map->count = 0;
}

void hvt_map_fini(struct hvt_map *map)
{
	free(map->slots);
	*map = (struct hvt_map){ 0 };
}
