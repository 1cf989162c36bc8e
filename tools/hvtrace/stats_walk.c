/* SPDX-License-Identifier: MIT */
#include "stats_walk.h"

#include <stdlib.h>

#include "look/stats_part.h"

struct counting {
	struct stats *stats;
	struct walk *walk;
};

static void *create(void *context)
{
	(void)context;
	return calloc(1, sizeof(struct stats_part));
}

static int add(void *part, const struct hvt_event *events, size_t count)
{
	return stats_part_add(part, events, count);
}

static int end(void *part, void *context)
{
	const struct counting *c = context;
	const struct stats_part *p = part;
	int err = stats_add_part(c->stats, part);

	walk_pass(c->walk, p->events, p->first_tick);
	stats_part_clear(part);
	return err;
}

static void destroy(void *part)
{
	stats_part_fini(part);
	free(part);
}

int stats_next(struct stats *s, struct walk *w)
{
	struct hvt_event event;
	int err;

	if (!walk_next(w, &event))
		return 0;
	if (walk_gap(w))
		stats_gap(s);
	err = stats_add(s, &event);
	return err ? err : 1;
}

int stats_walk(struct stats *s, struct walk *w, unsigned threads)
{
	static const struct hvt_part_ops ops = { create, add, end, destroy };
	struct counting c = { s, w };
	int got;

	/* What parts cannot be made of comes one by one. */
	do {
		got = walk_parts(w, threads, &ops, &c);
		if (!got)
			got = stats_next(s, w);
	} while (got > 0);
	return got;
}
