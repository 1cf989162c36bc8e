/* SPDX-License-Identifier: MIT */
#include "memory_map.h"

#include <errno.h>
#include <stdlib.h>

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

int hvt_memory_map_leave_out(struct hvt_memory_map *map, uint64_t recorded)
{
	uint64_t *more = realloc(map->left_out,
			(map->left_out_count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	map->left_out = more;
	more[map->left_out_count++] = recorded;
	return 0;
}

bool hvt_memory_map_leaves_out(
		const struct hvt_memory_map *map, uint64_t recorded)
{
	for (size_t i = 0; i < map->left_out_count; i++)
		if (map->left_out[i] == recorded)
			return true;
	return false;
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
	free(map->left_out);
	*map = (struct hvt_memory_map){ 0 };
}
