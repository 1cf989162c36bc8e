/* SPDX-License-Identifier: MIT */
/*
 * The pages that a turn of the recorded VMM had to do with, by the address that
 * it had for them: what it found, and what they were at its end.
 */
#ifndef HVT_REPLAY_TURN_PAGES_H
#define HVT_REPLAY_TURN_PAGES_H

#include "page_pool.h"

#include <stdbool.h>

#define HVT_NO_EVENT UINT64_MAX

/* Bytes of a page, and the number of the event that says what they were. */
struct hvt_page_part {
	uint64_t event;
	size_t offset, size;
};

struct hvt_turn_page {
	uint64_t addr;
	const uint8_t *found; /* of the pool; NULL: it was not looked at */
	const uint8_t *left;  /* at the end of the turn */
	uint8_t *own;         /* left, where it is no page of the pool */
	uint64_t found_by;    /* event that says so */
	uint64_t left_by;     /* of all of it, or HVT_NO_EVENT; the rest is */
	struct hvt_page_part *parts;
	size_t part_count;
	bool due;             /* found, and not yet looked at again */
	bool gone;            /* the guest lost it in the turn, */
	bool handed;          /* with what it had left there for the VMM */
	bool carried;         /* it is compared in the next turn */
};

struct hvt_turn_pages {
	struct hvt_turn_page *at;
	uint32_t *table; /* twice as many: place in the list plus 1, or 0 */
	size_t count, capacity;
	size_t due; /* how many are */
};

/* NULL: there is none. */
struct hvt_turn_page *hvt_turn_pages_find(
		const struct hvt_turn_pages *p, uint64_t addr);

/* The one at addr, made if need be; NULL: out of memory. */
struct hvt_turn_page *hvt_turn_pages_get(struct hvt_turn_pages *p, uint64_t addr);

/* What is left of a page is content, says event. */
void hvt_turn_page_store(struct hvt_turn_page *page, uint64_t event,
		const uint8_t *content);

/* And of a part of it, these bytes; -ENOMEM, -EBADMSG beyond it. */
int hvt_turn_page_change(struct hvt_turn_page *page,
		const struct hvt_page_pool *pool, uint64_t event,
		size_t offset, const uint8_t *bytes, size_t size);

/* The event that says what the byte is that is left; or HVT_NO_EVENT. */
uint64_t hvt_turn_page_event(const struct hvt_turn_page *page, size_t offset);

/* It is due no longer, if it was. */
void hvt_turn_page_looked_at(struct hvt_turn_pages *p,
		struct hvt_turn_page *page);

void hvt_turn_pages_clear(struct hvt_turn_pages *p);

/* Of the pages there, which the guest loses, nothing more is known; */
void hvt_turn_pages_lose(struct hvt_turn_pages *p, uint64_t addr, uint64_t size);

/* and what it gets again in the same turn begins anew, as zeros. */
void hvt_turn_pages_regain(struct hvt_turn_pages *p, uint64_t addr, uint64_t size);

#endif
