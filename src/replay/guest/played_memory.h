/* SPDX-License-Identifier: MIT */
/*
 * What a trace says of guest memory, done to the memory of a guest that is
 * played: what the VMM stored is stored, and what it found must be there.
 */
#ifndef HVT_GUEST_PLAYED_MEMORY_H
#define HVT_GUEST_PLAYED_MEMORY_H

#include <hvtrace/hvtrace.h>

#include "../page_pool.h"
#include "space.h"

struct hvt_guest_memory {
	struct hvt_space space;
	struct hvt_page_pool pages;
};

int hvt_guest_memory_init(struct hvt_guest_memory *m, size_t page_size);
void hvt_guest_memory_fini(struct hvt_guest_memory *m);

/* Puts a page to where that is: -EBADMSG, there is no memory. */
int hvt_guest_memory_put(struct hvt_guest_memory *m, uint64_t addr,
		const uint8_t *contents);

/*
 * Does it. 0; 1: the VMM found something else in that page: *found and
 * *recorded are one page each, until the next note; -EBADMSG: it makes no
 * sense; -ENOMEM.
 */
int hvt_guest_memory_note(struct hvt_guest_memory *m,
		const struct hvt_event *event, const uint8_t **recorded,
		const uint8_t **found);

#endif
