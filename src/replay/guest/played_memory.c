/* SPDX-License-Identifier: MIT */
#include "played_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "call_ids.h"
#include "guest_ram.h"

int hvt_guest_memory_init(struct hvt_guest_memory *m, size_t page_size)
{
	int err = hvt_space_init(&m->space, page_size);

	return err ? err : hvt_page_pool_init(&m->pages, page_size);
}

void hvt_guest_memory_fini(struct hvt_guest_memory *m)
{
	hvt_space_fini(&m->space);
	hvt_page_pool_fini(&m->pages);
}

/* It may be code that the guest has run already. */
static void put(uint8_t *at, const uint8_t *bytes, size_t size)
{
	memcpy(at, bytes, size);
	__builtin___clear_cache((char *)at, (char *)at + size);
}

int hvt_guest_memory_put(struct hvt_guest_memory *m, uint64_t addr,
		const uint8_t *contents)
{
	uint8_t *at = hvt_space_find(&m->space, addr, m->pages.page_size);

	if (!at)
		return -EBADMSG;
	put(at, contents, m->pages.page_size);
	return 0;
}

/* What the VMM has there is told later, as far as it is not zero. */
static int map(struct hvt_guest_memory *m, const struct hvt_event *event)
{
	uint64_t addr = event->values[0], size = event->values[1];
	int err;

	if (event->values[2] == HVT_RAM_GONE)
		return 0;
	err = hvt_space_add(&m->space, addr, size);
	if (err)
		return err;
	return madvise(hvt_space_find(&m->space, addr, size), size,
			MADV_DONTNEED) ? -errno : 0;
}

/* The page that the event is about: where it is, and the contents told. */
static int page_of(const struct hvt_guest_memory *m,
		const struct hvt_event *event, uint8_t **at,
		const uint8_t **contents)
{
	uint64_t addr = event->values[0];

	*contents = hvt_page_pool_get(&m->pages, event->values[1]);
	*at = hvt_space_find(&m->space, addr, m->pages.page_size);
	if (!*at || !*contents || addr & (m->pages.page_size - 1))
		return -EBADMSG;
	return 0;
}

static int store(struct hvt_guest_memory *m, const struct hvt_event *event)
{
	const uint8_t *contents;
	uint8_t *at;

	if (page_of(m, event, &at, &contents))
		return -EBADMSG;
	put(at, contents, m->pages.page_size);
	return 0;
}

static int change(struct hvt_guest_memory *m, const struct hvt_event *event)
{
	uint64_t addr = event->values[0];
	size_t in_page = addr & (m->pages.page_size - 1);
	uint8_t *at = hvt_space_find(&m->space, addr, event->data_size);

	/* A change is one of a page, here as in a replay of the VMM. */
	if (!at || event->data_size > m->pages.page_size - in_page)
		return -EBADMSG;
	put(at, event->data, event->data_size);
	return 0;
}

int hvt_guest_memory_note(struct hvt_guest_memory *m,
		const struct hvt_event *event, const uint8_t **recorded,
		const uint8_t **found)
{
	uint8_t *at = NULL;
	int err = 0;

	switch (event->call) {
	case HVT_CALL_MEMORY_PAGE:
		return hvt_page_pool_add(&m->pages, event->values[0],
				event->data, event->data_size);
	case HVT_CALL_MEMORY_TOUCHED:
		err = page_of(m, event, &at, recorded);
		*found = at;
		if (err)
			return err;
		return memcmp(at, *recorded, m->pages.page_size) != 0;
	case HVT_CALL_MEMORY_STORED:
		return store(m, event);
	case HVT_CALL_MEMORY_CHANGED:
		return change(m, event);
	case HVT_CALL_MEMORY_MAPPED:
		return map(m, event);
	default:
		return 0;
	}
}
