/* SPDX-License-Identifier: MIT */
/* hvtrace recover: gives a trace whose recorder died its proper end. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"

static const char help[] =
"usage: hvtrace recover TRACE\n"
"\n"
"A VMM that is killed while it is recorded leaves its last events in a log\n"
"beside the trace, TRACE.wal. All commands read them there; recover writes\n"
"them into the trace, closes it, and removes the log.\n"
"\n"
"Exit status: 0, also if there was nothing to do; 2 trouble.\n";

int cmd_recover(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct hvt_error e;
	uint64_t events;
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
	if (hvt_trace_recover(argv[optind], &events, &e))
		return trouble_in_trace(argv[optind], &e);
	printf("%s: closed, %" PRIu64 " events from its log\n", argv[optind],
			events);
	return EXIT_SAME;
}
