/* SPDX-License-Identifier: MIT */
/* One event as a line for people. */
#ifndef HVTRACE_DUMP_LINE_H
#define HVTRACE_DUMP_LINE_H

#include "look/stats.h"
#include "out.h"
#include "trace_walk.h"

struct dump_style {
	bool color;
};

void dump_line(struct out *o, const struct dump_style *style,
		const struct walk *w, const struct stats_names *names,
		const struct hvt_event *event);

#endif
