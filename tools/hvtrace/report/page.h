/* SPDX-License-Identifier: MIT */
/* The page of hvtrace report: one file, that needs nothing else. */
#ifndef HVTRACE_PAGE_H
#define HVTRACE_PAGE_H

#include "look/stats.h"
#include "out.h"
#include "stat_view.h"
#include "timeline.h"

struct report {
	const struct walk *walk;
	struct stats stats;
	struct timeline timeline;
	struct stat_view view;
	const char *title;
	const char *other;      /* the trace it is compared with, or NULL */
	const char *difference; /* what `hvtrace diff` says of them */
};

void page_write(struct out *o, const struct report *r);

/* Text with what HTML would take for its own written otherwise. */
void page_text(struct out *o, const char *text);

/* Nanoseconds as people read them: "1.23 ms". */
void page_ns(struct out *o, double ns);

/* charts.c: pictures, in SVG. */
void chart_lanes(struct out *o, const struct report *r);
void chart_rates(struct out *o, const struct report *r);
void chart_times(struct out *o, const struct report *r,
		const struct stats_row *row);

#endif
