/* SPDX-License-Identifier: MIT */
/* The exits of a range of a trace counted, by several threads. */
#ifndef HVTRACE_STATS_WALK_H
#define HVTRACE_STATS_WALK_H

#include "look/stats.h"
#include "trace_walk.h"

/* Adds what is left of the walk. threads: 0, one for each CPU. 0 or -ENOMEM. */
int stats_walk(struct stats *s, struct walk *w, unsigned threads);

/* Adds the next event of the walk. 1; 0: there is none; -ENOMEM. */
int stats_next(struct stats *s, struct walk *w);

#endif
