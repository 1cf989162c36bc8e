/* SPDX-License-Identifier: MIT */
/* hvtrace recover: gives a trace whose recorder died its proper end. */
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd.h"

static const char help[] =
"usage: hvtrace recover TRACE\n"
"\n"
"A VMM that is killed while it is recorded leaves its last events in a log\n"
"beside the trace, TRACE.wal. All commands read them there; recover writes\n"
"them into the trace, closes it, and removes the log.\n"
"\n"
"Exit status: 0, also if there was nothing to do; 2 trouble.\n";

static bool has_log(const char *path)
{
	char log[PATH_MAX];

	return snprintf(log, sizeof(log), "%s.wal", path) < PATH_MAX &&
			!access(log, F_OK);
}

static int recover(const char *path)
{
	bool log = has_log(path), closed;
	struct hvt_trace *trace;
	struct hvt_error e;
	uint64_t events;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	closed = hvt_trace_state(trace) == HVT_TRACE_CLOSED;
	hvt_trace_close(trace);
	if (closed) {
		printf("%s: closed already, nothing to do\n", path);
		return EXIT_SAME;
	}
	if (hvt_trace_recover(path, HVT_END_DIED, &events, &e))
		return trouble_in_trace(path, &e);
	if (log)
		printf("%s: closed, %" PRIu64 " event%s from its log\n", path,
				events, events == 1 ? "" : "s");
	else
		printf("%s: closed as it was; %s.wal is not there, so that its "
		       "last events may be missing\n", path, path);
	return EXIT_SAME;
}

int cmd_recover(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c != 'h')
			return trouble("`hvtrace recover --help` tells the "
				       "options");
		fputs(help, stdout);
		return EXIT_SAME;
	}
	if (argc - optind != 1)
		return trouble("recover takes one trace; `hvtrace recover "
			       "--help`");
	return recover(argv[optind]);
}
