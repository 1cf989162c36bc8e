/* SPDX-License-Identifier: MIT */
#include "trace_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "look/known.h"

struct counting {
	struct trace_counts *counts;
	struct walk *walk;
};

int trace_counts_init(struct trace_counts *c)
{
	*c = (struct trace_counts){ 0 };
	c->calls_of = calloc(2 * TRACE_COUNTS_CALLS, sizeof(*c->calls_of));
	if (!c->calls_of)
		return -ENOMEM;
	c->bytes_of = c->calls_of + TRACE_COUNTS_CALLS;
	return 0;
}

void trace_counts_fini(struct trace_counts *c)
{
	free(c->calls_of);
	*c = (struct trace_counts){ 0 };
}

static void count(struct trace_counts *c, const struct hvt_event *e)
{
	if (!c->events++) {
		c->first = e->number;
		c->first_tick = e->tick;
	}
	c->last_tick = e->tick;
	if (e->thread >= c->threads)
		c->threads = e->thread + 1;
	if (e->kind == HVT_EVENT_LEAVE)
		c->exits += e->call == known_calls()->run;
	else
		c->calls++;
	if (e->call >= TRACE_COUNTS_CALLS)
		return;
	if (e->call >= c->calls_limit)
		c->calls_limit = e->call + 1;
	c->bytes_of[e->call] += e->data_size;
	c->calls_of[e->call] += e->kind != HVT_EVENT_LEAVE;
}

static void *create(void *context)
{
	struct trace_counts *part = malloc(sizeof(*part));

	(void)context;
	if (part && !trace_counts_init(part))
		return part;
	free(part);
	return NULL;
}

static int add(void *part, const struct hvt_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		count(part, &events[i]);
	return 0;
}

static void merge(struct trace_counts *c, const struct trace_counts *part)
{
	if (!c->events) {
		c->first = part->first;
		c->first_tick = part->first_tick;
	}
	if (part->events)
		c->last_tick = part->last_tick;
	c->events += part->events;
	c->calls += part->calls;
	c->exits += part->exits;
	if (part->threads > c->threads)
		c->threads = part->threads;
	for (uint32_t i = 0; i < part->calls_limit; i++) {
		c->calls_of[i] += part->calls_of[i];
		c->bytes_of[i] += part->bytes_of[i];
	}
}

static int end(void *p, void *context)
{
	const struct counting *c = context;
	struct trace_counts *part = p;
	struct trace_counts empty = { .calls_of = part->calls_of,
		.bytes_of = part->bytes_of };

	merge(c->counts, part);
	walk_pass(c->walk, part->events, part->first_tick);
	memset(part->calls_of, 0, part->calls_limit * sizeof(*part->calls_of));
	memset(part->bytes_of, 0, part->calls_limit * sizeof(*part->bytes_of));
	*part = empty;
	return 0;
}

static void destroy(void *part)
{
	trace_counts_fini(part);
	free(part);
}

int trace_counts_walk(struct trace_counts *c, struct walk *w,
		struct hvt_level *level)
{
	static const struct hvt_part_ops ops = { create, add, end, destroy };
	struct counting counting = { c, w };
	struct hvt_event event;
	int err = 0;

	for (;;) {
		if (!w->is_damaged && hvt_level_is_settled(level))
			c->is_settled = true;
		if (c->is_settled || w->is_damaged)
			err = walk_parts(w, 0, &ops, &counting);
		if (err || !walk_next(w, &event))
			return err;
		count(c, &event);
		if (!c->is_settled && !w->is_damaged)
			hvt_level_see(level, &event);
	}
}
