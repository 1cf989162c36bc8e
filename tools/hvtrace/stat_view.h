/* SPDX-License-Identifier: MIT */
/* hvtrace stat: what was counted, as text and as JSON. */
#ifndef HVTRACE_STAT_VIEW_H
#define HVTRACE_STAT_VIEW_H

#include "look/stats.h"
#include "out.h"
#include "trace_walk.h"

struct stat_view {
	const struct walk *walk;
	const struct stats *stats;
	uint32_t top;    /* so many PCs and addresses, and rows */
	uint64_t size;   /* bytes of the file */
	bool part;       /* the walk is of a part of it only */
	bool brief;      /* as text: counts alone, to see again and again */
};

/* Ticks as nanoseconds; ticks where their rate is not known. */
double stat_ns(const struct walk *w, double ticks);

/* stat_options.c: --by, --top and --threads. EXIT_SAME or told. */
int stat_parse_by(struct stats_by_list *by, const char *text);
int stat_parse_top(uint32_t *top, const char *text);
int stat_parse_threads(uint32_t *threads, const char *text);

void stat_text(struct out *o, const struct stat_view *v);
void stat_json(struct out *o, const struct stat_view *v);

#endif
