/* SPDX-License-Identifier: MIT */
#include "memory_recording.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "memory_log.h"
#include "page_store.h"
#include "guest_ram.h"
#include "recording.h"
#include "vm.h"

/* Changes this near each other are one; this much of a page is all of it. */
#define GAP_MAX	 32u
#define WORD	 sizeof(uint64_t)
#define PART_MAX 8u

bool hvt_memory_is_recorded;

/* Under the lock of the ram room, as all functions called by it are. */
static struct hvt_page_store *pages;
static size_t page_size;

static void note(uint32_t what, uint64_t first, uint64_t second,
		const uint8_t *bytes, size_t size)
{
	struct hvt_event event = {
		.kind = HVT_EVENT_ENTER,
		.call = what,
		.values = { first, second },
		.data = bytes,
		.data_size = size,
	};

	(void)hvt_recording_append(&event);
}

static uint64_t address(const void *addr)
{
	return (uint64_t)(uintptr_t)addr;
}

/* Its contents first, if they are new. */
static void note_page(uint32_t what, const void *addr, const uint8_t *page)
{
	uint64_t number;

	if (hvt_page_store_number(pages, page, &number))
		note(HVT_CALL_MEMORY_PAGE, number, page_size, page,
				page_size);
	note(what, address(addr), number, NULL, 0);
}

static void on_touched(const void *addr, const uint8_t *page)
{
	note_page(HVT_CALL_MEMORY_TOUCHED, addr, page);
}

static bool differ(const uint8_t *before, const uint8_t *after, size_t at)
{
	static const uint8_t zeros[WORD];

	return memcmp(before ? before + at : zeros, after + at, WORD) != 0;
}

/*
 * The next change from at on, or the first max bytes of it: where it begins;
 * *end: where it ends.
 */
static size_t next_change(const uint8_t *before, const uint8_t *after,
		size_t at, size_t max, size_t *end)
{
	size_t same = 0, limit;

	while (at < page_size && !differ(before, after, at))
		at += WORD;
	*end = at;
	limit = max < page_size - at ? at + max : page_size;
	for (size_t i = at; i < limit && same <= GAP_MAX; i += WORD) {
		same = differ(before, after, i) ? 0 : same + WORD;
		if (!same)
			*end = i + WORD;
	}
	return at;
}

/* So much that the page is worth a place of its own in the store? */
static bool is_much_changed(const uint8_t *before, const uint8_t *after)
{
	size_t part = page_size / PART_MAX, sum = 0, end = 0;

	for (size_t at = 0; at < page_size && sum <= part; at = end) {
		at = next_change(before, after, at, part + WORD, &end);
		sum += end - at;
	}
	return sum > part;
}

/* By events that say what all of it is, or what a part of it is. */
static void note_change(uint32_t all, uint32_t part, const void *addr,
		const uint8_t *before, const uint8_t *after)
{
	size_t end = 0;

	if (!after || is_much_changed(before, after)) {
		note_page(all, addr, after);
		return;
	}
	for (size_t at = 0; at < page_size; at = end) {
		at = next_change(before, after, at, page_size, &end);
		if (at < end)
			note(part, address(addr) + at, end - at, after + at,
					end - at);
	}
}

static void on_changed(const void *addr, const uint8_t *before,
		const uint8_t *after)
{
	note_change(HVT_CALL_MEMORY_STORED, HVT_CALL_MEMORY_CHANGED, addr,
			before, after);
}

static void on_written(const void *addr, const uint8_t *before,
		const uint8_t *after)
{
	note_change(HVT_CALL_MEMORY_GUEST_STORED,
			HVT_CALL_MEMORY_GUEST_CHANGED, addr, before, after);
}

static void on_ended(enum hvt_turn_end how)
{
	note(HVT_CALL_MEMORY_TURN, how, 0, NULL, 0);
}

static void on_mapped(const void *addr, size_t size, enum hvt_ram_kind kind)
{
	struct hvt_event event = {
		.kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_MEMORY_MAPPED,
		.values = { address(addr), size, kind },
	};

	(void)hvt_recording_append(&event);
}

static void on_pause(pid_t outside)
{
	hvt_engine->pause(outside);
}

static void on_resume(void)
{
	hvt_engine->resume();
}

static struct hvt_ram_ops ops = {
	.pause = on_pause,
	.resume = on_resume,
	.touched = on_touched,
	.changed = on_changed,
	.ended = on_ended,
	.mapped = on_mapped,
};

static int start(bool full)
{
	int err;

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	err = hvt_page_store_create(&pages, page_size);
	if (err)
		return err;
	ops.written = full ? on_written : NULL;
	err = hvt_ram_start(&ops);
	if (err) {
		hvt_page_store_destroy(pages);
		pages = NULL;
		return err;
	}
	hvt_memory_is_recorded = true;
	hvt_memory_is_logged = full;
	return 0;
}

int hvt_memory_recording_start(enum hvt_memory_mode *mode)
{
	bool full = *mode == HVT_MEMORY_FULL;
	int no_logs = full ? hvt_engine ? hvt_engine->slots_log() : -ENODEV : 0;
	int err;

	if (*mode == HVT_MEMORY_NONE)
		return 0;
	err = start(full && !no_logs);
	if (err)
		*mode = HVT_MEMORY_NONE;
	else if (no_logs)
		*mode = HVT_MEMORY_TOUCHED;
	return err ? err : no_logs;
}

/* vCPUs may be in the guest still: what they end will be no turn. */
void hvt_memory_recording_stop(void)
{
	if (!hvt_memory_is_recorded)
		return;
	hvt_ram_stop();
	hvt_page_store_destroy(pages);
	pages = NULL;
}
