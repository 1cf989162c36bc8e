/* SPDX-License-Identifier: MIT */
/* Where the VMM has the memory now that it had elsewhere when recorded. */
#ifndef HVT_REPLAY_MEMORY_MAP_H
#define HVT_REPLAY_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extents.h"

struct hvt_memory_map {
	struct hvt_memory_piece {
		uint64_t recorded, ipa, size;
		uint8_t *addr;
	} *pieces; /* the later ones count */
	size_t count;
	struct hvt_extents kinds; /* enum hvt_ram_kind, as recorded */
};

/* -ENOMEM */
int hvt_memory_map_add(struct hvt_memory_map *map,
		const struct hvt_memory_piece *piece);

/* The kind of memory from there on, when recorded. -EBADMSG: no range; -ENOMEM. */
int hvt_memory_map_tell(struct hvt_memory_map *map, uint64_t recorded,
		uint64_t size, uint64_t kind);

/* Was it not followed there? */
bool hvt_memory_map_leaves_out(
		const struct hvt_memory_map *map, uint64_t recorded);

/* The piece that has it, by the address of then or of now; NULL. */
const struct hvt_memory_piece *hvt_memory_map_then(
		const struct hvt_memory_map *map, uint64_t recorded);
const struct hvt_memory_piece *hvt_memory_map_now(
		const struct hvt_memory_map *map, const void *addr);

/* Where size bytes at recorded are now; NULL: nowhere, or not in one piece. */
uint8_t *hvt_memory_map_find(const struct hvt_memory_map *map,
		uint64_t recorded, size_t size);

void hvt_memory_map_fini(struct hvt_memory_map *map);

#endif
