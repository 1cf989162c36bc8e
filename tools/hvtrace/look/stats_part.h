/* SPDX-License-Identifier: MIT */
/*
 * Events of a stretch of a trace, as far as exits can be counted without those
 * before it: so that several threads can do it for several stretches. The rest is
 * done in the order of the trace, by stats_add_part(), so that it comes out as if
 * every event had been added by itself. Pure but for memory.
 */
#ifndef HVTRACE_STATS_PART_H
#define HVTRACE_STATS_PART_H

#include "stats.h"

enum stats_item_kind {
	STATS_ITEM_EXIT,   /* put together */
	STATS_ITEM_EVENT,  /* of a thread of which it is not known what it did */
	STATS_ITEM_LESSON, /* tells of a device */
};

struct stats_item {
	enum stats_item_kind kind;
	union {
		struct exit exit;
		struct hvt_event event; /* without its bytes */
	};
};

struct stats_part {
	struct exit_tracker tracker;
	struct stats_item *items; /* in their order */
	size_t count, room;
	struct stats_call *calls; /* by number of the function */
	uint32_t call_room;
	uint64_t events, call_count, first_tick, last_tick;
};

/* One of zeros is empty; this makes it that again, and keeps its memory. */
void stats_part_clear(struct stats_part *p);
void stats_part_fini(struct stats_part *p);

/* 0 or -ENOMEM. */
int stats_part_add(struct stats_part *p, const struct hvt_event *events,
		size_t count);

#endif
