/* SPDX-License-Identifier: MIT */
/* The comparison of two traces, and what is shown of it. */
#ifndef HVTRACE_DIFF_H
#define HVTRACE_DIFF_H

#include "color.h"
#include "look/devices.h"
#include "look/digest.h"
#include "look/pair.h"
#include "look/where.h"
#include "out.h"
#include "trace_walk.h"

#define DIFF_CONTEXT_MAX 100u
#define DIFF_CALLS	 65536u /* numbers of functions are below this */

struct diff_options {
	struct digest_rules rules;
	const char *filter;
	unsigned context;
	bool brief, color, quiet;
};

/* One of the two. */
struct diff_side {
	struct walk walk;
	struct device_map devices;
	struct where *where;
	struct where_event what;
	bool over;
	uint64_t events; /* that were compared */
	uint64_t *calls; /* of these, by function, */
	uint64_t exits[EXIT_CLASSES]; /* and by class */
};

struct diff {
	const struct diff_options *options;
	struct diff_side sides[2];
	struct pair pair;
	uint64_t alike; /* pairs of events that are the same, of all threads */
};

/* Shows the difference on descriptor fd. EXIT_SAME, EXIT_DIFFERS, EXIT_TROUBLE. */
int diff_traces(const struct diff_options *o, const char *a, const char *b,
		int fd);

/* diff_view.c: all that is shown of a difference. */
int diff_show(struct diff *d, struct out *o);

/* Is the event one that is compared? Not in order, where need be. */
bool diff_selects(struct diff_side *s, const struct hvt_event *event);

#endif
