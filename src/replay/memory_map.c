/* SPDX-License-Identifier: MIT */
#include "memory_map.h"

#include <errno.h>
#include <stdlib.h>

#include "guest_ram.h"

int hvt_memory_map_add(struct hvt_memory_map *map,
		const struct hvt_memory_piece *piece)
{
	struct hvt_memory_piece *more = realloc(
			map->pieces, (map->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	map->pieces = more;
	more[map->count++] = *piece;
	return 0;
}

int hvt_memory_map_tell(struct hvt_memory_map *map, uint64_t recorded,
		uint64_t size, uint64_t kind)
{
	if (!size || recorded + (size - 1) < recorded)
		return -EBADMSG;
	return hvt_extents_set(&map->kinds, recorded, size, kind, 0);
}

bool hvt_memory_map_leaves_out(
		const struct hvt_memory_map *map, uint64_t recorded)
{
	const struct hvt_extent_of *e = hvt_extents_find(&map->kinds, recorded);

	return e && e->value == HVT_RAM_UNTRACKED;
}

const struct hvt_memory_piece *hvt_memory_map_then(
		const struct hvt_memory_map *map, uint64_t recorded)
{
	for (size_t i = map->count; i-- > 0;)
		if (recorded - map->pieces[i].recorded < map->pieces[i].size)
			return &map->pieces[i];
	return NULL;
}

const struct hvt_memory_piece *hvt_memory_map_now(
		const struct hvt_memory_map *map, const void *addr)
{
	for (size_t i = map->count; i-- > 0;)
		if ((uintptr_t)addr - (uintptr_t)map->pieces[i].addr <
				map->pieces[i].size)
			return &map->pieces[i];
	return NULL;
}

uint8_t *hvt_memory_map_find(const struct hvt_memory_map *map,
		uint64_t recorded, size_t size)
{
	const struct hvt_memory_piece *p = hvt_memory_map_then(map, recorded);

	return p && size <= p->size - (recorded - p->recorded)
			? p->addr + (recorded - p->recorded)
			: NULL;
}

void hvt_memory_map_fini(struct hvt_memory_map *map)
{
	free(map->pieces);
	hvt_extents_clear(&map->kinds);
	*map = (struct hvt_memory_map){ 0 };
}
