/* SPDX-License-Identifier: MIT */
/*
 * The filters of hvtrace dump --where: an expression over the fields of an
 * event. The text is taken for hostile: its length, depth and numbers are
 * checked, and every error has its place.
 *
 *	or         = and { "||" and }
 *	and        = not { "&&" not }
 *	not        = "!" not | "(" or ")" | comparison
 *	comparison = field { ("&" | ">>" | "<<") number } [ operator value ]
 *	operator   = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~"
 *	value      = number | word | string
 */
#ifndef HVTRACE_WHERE_H
#define HVTRACE_WHERE_H

#include "devices.h"
#include "exits.h"

#define WHERE_TEXT_MAX	4096u
#define WHERE_NODES_MAX 256u
#define WHERE_DEPTH_MAX 64u

struct where_error {
	size_t column; /* in the text, from 0 */
	char text[160];
};

struct where;

/*
 * Takes the expression apart. Names of fields are those that this reader has,
 * and of parameters of the trace's functions (trace NULL: of the library's).
 * NULL: *e says why.
 */
struct where *where_compile(const char *text, const struct hvt_trace *trace,
		struct where_error *e);
void where_free(struct where *w);

/* What an event is looked at with; it remembers the vCPUs of threads. */
struct where_event {
	const struct hvt_trace *trace; /* NULL: functions are the library's */
	const struct device_map *devices;
	uint64_t first_tick;
	double hz; /* 0: there are no times */
	struct exit_tracker tracker;
};

void where_event_fini(struct where_event *what);

/* Events have to come in their order. */
bool where_holds(const struct where *w, struct where_event *what,
		const struct hvt_event *event);

#endif
