/* SPDX-License-Identifier: MIT */
/* The contents of pages that a trace has, by number. */
#ifndef HVT_REPLAY_PAGE_POOL_H
#define HVT_REPLAY_PAGE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "trace.h"

#define HVT_POOL_CHUNK 512u

struct hvt_page_pool {
	uint8_t **chunks; /* of HVT_POOL_CHUNK pages each, in order */
	uint64_t count, capacity; /* of pages; of chunks */
	size_t page_size;
	uint8_t *zeros;
};

/*
 * How large pages are in a trace, a power of two up to 64 KiB; 0: it does not say, or
 * something else.
 */
size_t hvt_recorded_page_size(const struct hvt_trace *trace);

int hvt_page_pool_init(struct hvt_page_pool *p, size_t page_size);
void hvt_page_pool_fini(struct hvt_page_pool *p);

/* -EBADMSG: not the next number, or not a page; -ENOMEM. */
int hvt_page_pool_add(struct hvt_page_pool *p, uint64_t number,
		const uint8_t *bytes, size_t size);

/* Page number n, 0 for zeros; NULL: there is no such page so far. */
const uint8_t *hvt_page_pool_get(const struct hvt_page_pool *p, uint64_t n);

#endif
