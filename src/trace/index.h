/* SPDX-License-Identifier: MIT */
/*
 * Where segments are. Entries of event segments are collected until there are
 * HVT_INDEX_INTERVAL of them, which become the payload of an index segment;
 * the entries of those are the payload of the end segment.
 */
#ifndef HVT_TRACE_INDEX_H
#define HVT_TRACE_INDEX_H

#include "segment.h"

struct hvt_index_entry {
	uint64_t offset;
	uint64_t first;      /* number of the first event */
	uint64_t exits;      /* as in the head */
	uint64_t first_tick;
	uint64_t threads;
};

struct hvt_index {
	struct hvt_index_entry *entries;
	size_t count, capacity;
};

int hvt_index_add(struct hvt_index *index, const struct hvt_index_entry *entry);

/* The payload that holds the entries. To be freed; NULL out of memory. */
uint8_t *hvt_index_encode(const struct hvt_index *index, size_t *size);

/* Adds the entries of a payload. -EBADMSG: their order is not the events'. */
int hvt_index_decode(
		struct hvt_index *index, const uint8_t *payload, size_t size);

/*
 * All of a leaf, which is not empty and becomes the segment at that offset, as an
 * entry of the root.
 */
struct hvt_index_entry hvt_index_whole(const struct hvt_index *leaf, uint64_t offset);

void hvt_index_fini(struct hvt_index *index);

#endif
