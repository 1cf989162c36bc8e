/* SPDX-License-Identifier: MIT */
/*
 * A page has contents since an event, and memory is there since another one: so
 * memory that comes anew is zeros, whatever was at its addresses.
 */
#include "memory_image.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "address_hash.h"
#include "call_ids.h"
#include "guest_ram.h"

#define THREADS_MAX  4096u /* docs/FORMAT.md */
#define PAGE_MIN     4096u
#define PAGE_MAX     65536u
#define CAPACITY_MIN 256u
#define UNMAPPED     1u /* no address of a page */

struct hvt_image_page {
	uint64_t addr;
	uint64_t since; /* 0: this place of the table is free */
	const uint8_t *contents; /* the pool's, or own */
	uint8_t *own;
};

/* A call that changes what is mapped where, and has not returned. */
struct hvt_image_call {
	uint32_t call;
	uint64_t values[3];
};

int hvt_memory_image_init(struct hvt_memory_image *m, uint64_t page_size)
{
	*m = (struct hvt_memory_image){ 0 };
	if (page_size < PAGE_MIN || page_size > PAGE_MAX ||
			page_size & (page_size - 1))
		return -EBADMSG;
	m->entered = calloc(THREADS_MAX, sizeof(*m->entered));
	if (!m->entered)
		return -ENOMEM;
	return hvt_page_pool_init(&m->pool, page_size);
}

void hvt_memory_image_fini(struct hvt_memory_image *m)
{
	for (size_t i = 0; i < m->capacity; i++)
		free(m->pages[i].own);
	free(m->pages);
	free(m->entered);
	hvt_extents_clear(&m->kinds);
	hvt_extents_clear(&m->guest);
	hvt_page_pool_fini(&m->pool);
	*m = (struct hvt_memory_image){ 0 };
}

/* Where addr is in the table, or is to be. */
static struct hvt_image_page *place_of(const struct hvt_memory_image *m,
		uint64_t addr)
{
	size_t mask = m->capacity - 1;
	size_t i = (size_t)hvt_address_hash(addr) & mask;

	while (m->pages[i].since && m->pages[i].addr != addr)
		i = (i + 1) & mask;
	return &m->pages[i];
}

static int make_room(struct hvt_memory_image *m)
{
	struct hvt_memory_image more = *m;

	if (2 * m->count < m->capacity)
		return 0;
	more.capacity = m->capacity ? 2 * m->capacity : CAPACITY_MIN;
	more.pages = calloc(more.capacity, sizeof(*more.pages));
	if (!more.pages)
		return -ENOMEM;
	for (size_t i = 0; i < m->capacity; i++)
		if (m->pages[i].since)
			*place_of(&more, m->pages[i].addr) = m->pages[i];
	free(m->pages);
	*m = more;
	return 0;
}

static bool is_of_pages(const struct hvt_memory_image *m, uint64_t at,
		uint64_t size)
{
	return size && !((at | size) & (m->pool.page_size - 1)) &&
			at + (size - 1) >= at;
}

static uint64_t page_of(const struct hvt_memory_image *m, uint64_t addr)
{
	return addr & ~((uint64_t)m->pool.page_size - 1);
}

/* The memory that is followed at addr; NULL: there is none. */
static const struct hvt_extent_of *followed_at(const struct hvt_memory_image *m,
		uint64_t addr)
{
	const struct hvt_extent_of *e = hvt_extents_find(&m->kinds, addr);

	return e && (e->value == HVT_RAM_REHOMED || e->value == HVT_RAM_SHARED)
			? e : NULL;
}

const uint8_t *hvt_memory_image_page(const struct hvt_memory_image *m,
		uint64_t addr)
{
	const struct hvt_extent_of *e = followed_at(m, addr);
	const struct hvt_image_page *p =
			m->capacity ? place_of(m, addr) : NULL;

	if (!e)
		return NULL;
	return p && p->since > e->since ? p->contents : m->pool.zeros;
}

/* The page at addr, for its contents to be set; NULL: out of memory. */
static struct hvt_image_page *page_to_set(struct hvt_memory_image *m,
		uint64_t addr)
{
	struct hvt_image_page *p;

	if (make_room(m))
		return NULL;
	p = place_of(m, addr);
	m->count += !p->since;
	p->addr = addr;
	p->since = m->now;
	return p;
}

/* A page is what another one was told to be. */
static int store(struct hvt_memory_image *m, const struct hvt_event *event)
{
	uint64_t addr = event->values[0];
	const uint8_t *contents = hvt_page_pool_get(&m->pool, event->values[1]);
	struct hvt_image_page *p;

	if (!contents || addr != page_of(m, addr) || !followed_at(m, addr))
		return -EBADMSG;
	p = page_to_set(m, addr);
	if (!p)
		return -ENOMEM;
	free(p->own);
	p->own = NULL;
	p->contents = contents;
	return 0;
}

/* Some bytes within a page. */
static int change(struct hvt_memory_image *m, const struct hvt_event *event)
{
	uint64_t addr = event->values[0], page = page_of(m, addr);
	const uint8_t *before = hvt_memory_image_page(m, page);
	struct hvt_image_page *p;
	uint8_t *own;

	if (!before || event->data_size > m->pool.page_size - (addr - page))
		return -EBADMSG;
	own = malloc(m->pool.page_size);
	p = own ? page_to_set(m, page) : NULL;
	if (!p) {
		free(own);
		return -ENOMEM;
	}
	memcpy(own, before, m->pool.page_size);
	if (event->data_size)
		memcpy(own + (addr - page), event->data, event->data_size);
	free(p->own);
	p->contents = p->own = own;
	return 0;
}

static int see_memory(struct hvt_memory_image *m, const struct hvt_event *event)
{
	const uint64_t *v = event->values;

	switch (event->call) {
	case HVT_CALL_MEMORY_PAGE:
		return hvt_page_pool_add(&m->pool, v[0], event->data,
				event->data_size);
	case HVT_CALL_MEMORY_TOUCHED:
	case HVT_CALL_MEMORY_STORED:
	case HVT_CALL_MEMORY_GUEST_STORED:
		return store(m, event);
	case HVT_CALL_MEMORY_CHANGED:
	case HVT_CALL_MEMORY_GUEST_CHANGED:
		return change(m, event);
	case HVT_CALL_MEMORY_MAPPED:
		if (!is_of_pages(m, v[0], v[1]))
			return -EBADMSG;
		return hvt_extents_set(&m->kinds, v[0], v[1], v[2], m->now);
	default:
		return 0;
	}
}

static bool is_map_change(const struct hvt_event *event)
{
	return event->call == HVT_CALL_HV_VM_MAP ||
			event->call == HVT_CALL_HV_VM_UNMAP ||
			event->call == HVT_CALL_HV_VM_DESTROY;
}

/* A call that changed the map, with what it was entered with. */
static int map(struct hvt_memory_image *m, const struct hvt_image_call *in)
{
	const uint64_t *v = in->values;

	switch (in->call) {
	case HVT_CALL_HV_VM_MAP:
		if (!is_of_pages(m, v[1], v[2]) || !is_of_pages(m, v[0], v[2]))
			return -EBADMSG;
		return hvt_extents_set(&m->guest, v[1], v[2], v[0], m->now);
	case HVT_CALL_HV_VM_UNMAP:
		if (!is_of_pages(m, v[0], v[1]))
			return -EBADMSG;
		return hvt_extents_set(&m->guest, v[0], v[1], UNMAPPED, m->now);
	default:
		hvt_extents_clear(&m->guest);
		return 0;
	}
}

static int see_call(struct hvt_memory_image *m, const struct hvt_event *event)
{
	struct hvt_image_call *in;

	if (event->thread >= THREADS_MAX)
		return -EBADMSG;
	in = &m->entered[event->thread];
	if (event->kind == HVT_EVENT_ENTER) {
		in->call = event->call;
		memcpy(in->values, event->values, sizeof(in->values));
		return 0;
	}
	if (event->kind != HVT_EVENT_LEAVE || in->call != event->call)
		return -EBADMSG;
	in->call = 0;
	return event->result ? 0 : map(m, &(struct hvt_image_call){ event->call,
			{ in->values[0], in->values[1], in->values[2] } });
}

int hvt_memory_image_see(struct hvt_memory_image *m,
		const struct hvt_event *event)
{
	m->now++;
	return is_map_change(event) ? see_call(m, event) : see_memory(m, event);
}

/* The VMM's address of ipa, which has memory that it gave: false if it has not. */
static bool addr_of(const struct hvt_memory_image *m, uint64_t ipa,
		uint64_t *addr)
{
	const struct hvt_extent_of *e = hvt_extents_find(&m->guest, ipa);
	const struct hvt_extent_of *kind;

	if (!e || e->value == UNMAPPED)
		return false;
	*addr = e->value + (ipa - e->origin);
	kind = hvt_extents_find(&m->kinds, *addr);
	return kind && kind->value != HVT_RAM_GONE;
}

int hvt_memory_image_read(const struct hvt_memory_image *m, uint64_t ipa,
		uint8_t *bytes, size_t size, uint64_t *failed)
{
	size_t done, part;

	for (done = 0; done < size; done += part) {
		const uint8_t *contents;
		uint64_t addr, in_page;

		*failed = ipa + done;
		if (!addr_of(m, ipa + done, &addr))
			return -EFAULT;
		in_page = addr - page_of(m, addr);
		contents = hvt_memory_image_page(m, addr - in_page);
		if (!contents)
			return -ENODATA;
		part = m->pool.page_size - in_page;
		part = size - done < part ? size - done : part;
		memcpy(bytes + done, contents + in_page, part);
	}
	return 0;
}
