/* SPDX-License-Identifier: MIT */
#include "page_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hvt_page_pool_init(struct hvt_page_pool *p, size_t page_size)
{
	*p = (struct hvt_page_pool){ .page_size = page_size };
	p->zeros = calloc(1, page_size);
	return p->zeros ? 0 : -ENOMEM;
}

void hvt_page_pool_fini(struct hvt_page_pool *p)
{
	for (uint64_t i = 0; i < p->count; i++)
		free(p->pages[i]);
	free(p->pages);
	free(p->zeros);
	*p = (struct hvt_page_pool){ 0 };
}

static int make_room(struct hvt_page_pool *p)
{
	uint64_t more = p->capacity ? 2 * p->capacity : 256;
	uint8_t **pages;

	if (p->count < p->capacity)
		return 0;
	pages = realloc(p->pages, more * sizeof(uint8_t *));
	if (!pages)
		return -ENOMEM;
	p->pages = pages;
	p->capacity = more;
	return 0;
}

int hvt_page_pool_add(struct hvt_page_pool *p, uint64_t number,
		const uint8_t *bytes, size_t size)
{
	uint8_t *page;

	if (number != p->count + 1 || size != p->page_size)
		return -EBADMSG;
	if (make_room(p))
		return -ENOMEM;
	page = malloc(size);
	if (!page)
		return -ENOMEM;
	memcpy(page, bytes, size);
	p->pages[p->count++] = page;
	return 0;
}

const uint8_t *hvt_page_pool_get(const struct hvt_page_pool *p, uint64_t n)
{
	if (!n)
		return p->zeros;
	return n <= p->count ? p->pages[n - 1] : NULL;
}
