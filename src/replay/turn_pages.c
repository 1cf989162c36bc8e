/* SPDX-License-Identifier: MIT */
#include "turn_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address_hash.h"

#define CAPACITY_MIN 64u

static uint32_t *slot_of(const struct hvt_turn_pages *p, uint64_t addr)
{
	size_t mask = 2 * p->capacity - 1;
	size_t i = (size_t)hvt_address_hash(addr) & mask;

	while (p->table[i] && p->at[p->table[i] - 1].addr != addr)
		i = (i + 1) & mask;
	return &p->table[i];
}

struct hvt_turn_page *hvt_turn_pages_find(
		const struct hvt_turn_pages *p, uint64_t addr)
{
	uint32_t place = p->count ? *slot_of(p, addr) : 0;

	return place ? &p->at[place - 1] : NULL;
}

static int grow(struct hvt_turn_pages *p)
{
	size_t more = p->capacity ? 2 * p->capacity : CAPACITY_MIN;
	struct hvt_turn_page *at = calloc(more, sizeof(*at));
	uint32_t *table = calloc(2 * more, sizeof(*table));

	if (!at || !table) {
		free(at);
		free(table);
		return -ENOMEM;
	}
	if (p->at)
		memcpy(at, p->at, p->count * sizeof(*at));
	free(p->at);
	free(p->table);
	p->at = at;
	p->table = table;
	p->capacity = more;
	for (uint32_t i = 0; i < p->count; i++)
		*slot_of(p, at[i].addr) = i + 1;
	return 0;
}

struct hvt_turn_page *hvt_turn_pages_get(struct hvt_turn_pages *p, uint64_t addr)
{
	struct hvt_turn_page *page = hvt_turn_pages_find(p, addr);

	if (page)
		return page;
	if ((!p->at || p->count == p->capacity) && grow(p))
		return NULL;
	page = &p->at[p->count];
	*page = (struct hvt_turn_page){ .addr = addr,
		.found_by = HVT_NO_EVENT,
		.left_by = HVT_NO_EVENT };
	*slot_of(p, addr) = (uint32_t)++p->count;
	return page;
}

static void forget_left(struct hvt_turn_page *page)
{
	free(page->own);
	free(page->parts);
	page->own = NULL;
	page->parts = NULL;
	page->part_count = 0;
}

void hvt_turn_page_store(struct hvt_turn_page *page, uint64_t event,
		const uint8_t *content)
{
	forget_left(page);
	page->left = content;
	page->left_by = event;
}

static int add_part(struct hvt_turn_page *page, struct hvt_page_part part)
{
	struct hvt_page_part *more = realloc(
			page->parts, (page->part_count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	page->parts = more;
	more[page->part_count++] = part;
	return 0;
}

int hvt_turn_page_change(struct hvt_turn_page *page,
		const struct hvt_page_pool *pool, uint64_t event,
		size_t offset, const uint8_t *bytes, size_t size)
{
	if (offset > pool->page_size || size > pool->page_size - offset)
		return -EBADMSG;
	if (!page->own) {
		page->own = malloc(pool->page_size);
		if (!page->own)
			return -ENOMEM;
		memcpy(page->own, page->left ? page->left : pool->zeros,
				pool->page_size);
	}
	memcpy(page->own + offset, bytes, size);
	page->left = page->own;
	return add_part(page, (struct hvt_page_part){ event, offset, size });
}

uint64_t hvt_turn_page_event(const struct hvt_turn_page *page, size_t offset)
{
	for (size_t i = page->part_count; i-- > 0;)
		if (offset - page->parts[i].offset < page->parts[i].size)
			return page->parts[i].event;
	return page->left_by;
}

void hvt_turn_page_looked_at(struct hvt_turn_pages *p,
		struct hvt_turn_page *page)
{
	p->due -= page->due;
	page->due = false;
}

void hvt_turn_pages_clear(struct hvt_turn_pages *p)
{
	for (size_t i = 0; i < p->count; i++)
		forget_left(&p->at[i]);
	free(p->at);
	free(p->table);
	*p = (struct hvt_turn_pages){ 0 };
}

void hvt_turn_pages_lose(struct hvt_turn_pages *p, uint64_t addr, uint64_t size)
{
	for (size_t i = 0; i < p->count; i++) {
		struct hvt_turn_page *page = &p->at[i];

		if (page->addr - addr >= size)
			continue;
		page->gone = true;
		page->handed = page->due;
		hvt_turn_page_looked_at(p, page);
	}
}

void hvt_turn_pages_regain(struct hvt_turn_pages *p, uint64_t addr, uint64_t size)
{
	for (size_t i = 0; i < p->count; i++) {
		struct hvt_turn_page *page = &p->at[i];

		if (page->addr - addr >= size || !page->gone)
			continue;
		page->gone = page->handed = false;
		hvt_turn_page_store(page, HVT_NO_EVENT, NULL);
	}
}
