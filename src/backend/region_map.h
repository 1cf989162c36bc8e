/* SPDX-License-Identifier: MIT */
/*
 * The map of guest memory: regions by IPA, which never overlap. A balanced
 * tree (a treap): finding, inserting and erasing take time that grows with the
 * logarithm of their number, in whatever order they come. No locks.
 */
#ifndef HVT_REGION_MAP_H
#define HVT_REGION_MAP_H

#include "backend.h"

#define HVT_NO_SLOT UINT32_MAX

struct hvt_region {
	uint64_t ipa, size;
	uint8_t *host;
	hv_memory_flags_t flags;
	uint32_t slot; /* of the engine, or HVT_NO_SLOT */
	bool kept;     /* scratch of memory_plan.c */
	/* Of the tree. */
	uint64_t priority;
	struct hvt_region *left, *right;
};

struct hvt_region_map {
	struct hvt_region *root;
	size_t joins; /* pairs of neighbours that hvt_region_joins() */
	uint64_t seed;
};

static inline uint64_t hvt_region_end(const struct hvt_region *r)
{
	return r->ipa + r->size;
}

/* Does b go on where a ends, with the next host memory and the same flags? */
bool hvt_region_joins(const struct hvt_region *a, const struct hvt_region *b);

/* The first region that ends behind ipa; NULL if there is none. */
struct hvt_region *hvt_region_find(
	const struct hvt_region_map *map, uint64_t ipa);

/* The last region that begins before ipa; NULL if there is none. */
struct hvt_region *hvt_region_before(
	const struct hvt_region_map *map, uint64_t ipa);

/* r overlaps none that is there; the map takes it over. */
void hvt_region_insert(struct hvt_region_map *map, struct hvt_region *r);

/* r is in the map; it is the caller's again. */
void hvt_region_erase(struct hvt_region_map *map, struct hvt_region *r);

/* Frees all regions. */
void hvt_region_map_clear(struct hvt_region_map *map);

#endif
