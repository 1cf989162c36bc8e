/* SPDX-License-Identifier: MIT */
#include "trace_walk.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static double tick_hz(const struct hvt_trace *trace)
{
	const char *text = hvt_trace_info(trace, "tick_hz");

	return text ? (double)strtoull(text, NULL, 10) : 0;
}

uint64_t walk_number_behind_last(struct hvt_trace *trace)
{
	struct hvt_error e = { 0 };

	hvt_trace_seek(trace, HVT_SEEK_EVENT, UINT64_MAX, &e);
	return e.event;
}

uint64_t walk_events_in(const char *path)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	uint64_t n;

	if (hvt_trace_open(&trace, path, &e))
		return 0;
	n = walk_number_behind_last(trace);
	hvt_trace_close(trace);
	return n;
}

int walk_open(struct walk *w, const char *path, bool quiet)
{
	struct hvt_event event;
	struct hvt_error e;
	uint64_t total;

	*w = (struct walk){ .path = path, .to = UINT64_MAX, .quiet = quiet };
	if (hvt_trace_open(&w->trace, path, &e))
		return trouble_in_trace(path, &e);
	w->hz = tick_hz(w->trace);
	total = walk_number_behind_last(w->trace);
	hvt_trace_rewind(w->trace, NULL);
	/* What is damaged here is told when it is read for good. */
	if (hvt_trace_next(w->trace, &event, NULL) == 1) {
		w->started = true;
		w->first_tick = event.tick;
		total = total > event.number ? total - event.number : 0;
	}
	hvt_trace_rewind(w->trace, NULL);
	progress_begin(&w->progress, "reading", total, quiet);
	return EXIT_SAME;
}

/* Ticks since the first event of a time as "1.5ms"; false: that is none. */
static bool parse_time(const struct walk *w, const char *text, uint64_t *ticks)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = { { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 },
		{ "ns", 1e-9 } };
	char *end;
	double value = strtod(text, &end);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double t = value * units[i].seconds * w->hz;

		if (end == text || strcmp(end, units[i].name) != 0)
			continue;
		*ticks = (uint64_t)t;
		return t >= 0 && t < 9e18;
	}
	return false;
}

/* The number of the first event that is not earlier. */
static bool event_at(struct walk *w, uint64_t ticks, uint64_t *number)
{
	struct hvt_event event;
	struct hvt_error e;
	int err = hvt_trace_seek(
			w->trace, HVT_SEEK_TICK, w->first_tick + ticks, &e);

	*number = UINT64_MAX;
	if (err == -ERANGE)
		return true;
	if (err || hvt_trace_next(w->trace, &event, &e) != 1)
		return false;
	*number = event.number;
	return true;
}

static bool parse_place(struct walk *w, const char *text, uint64_t *number)
{
	uint64_t ticks;
	char *end;

	*number = UINT64_MAX;
	if (!strcmp(text, "end"))
		return true;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	if (!*end && !errno)
		return true;
	return parse_time(w, text, &ticks) && event_at(w, ticks, number);
}

int walk_between(struct walk *w, const char *a, const char *b)
{
	struct hvt_error e;
	int err;

	if (!parse_place(w, a, &w->from))
		return trouble("%s is no place in the trace: events have "
			       "numbers, times a unit, as 1.5s", a);
	if (b && !parse_place(w, b, &w->to))
		return trouble("%s is no place in the trace: events have "
			       "numbers, times a unit, as 1.5s", b);
	err = hvt_trace_seek(w->trace, HVT_SEEK_EVENT, w->from, &e);
	/* Behind the end there is nothing, and damage is told when it is read. */
	if (err == -ERANGE && e.event > w->from)
		hvt_trace_rewind(w->trace, NULL);
	if (w->to != UINT64_MAX && w->to > w->from)
		w->progress.total = w->to - w->from;
	else if (w->progress.total > w->from)
		w->progress.total -= w->from;
	return EXIT_SAME;
}

int walk_option(int argc, char **argv, const char **a, const char **b)
{
	if (optind >= argc)
		return trouble("--between takes two places: A B");
	*a = optarg;
	*b = argv[optind++];
	return EXIT_SAME;
}

bool walk_next(struct walk *w, struct hvt_event *event)
{
	struct hvt_error e;

	for (;;) {
		int got = hvt_trace_next(w->trace, event, &e);

		if (got == 1) {
			if (event->number >= w->to)
				return false;
			if (event->number < w->from)
				continue;
			if (!w->started)
				w->first_tick = event->tick;
			w->started = true;
			progress_step(&w->progress, ++w->done);
			return true;
		}
		if (!got)
			return false;
		w->damaged++;
		w->gap = true;
		w->is_damaged |= got != -ENODATA;
		w->code = trouble_in_trace(w->path, &e);
		if (got != -EBADMSG)
			return false;
	}
}

bool walk_gap(struct walk *w)
{
	bool gap = w->gap;

	w->gap = false;
	return gap;
}

void walk_pass(struct walk *w, uint64_t events, uint64_t first_tick)
{
	if (events && !w->started) {
		w->first_tick = first_tick;
		w->started = true;
	}
	w->done += events;
	progress_step(&w->progress, w->done);
}

int walk_parts(struct walk *w, unsigned threads, const struct hvt_part_ops *ops,
		void *context)
{
	/* Events before the range are passed over one by one. */
	if (w->from && !w->done)
		return 0;
	return hvt_trace_read_parts(w->trace, w->to, threads, ops, context);
}

int walk_close(struct walk *w)
{
	progress_end(&w->progress);
	hvt_trace_close(w->trace);
	w->trace = NULL;
	return w->code;
}

double walk_seconds(const struct walk *w, uint64_t ticks)
{
	return w->hz > 0 ? (double)ticks / w->hz : 0;
}

uint64_t walk_ns(const struct walk *w, uint64_t tick)
{
	uint64_t ticks = tick > w->first_tick ? tick - w->first_tick : 0;
	uint64_t hz = (uint64_t)w->hz;

	if (!hz)
		return ticks;
	return (uint64_t)((unsigned __int128)ticks * 1000000000u / hz);
}
