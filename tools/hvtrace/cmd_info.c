/* SPDX-License-Identifier: MIT */
/* hvtrace info: what a trace is, and what it holds, counted. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "json.h"

static const char help[] =
"usage: hvtrace info [--json] TRACE\n"
"\n"
"Shows where and how the trace was recorded, how large it is, and how often\n"
"each function was called.\n"
"\n"
"  --json  one JSON object on one line:\n"
"            format        version of the format\n"
"            state         closed, live (being written) or open (its recorder\n"
"                          died)\n"
"            size          bytes of the file\n"
"            uncompressed  bytes of its events, uncompressed\n"
"            threads       how many there were: the highest number and 1\n"
"            first_event   number of the first event; null: there is none\n"
"            events        how many there are\n"
"            calls         events but for those of calls that returned\n"
"            exits         how often hv_vcpu_run returned\n"
"            ticks         from the first event to the last\n"
"            seconds       the same in seconds; null: the rate is not known\n"
"            damaged       stretches that cannot be read\n"
"            facts         an object: what was noted when it was recorded\n"
"            functions     an object: the number of calls by function\n"
"          Keys are never taken away; more may come.\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what can be read\n"
"is counted.\n";

/* Numbers of functions are below this: docs/FORMAT.md. */
#define CALL_LIMIT 65536u

struct counts {
	uint64_t events, calls, exits, first, first_tick, last_tick, damaged;
	uint32_t threads;
	uint64_t *by_call;
};

static void count(struct counts *c, const struct hvt_event *event,
		const char *name)
{
	if (!c->events++) {
		c->first = event->number;
		c->first_tick = event->tick;
	}
	c->last_tick = event->tick;
	if (event->thread >= c->threads)
		c->threads = event->thread + 1;
	if (event->kind == HVT_EVENT_LEAVE) {
		c->exits += !strcmp(name, "hv_vcpu_run");
		return;
	}
	c->calls++;
	if (event->call < CALL_LIMIT)
		c->by_call[event->call]++;
}

static double tick_hz(const struct hvt_trace *trace)
{
	const char *text = hvt_trace_info(trace, "tick_hz");

	return text ? strtod(text, NULL) : 0;
}

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

static const char *state_name(const struct hvt_trace *trace)
{
	switch (hvt_trace_state(trace)) {
	case HVT_TRACE_CLOSED:
		return "closed";
	case HVT_TRACE_LIVE:
		return "live";
	case HVT_TRACE_OPEN:
		return "open";
	}
	return "";
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
	double hz = tick_hz(trace);

	printf("%-14s %" PRIu32 "\n", "format", hvt_trace_version(trace));
	printf("%-14s %s\n", "state", state_name(trace));
	show_facts(trace);
	if (hz > 0)
		printf("%-14s %.6f s\n", "duration",
				(double)(c->last_tick - c->first_tick) / hz);
	printf("%-14s %" PRIu64 " bytes, %" PRIu64 " uncompressed\n", "size",
			file_size(path), hvt_trace_raw_bytes(trace));
	printf("%-14s %" PRIu32 "\n", "threads", c->threads);
	printf("%-14s %" PRIu64 "\n", "events", c->events);
	printf("%-14s %" PRIu64 "\n", "calls", c->calls);
	for (uint32_t i = 0; i < CALL_LIMIT; i++)
		if (c->by_call[i])
			printf("  %10" PRIu64 " %s\n", c->by_call[i],
					hvt_trace_call(trace, i)->name);
}

static void put_number(const char *key, uint64_t value)
{
	printf(",\"%s\":%" PRIu64, key, value);
}

static void put_facts(const struct hvt_trace *trace)
{
	const char *key, *value;

	printf(",\"facts\":{");
	for (size_t i = 0; hvt_trace_info_at(trace, i, &key, &value); i++) {
		if (i)
			putchar(',');
		json_string(key);
		putchar(':');
		json_string(value);
	}
	putchar('}');
}

static void put_functions(const struct hvt_trace *trace,
		const struct counts *c)
{
	const char *comma = "";

	printf(",\"functions\":{");
	for (uint32_t i = 0; i < CALL_LIMIT; i++) {
		if (!c->by_call[i])
			continue;
		printf("%s", comma);
		json_string(hvt_trace_call(trace, i)->name);
		printf(":%" PRIu64, c->by_call[i]);
		comma = ",";
	}
	putchar('}');
}

static void show_json(const struct hvt_trace *trace, const struct counts *c,
		const char *path)
{
	uint64_t ticks = c->last_tick - c->first_tick;
	double hz = tick_hz(trace);

	printf("{\"format\":%" PRIu32 ",\"state\":\"%s\"",
			hvt_trace_version(trace), state_name(trace));
	put_number("size", file_size(path));
	put_number("uncompressed", hvt_trace_raw_bytes(trace));
	put_number("threads", c->threads);
	if (c->events)
		put_number("first_event", c->first);
	else
		printf(",\"first_event\":null");
	put_number("events", c->events);
	put_number("calls", c->calls);
	put_number("exits", c->exits);
	put_number("ticks", ticks);
	if (hz > 0)
		printf(",\"seconds\":%.6f", (double)ticks / hz);
	else
		printf(",\"seconds\":null");
	put_number("damaged", c->damaged);
	put_facts(trace);
	put_functions(trace, c);
	puts("}");
}

/* What can be read, past the damage that is told. */
static int count_all(struct hvt_trace *trace, struct counts *c,
		const char *path)
{
	struct hvt_event event;
	struct hvt_error e;
	int got, code = EXIT_SAME;

	while ((got = hvt_trace_next(trace, &event, &e))) {
		if (got == 1) {
			count(c, &event, hvt_trace_call(
					trace, event.call)->name);
			continue;
		}
		code = trouble_in_trace(path, &e);
		c->damaged++;
		if (got != -EBADMSG)
			break;
	}
	return code;
}

static int info(struct hvt_trace *trace, const char *path, bool json)
{
	struct counts c = { 0 };
	int code;

	c.by_call = calloc(CALL_LIMIT, sizeof(*c.by_call));
	if (!c.by_call)
		return trouble("out of memory");
	code = count_all(trace, &c, path);
	if (json)
		show_json(trace, &c, path);
	else
		show(trace, &c, path);
	free(c.by_call);
	if (fflush(stdout) || ferror(stdout))
		return trouble("cannot write the output");
	return code;
}

int cmd_info(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct hvt_trace *trace;
	struct hvt_error e;
	bool json = false;
	int c, code;

	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		if (c != 'j')
			return trouble("`hvtrace info --help` tells the "
				       "options");
		json = true;
	}
	if (argc - optind != 1)
		return trouble("info takes one trace; `hvtrace info --help`");
	if (hvt_trace_open(&trace, argv[optind], &e))
		return trouble_in_trace(argv[optind], &e);
	code = info(trace, argv[optind], json);
	hvt_trace_close(trace);
	return code;
}
