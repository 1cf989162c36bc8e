/* SPDX-License-Identifier: MIT */
#include "page_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_MAX 65536u

size_t hvt_recorded_page_size(const struct hvt_trace *trace)
{
	const char *text = hvt_trace_info(trace, "page_size");
	unsigned long size = text ? strtoul(text, NULL, 10) : 0;

	return size <= PAGE_MAX && size && !(size & (size - 1)) ? size : 0;
}

int hvt_page_pool_init(struct hvt_page_pool *p, size_t page_size)
{
	*p = (struct hvt_page_pool){ .page_size = page_size };
	p->zeros = calloc(1, page_size);
	return p->zeros ? 0 : -ENOMEM;
}

static uint64_t chunks_of(uint64_t pages)
{
	return (pages + HVT_POOL_CHUNK - 1) / HVT_POOL_CHUNK;
}

static uint8_t *place_of(const struct hvt_page_pool *p, uint64_t number)
{
	uint64_t i = number - 1;

	return p->chunks[i / HVT_POOL_CHUNK] +
			i % HVT_POOL_CHUNK * p->page_size;
}

void hvt_page_pool_fini(struct hvt_page_pool *p)
{
	for (uint64_t i = 0; i < chunks_of(p->count); i++)
		free(p->chunks[i]);
	free(p->chunks);
	free(p->zeros);
	*p = (struct hvt_page_pool){ 0 };
}

static int make_room(struct hvt_page_pool *p, uint64_t chunk)
{
	uint64_t more = p->capacity ? 2 * p->capacity : 16;
	uint8_t **chunks;

	if (chunk < p->capacity)
		return 0;
	chunks = realloc(p->chunks, more * sizeof(*chunks));
	if (!chunks)
		return -ENOMEM;
	p->chunks = chunks;
	p->capacity = more;
	return 0;
}

/* Where there is one there are more: a fault for each page costs the most. */
static int add_chunk(struct hvt_page_pool *p, uint64_t chunk)
{
	size_t size = HVT_POOL_CHUNK * p->page_size;
	int err = make_room(p, chunk);

	if (err)
		return err;
	p->chunks[chunk] = aligned_alloc(size, size);
	if (!p->chunks[chunk])
		return -ENOMEM;
	if (chunk)
		(void)madvise(p->chunks[chunk], size, MADV_HUGEPAGE);
	return 0;
}

int hvt_page_pool_add(struct hvt_page_pool *p, uint64_t number,
		const uint8_t *bytes, size_t size)
{
	int err = 0;

	if (number != p->count + 1 || size != p->page_size)
		return -EBADMSG;
	if (!(p->count % HVT_POOL_CHUNK))
		err = add_chunk(p, p->count / HVT_POOL_CHUNK);
	if (err)
		return err;
	p->count++;
	memcpy(place_of(p, number), bytes, size);
	return 0;
}

const uint8_t *hvt_page_pool_get(const struct hvt_page_pool *p, uint64_t n)
{
	if (!n)
		return p->zeros;
	return n <= p->count ? place_of(p, n) : NULL;
}
