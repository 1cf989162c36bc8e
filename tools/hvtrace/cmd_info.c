/* SPDX-License-Identifier: MIT */
/* hvtrace info: what a trace is, and what it holds, counted. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"

static const char help[] =
"usage: hvtrace info TRACE\n"
"\n"
"Shows where and how the trace was recorded, how large it is, and how often\n"
"each function was called.\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what comes before\n"
"that is counted.\n";

struct counts {
	uint64_t events, calls, first_tick, last_tick;
	uint32_t threads;
	uint64_t *by_call;
};

static void count(struct counts *c, const struct hvt_event *event)
{
	if (!c->events++)
		c->first_tick = event->tick;
	c->last_tick = event->tick;
	if (event->thread >= c->threads)
		c->threads = event->thread + 1;
	if (event->kind == HVT_EVENT_LEAVE)
		return;
	c->calls++;
	c->by_call[event->call]++;
}

static void show_facts(const struct hvt_trace *trace)
{
	const char *key, *value;

	for (size_t i = 0; hvt_trace_info_at(trace, i, &key, &value); i++)
		printf("%-14s %s\n", key, value);
}

static void show(const struct hvt_trace *trace, const struct counts *c,
		const char *path)
{
	const char *text = hvt_trace_info(trace, "tick_hz");
	double hz = text ? strtod(text, NULL) : 0;
	struct stat st;

	printf("%-14s %" PRIu32 "\n", "format", hvt_trace_version(trace));
	show_facts(trace);
	if (hz > 0)
		printf("%-14s %.6f s\n", "duration",
				(double)(c->last_tick - c->first_tick) / hz);
	if (!stat(path, &st))
		printf("%-14s %jd bytes, %" PRIu64 " uncompressed\n", "size",
				(intmax_t)st.st_size,
				hvt_trace_raw_bytes(trace));
	printf("%-14s %" PRIu32 "\n", "threads", c->threads);
	printf("%-14s %" PRIu64 "\n", "events", c->events);
	printf("%-14s %" PRIu64 "\n", "calls", c->calls);
	for (uint32_t i = 0; i < hvt_call_limit(); i++)
		if (c->by_call[i])
			printf("  %10" PRIu64 " %s\n", c->by_call[i],
					hvt_call_schema(i)->name);
}

static int info(struct hvt_trace *trace, const char *path)
{
	struct counts c = { 0 };
	struct hvt_event event;
	struct hvt_error e;
	int got;

	c.by_call = calloc(hvt_call_limit(), sizeof(*c.by_call));
	if (!c.by_call)
		return trouble("out of memory");
	while ((got = hvt_trace_next(trace, &event, &e)) == 1)
		count(&c, &event);
	show(trace, &c, path);
	free(c.by_call);
	return got ? trouble_in_trace(path, &e) : EXIT_SAME;
}

int cmd_info(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct hvt_trace *trace;
	struct hvt_error e;
	int c, code;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c != 'h')
			return trouble("`hvtrace info --help` tells the "
				       "options");
		fputs(help, stdout);
		return EXIT_SAME;
	}
	if (argc - optind != 1)
		return trouble("info takes one trace; `hvtrace info --help`");
	if (hvt_trace_open(&trace, argv[optind], &e))
		return trouble_in_trace(argv[optind], &e);
	code = info(trace, argv[optind]);
	hvt_trace_close(trace);
	return code;
}
