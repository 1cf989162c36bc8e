/* SPDX-License-Identifier: MIT */
/* hvtrace index: keyframes for a trace that was recorded without. */
#include <getopt.h>
#include <stdio.h>

#include "cmd.h"
#include "guest_index.h"
#include "guest_replay.h"

static const char help[] =
"usage: hvtrace index [--keyframe-interval EXITS] [--json] [-q] TRACE\n"
"       hvtrace index --check [--json] TRACE\n"
"\n"
"Runs the guest of the trace again, as hvtrace replay does, and adds keyframes to\n"
"the trace: the whole state of the guest at an event, in place of those that it\n"
"has. hvtrace dump --at and hvtrace replay --from begin there instead of at the\n"
"beginning. Where the guest turns out to be another than the recorded one it is\n"
"told, and the keyframes before that are kept.\n"
"\n"
"The trace must be closed, and have guest memory. It is written anew beside itself\n"
"(TRACE.indexing), and replaced in one step; until then it is as it was.\n"
"\n"
"  --keyframe-interval EXITS\n"
"               a keyframe every so many exits; without it there are about 16\n"
"  --check      only run the guest from each keyframe to the next, and from the\n"
"               last to the end: is every register and page what it should be?\n"
"  --json       the outcome on stdout, as one object\n"
"  -q, --quiet  show no progress\n"
"\n"
"Exit status: 0 done, 1 the guest diverged or a keyframe is wrong, 2 trouble.\n"
"\n"
"  hvtrace index fuzz.hvt && hvtrace dump --at 900000 --regs fuzz.hvt\n";

/* Is it one that can be written anew? Said where that costs nothing yet. */
static int check_closed(const char *path)
{
	enum hvt_trace_state state;
	struct hvt_trace *trace;
	struct hvt_error e;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	state = hvt_trace_state(trace);
	hvt_trace_close(trace);
	if (state == HVT_TRACE_LIVE)
		return trouble("%s is being written; end its recorder first",
				path);
	if (state == HVT_TRACE_OPEN)
		return trouble("%s was not closed; `hvtrace recover` does that",
				path);
	return guest_check(path);
}

static int run(int argc, char **argv, const struct index_options *o, bool check)
{
	const char *path = argv[optind];
	int code = check_closed(path);

	if (code)
		return code;
	if (lab_is_needed())
		return lab_rerun("index", argc, argv, path);
	return check ? guest_index_check(path, o) : guest_index(path, o);
}

int cmd_index(int argc, char **argv)
{
	static const struct option options[] = {
		{ "keyframe-interval", required_argument, NULL, 'k' },
		{ "check", no_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct index_options o = { 0 };
	bool check = false;
	int c;

	while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		if (c == 'k' && (!number_parse(optarg, &o.interval) ||
				!o.interval))
			return trouble("--keyframe-interval takes a number of "
				       "exits");
		if (c == '?')
			return trouble("`hvtrace index --help` tells the "
				       "options");
		check |= c == 'c';
		o.json |= c == 'j';
		o.quiet |= c == 'q';
	}
	if (argc - optind != 1)
		return trouble("index takes one trace; `hvtrace index --help`");
	return run(argc, argv, &o, check);
}
