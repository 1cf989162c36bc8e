/* SPDX-License-Identifier: MIT */
/*
 * Reads ahead of a replay by the VMM's turns of memory: so what it will come to
 * in one is known before it does.
 */
#ifndef HVT_REPLAY_TURNS_H
#define HVT_REPLAY_TURNS_H

#include <hvtrace/hvtrace.h>

#include "turn_pages.h"

/* A turn of the recording. */
struct hvt_turn {
	struct hvt_turn_pages pages;
	bool taken; /* it ended while the VMM was in the middle of it */
};

struct hvt_turns {
	struct hvt_trace *trace;
	bool at_end; /* there is no more */
	struct hvt_turn now, next;
	bool next_known;
};

/*
 * The next turn is now: what the VMM came to in it, or up to where the trace breaks
 * off; the contents that are told there are added to the pool. -EBADMSG: they make
 * no sense; -ENOMEM.
 */
int hvt_turns_go_on(struct hvt_turns *t, struct hvt_page_pool *pool);

/* Reads the next one already. Errors as above. */
int hvt_turns_know_next(struct hvt_turns *t, struct hvt_page_pool *pool);

void hvt_turns_clear(struct hvt_turns *t);

/* The page that event is about, made if need be, and what it says is in it. */
int hvt_turn_told_page(struct hvt_turn_pages *pages,
		const struct hvt_page_pool *pool, const struct hvt_event *event,
		struct hvt_turn_page **page, const uint8_t **content);

#endif
