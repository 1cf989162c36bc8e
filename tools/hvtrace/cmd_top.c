/* SPDX-License-Identifier: MIT */
/* hvtrace top: the exits of a VMM that is being recorded, as they come. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "name_options.h"
#include "stat_view.h"
#include "stats_walk.h"

static const char help[] =
"usage: hvtrace top [OPTION]... TRACE\n"
"\n"
"Shows, again and again, what `hvtrace stat` does of the exits since the last\n"
"time, while the trace is being written; the first time, of all so far. Ends with\n"
"the recording. On a terminal each picture takes the place of the one before.\n"
"\n"
"  --by KEY[,KEY]... group exits, as `hvtrace stat` does\n"
"  --interval S      seconds from one picture to the next (1)\n"
"  --top N           rows to show (16)\n"
NAMES_HELP
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short.\n"
"\n"
"  hvtrace record -o my.hvt -- --kernel Image & hvtrace top my.hvt\n";

struct top {
	struct walk walk;
	struct stats stats;
	struct stats_names names;
	struct names_options names_options;
	struct stats_by_list by;
	struct out out;
	double interval;
	uint32_t rows;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One picture; what comes is counted anew. */
static int show(struct top *t)
{
	struct stat_view view = { .walk = &t->walk, .stats = &t->stats,
		.top = t->rows, .brief = true };

	if (isatty(STDOUT_FILENO))
		out_text(&t->out, "\033[H\033[J");
	stats_sort(&t->stats);
	stat_text(&t->out, &view);
	out_char(&t->out, '\n');
	return out_flush(&t->out) || stats_restart(&t->stats);
}

/* What there is by now. */
static int take(struct top *t)
{
	int got;

	do
		got = stats_next(&t->stats, &t->walk);
	while (got > 0);
	return got;
}

static int follow(struct top *t)
{
	static const struct timespec pause = { .tv_nsec = 50000000 };
	struct hvt_trace *trace = t->walk.trace;
	double next = now();
	bool live;
	int err;

	do {
		/* In this order: what is closed has all its events then. */
		live = hvt_trace_state(trace) == HVT_TRACE_LIVE && !interrupted;
		err = take(t);
		if (!live && !err)
			err = stats_end(&t->stats);
		if (!err && (!live || now() >= next)) {
			next = now() + t->interval;
			err = show(t);
		}
		if (live)
			nanosleep(&pause, NULL);
		if (live && hvt_trace_refresh(trace, NULL) < 0)
			live = false;
	} while (!err && live);
	return err ? trouble("cannot write the output, or out of memory")
		   : t->walk.code;
}

static int top_opened(struct top *t)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	int code = names_init(&t->names, &t->names_options, t->walk.trace);

	if (!code && stats_init(&t->stats, &t->names, t->by.list, t->by.count))
		code = trouble("out of memory");
	if (code) {
		names_fini(&t->names);
		return code;
	}
	sigaction(SIGINT, &action, NULL);
	out_init(&t->out, STDOUT_FILENO);
	code = follow(t);
	stats_fini(&t->stats);
	names_fini(&t->names);
	return code;
}

static int parse_option(struct top *t, int c)
{
	char *end;

	if (c == 'b')
		return stat_parse_by(&t->by, optarg);
	if (c == 't')
		return stat_parse_top(&t->rows, optarg);
	if (names_option(&t->names_options, c, optarg))
		return EXIT_SAME;
	if (c != 'i')
		return trouble("`hvtrace top --help` tells the options");
	t->interval = strtod(optarg, &end);
	if (*optarg >= '0' && *optarg <= '9' && !*end && t->interval > 0)
		return EXIT_SAME;
	return trouble("--interval is a number of seconds, not %s", optarg);
}

int cmd_top(int argc, char **argv)
{
	static const struct option options[] = {
		{ "by", required_argument, NULL, 'b' },
		{ "interval", required_argument, NULL, 'i' },
		{ "top", required_argument, NULL, 't' },
		NAMES_LONG_OPTIONS,
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	static struct top t = { .interval = 1, .rows = 16,
		.by = { { BY_EXIT }, 1 } }; /* large */
	int c, code;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		code = parse_option(&t, c);
		if (code)
			return code;
	}
	if (argc - optind != 1)
		return trouble("top takes one trace; `hvtrace top --help`");
	code = walk_open(&t.walk, argv[optind], true);
	if (code)
		return code;
	code = top_opened(&t);
	walk_close(&t.walk);
	return code;
}
