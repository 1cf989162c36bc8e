/* SPDX-License-Identifier: MIT */
/* hvtrace dump: the events of a trace, one line each. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const char help[] =
"usage: hvtrace dump TRACE\n"
"\n"
"Shows every event of the trace: its number, seconds since the first one,\n"
"the thread, and the call with inputs, result and outputs. A call that others\n"
"can notice has two events: \"...\" at its end when it was entered, and again\n"
"when it returned.\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what comes before\n"
"that is shown.\n";

static uint64_t tick_hz(const struct hvt_trace *trace)
{
	const char *text = hvt_trace_info(trace, "tick_hz");
	uint64_t hz = text ? strtoull(text, NULL, 10) : 0;

	return hz ? hz : 1;
}

static int dump(struct hvt_trace *trace, const char *path)
{
	uint64_t hz = tick_hz(trace), start = 0;
	struct hvt_event event;
	struct hvt_error e;
	char text[1024];
	int got;

	while ((got = hvt_trace_next(trace, &event, &e)) == 1) {
		if (!event.number)
			start = event.tick;
		hvt_event_format(&event, text, sizeof(text));
		printf("%9" PRIu64 " %12.6f  t%-3" PRIu32 " %s\n", event.number,
				(double)(event.tick - start) / (double)hz,
				event.thread, text);
	}
	if (fflush(stdout))
		return trouble("cannot write the output");
	return got ? trouble_in_trace(path, &e) : EXIT_SAME;
}

int cmd_dump(int argc, char **argv)
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
			return trouble("`hvtrace dump --help` tells the "
				       "options");
		fputs(help, stdout);
		return EXIT_SAME;
	}
	if (argc - optind != 1)
		return trouble("dump takes one trace; `hvtrace dump --help`");
	if (hvt_trace_open(&trace, argv[optind], &e))
		return trouble_in_trace(argv[optind], &e);
	code = dump(trace, argv[optind]);
	hvt_trace_close(trace);
	return code;
}
