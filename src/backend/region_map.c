/* SPDX-License-Identifier: MIT */
/*
 * A treap: a search tree by IPA that is a heap by random priorities, and so is
 * as deep as a tree built in random order. Splitting and merging walk down one
 * path and need no recursion.
 */
#include "region_map.h"

#include <stdlib.h>

/* SplitMix64. Whoever chooses the IPAs gains nothing by knowing it. */
static uint64_t next_priority(struct hvt_region_map *map)
{
	uint64_t z = map->seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

bool hvt_region_joins(const struct hvt_region *a, const struct hvt_region *b)
{
	return a && b && hvt_region_end(a) == b->ipa &&
		a->host + a->size == b->host && a->flags == b->flags;
}

struct hvt_region *hvt_region_find(
	const struct hvt_region_map *map, uint64_t ipa)
{
	struct hvt_region *r = map->root, *found = NULL;

	while (r) {
		if (hvt_region_end(r) > ipa) {
			found = r;
			r = r->left;
		} else {
			r = r->right;
		}
	}
	return found;
}

struct hvt_region *hvt_region_before(
	const struct hvt_region_map *map, uint64_t ipa)
{
	struct hvt_region *r = map->root, *found = NULL;

	while (r) {
		if (r->ipa < ipa) {
			found = r;
			r = r->right;
		} else {
			r = r->left;
		}
	}
	return found;
}

/* Those that begin before ipa, and the others. */
static void split(struct hvt_region *r, uint64_t ipa, struct hvt_region **low,
	struct hvt_region **high)
{
	while (r) {
		if (r->ipa < ipa) {
			*low = r;
			low = &r->right;
			r = r->right;
		} else {
			*high = r;
			high = &r->left;
			r = r->left;
		}
	}
	*low = *high = NULL;
}

/* All of low is before all of high. */
static struct hvt_region *merge(struct hvt_region *low, struct hvt_region *high)
{
	struct hvt_region *root, **at = &root;

	while (low && high) {
		if (low->priority > high->priority) {
			*at = low;
			at = &low->right;
			low = low->right;
		} else {
			*at = high;
			at = &high->left;
			high = high->left;
		}
	}
	*at = low ? low : high;
	return root;
}

void hvt_region_insert(struct hvt_region_map *map, struct hvt_region *r)
{
	struct hvt_region **at = &map->root;

	map->joins += hvt_region_joins(hvt_region_before(map, r->ipa), r);
	map->joins += hvt_region_joins(r, hvt_region_find(map, r->ipa));
	r->priority = next_priority(map);
	while (*at && (*at)->priority > r->priority)
		at = (*at)->ipa < r->ipa ? &(*at)->right : &(*at)->left;
	split(*at, r->ipa, &r->left, &r->right);
	*at = r;
}

void hvt_region_erase(struct hvt_region_map *map, struct hvt_region *r)
{
	struct hvt_region **at = &map->root;

	while (*at != r)
		at = (*at)->ipa < r->ipa ? &(*at)->right : &(*at)->left;
	*at = merge(r->left, r->right);
	map->joins -= hvt_region_joins(hvt_region_before(map, r->ipa), r);
	map->joins -= hvt_region_joins(r, hvt_region_find(map, r->ipa));
}

void hvt_region_map_clear(struct hvt_region_map *map)
{
	while (map->root) {
		struct hvt_region *r = map->root;

		map->root = merge(r->left, r->right);
		free(r);
	}
	map->joins = 0;
}
