/* SPDX-License-Identifier: MIT */
/* A growing table from 64-bit keys to 64-bit values. */
#ifndef HVT_TRACE_MAP_H
#define HVT_TRACE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct hvt_map {
	struct hvt_map_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

/*
 * The value of key, which is entered with 0 if it is new; NULL out of memory.
 * Valid until the next call.
 */
uint64_t *hvt_map_at(struct hvt_map *map, uint64_t key);

/* Forgets all keys, keeps the memory. */
void hvt_map_clear(struct hvt_map *map);
void hvt_map_fini(struct hvt_map *map);

#endif
