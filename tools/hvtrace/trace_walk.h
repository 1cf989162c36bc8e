/* SPDX-License-Identifier: MIT */
/*
 * A trace read from one end of a range to the other, past damage that is told,
 * with progress shown: what all commands do that look at events in their order.
 */
#ifndef HVTRACE_TRACE_WALK_H
#define HVTRACE_TRACE_WALK_H

#include <hvtrace/hvtrace.h>

#include "progress.h"

struct walk {
	struct hvt_trace *trace;
	const char *path;
	uint64_t from, to;   /* numbers of events; to is not in the range */
	uint64_t done;       /* events that were read */
	uint64_t damaged;    /* stretches that could not be read */
	bool is_damaged;     /* rather than only cut short */
	bool gap;            /* by walk_gap() alone */
	bool started;        /* there was an event: */
	uint64_t first_tick; /* of the first event of the trace */
	double hz;           /* ticks a second; 0: not known */
	int code;            /* what the command is to return: trouble is told */
	bool quiet;
	struct progress progress;
};

/* Opens the trace, all of which is the range then. EXIT_SAME or told. */
int walk_open(struct walk *w, const char *path, bool quiet);

/*
 * Narrows the range to between two places: a number is that of an event, one
 * with a unit (s, ms, us, ns) a time since the first event, and "end" the end.
 * b may be NULL. EXIT_SAME or told.
 */
int walk_between(struct walk *w, const char *a, const char *b);

/*
 * The option --between, of which getopt() has taken the first of its two words.
 * EXIT_SAME or told.
 */
int walk_option(int argc, char **argv, const char **a, const char **b);

/* The next event. False: that was all, or no more can be read (told). */
bool walk_next(struct walk *w, struct hvt_event *event);

/* Were events missing before the one read last? Says so once. */
bool walk_gap(struct walk *w);

/*
 * By hvt_trace_read_parts() as far as that can go on from here; end is to call
 * walk_pass(). 0 or -errno.
 */
int walk_parts(struct walk *w, unsigned threads, const struct hvt_part_ops *ops,
		void *context);

/* A part was read, of so many events. */
void walk_pass(struct walk *w, uint64_t events, uint64_t first_tick);

/* What it was told to return, at the latest when it is closed. */
int walk_close(struct walk *w);

/* Seconds that ticks are; 0 where the rate is not known. */
double walk_seconds(const struct walk *w, uint64_t ticks);

/* Nanoseconds from the first event to tick; ticks where there is no rate. */
uint64_t walk_ns(const struct walk *w, uint64_t tick);

/* Found where a search for what no trace has comes to an end; moves there. */
uint64_t walk_number_behind_last(struct hvt_trace *trace);

/* The same of the trace at path; 0 where there is none. */
uint64_t walk_events_in(const char *path);

#endif
