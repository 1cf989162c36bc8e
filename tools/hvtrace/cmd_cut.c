/* SPDX-License-Identifier: MIT */
/* hvtrace cut: part of a trace as a trace of its own. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"

static const char help[] =
"usage: hvtrace cut [--from EVENT] [--to EVENT] -o OUT TRACE\n"
"\n"
"Writes the events from the first number up to, but not including, the second\n"
"to the new trace OUT. They keep their numbers. A cut that begins with event 0\n"
"can be replayed up to its end.\n"
"\n"
"Exit status: 0, or 2 trouble.\n"
"\n"
"  hvtrace cut --to 5000 -o start.hvt boot.hvt\n";

static int cut(const char *path, const char *out, uint64_t from, uint64_t to)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	int err;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	err = hvt_trace_cut(trace, out, from, to, &e);
	hvt_trace_close(trace);
	if (err == -EEXIST)
		return trouble("%s exists already; choose another name", out);
	if (!err)
		return EXIT_SAME;
	trouble_in_trace(path, &e);
	/* A hole cannot be cut out: what is behind it has no beginning. */
	if (err == -EBADMSG && e.event > from)
		remark("--to %" PRIu64 " cuts what comes before that", e.event);
	return EXIT_TROUBLE;
}

int cmd_cut(int argc, char **argv)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	uint64_t from = 0, to = UINT64_MAX;
	const char *out = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		if (c == 'o')
			out = optarg;
		else if (c != 'f' && c != 't')
			return trouble("`hvtrace cut --help` tells the "
				       "options");
		else if (!number_parse(optarg, c == 'f' ? &from : &to))
			return trouble("%s: an event is given by its number",
					optarg);
	}
	if (argc - optind != 1 || !out)
		return trouble("cut takes one trace and -o OUT; `hvtrace cut "
			       "--help`");
	if (from >= to)
		return trouble("nothing lies between event %" PRIu64 " and "
			       "event %" PRIu64, from, to);
	return cut(argv[optind], out, from, to);
}
