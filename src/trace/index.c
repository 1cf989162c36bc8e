/* SPDX-License-Identifier: MIT */
/* Lists of segments, in memory and as payloads. */
#include "index.h"

#include <errno.h>
#include <stdlib.h>

#include "grow.h"

int hvt_index_add(struct hvt_index *index, const struct hvt_index_entry *entry)
{
	struct hvt_index_entry *entries = hvt_grow(index->entries,
			&index->capacity, index->count + 1, 64,
			sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	index->entries = entries;
	index->entries[index->count++] = *entry;
	return 0;
}

struct hvt_index_entry hvt_index_whole(const struct hvt_index *leaf, uint64_t offset)
{
	struct hvt_index_entry e = leaf->entries[0];

	for (size_t i = 1; i < leaf->count; i++)
		e.threads |= leaf->entries[i].threads;
	e.exits = leaf->entries[leaf->count - 1].exits;
	e.offset = offset;
	return e;
}

uint8_t *hvt_index_encode(const struct hvt_index *index, size_t *size)
{
	uint8_t *payload, *p;

	*size = index->count * HVT_INDEX_ENTRY;
	payload = p = malloc(*size + 1);
	if (!payload)
		return NULL;
	for (size_t i = 0; i < index->count; i++, p += HVT_INDEX_ENTRY) {
		const struct hvt_index_entry *e = &index->entries[i];

		hvt_put64(p, e->offset);
		hvt_put64(p + 8, e->first);
		hvt_put64(p + 16, e->exits);
		hvt_put64(p + 24, e->first_tick);
		hvt_put64(p + 32, e->threads);
	}
	return payload;
}

int hvt_index_decode(
		struct hvt_index *index, const uint8_t *payload, size_t size)
{
	if (size % HVT_INDEX_ENTRY)
		return -EBADMSG;
	for (size_t i = 0; i < size; i += HVT_INDEX_ENTRY) {
		const uint8_t *p = payload + i;
		const struct hvt_index_entry *last = index->count
				? &index->entries[index->count - 1]
				: NULL;
		struct hvt_index_entry e = {
			.offset = hvt_get64(p),
			.first = hvt_get64(p + 8),
			.exits = hvt_get64(p + 16),
			.first_tick = hvt_get64(p + 24),
			.threads = hvt_get64(p + 32),
		};

		if (last && (e.offset <= last->offset ||
					    e.first < last->first ||
					    e.exits < last->exits))
			return -EBADMSG;
		if (hvt_index_add(index, &e))
			return -ENOMEM;
	}
	return 0;
}

void hvt_index_fini(struct hvt_index *index)
{
	free(index->entries);
	*index = (struct hvt_index){ 0 };
}
