/* SPDX-License-Identifier: MIT */
/* hvtrace stat: exits counted and timed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "name_options.h"
#include "stat_view.h"
#include "stats_walk.h"

static const char help[] =
"usage: hvtrace stat [OPTION]... TRACE\n"
"\n"
"Counts and times the exits of a trace: how many there were of each sort, how\n"
"long the guest had run before them, and how long the VMM took until it ran\n"
"the vCPU again. Times are within 1/16.\n"
"\n"
"  --by KEY[,KEY]... group exits by: exit (the default: its class, and of MMIO\n"
"                    the device, of HVC and SMC the function, of others the\n"
"                    register or instruction), class, device, address,\n"
"                    function, pc, vcpu, thread; up to four\n"
"  --between A B     only events from A to before B: numbers of events, times\n"
"                    since the first one with a unit (2.5s, 300ms), or \"end\"\n"
"  --top N           rows to show of each table (20, at most 1000)\n"
NAMES_HELP
"  --threads N       how many threads read the trace (one for each CPU, at most\n"
"                    8); what is counted is the same\n"
"  --json            one JSON object on one line\n"
"  -q, --quiet       show no progress\n"
"\n"
"JSON: trace, size, uncompressed (of what was read), events, calls, exits,\n"
"reg_calls, ticks, seconds, stall_ns, damaged; rows (the keys of --by, count,\n"
"calls, reg_calls, guest_ns and vmm_ns with count, sum, min, mean, p50, p90,\n"
"p99, p999, max), all of them; vcpus, the same by vcpu; pcs and addresses\n"
"(name, count); functions (name, events, bytes of buffers). Keys are never\n"
"taken away; more may come.\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what can be read\n"
"is counted.\n"
"\n"
"  hvtrace stat --by vcpu,device boot.hvt\n"
"  hvtrace stat --symbols System.map --between 0 1s boot.hvt\n";

struct options {
	struct stats_by_list by;
	const char *from, *to;
	uint32_t top, threads;
	bool json, quiet;
	struct names_options names;
};

static int parse_option(struct options *o, int c, int argc, char **argv)
{
	switch (c) {
	case 'b':
		return stat_parse_by(&o->by, optarg);
	case 'r':
		return walk_option(argc, argv, &o->from, &o->to);
	case 't':
		return stat_parse_top(&o->top, optarg);
	case 'n':
		return stat_parse_threads(&o->threads, optarg);
	case 'j':
		o->json = true;
		return EXIT_SAME;
	case 'q':
		o->quiet = true;
		return EXIT_SAME;
	}
	if (names_option(&o->names, c, optarg))
		return EXIT_SAME;
	return trouble("`hvtrace stat --help` tells the options");
}

static int count(const struct options *o, struct walk *w, struct stats *s)
{
	int err = stats_walk(s, w, o->threads);

	if (!err)
		err = stats_end(s);
	progress_end(&w->progress);
	return err ? trouble("out of memory") : w->code;
}

static int show(const struct options *o, const struct walk *w,
		const struct stats *s)
{
	struct stat_view view = { .walk = w, .stats = s, .top = o->top,
		.part = o->from };
	struct out out;
	struct stat st;

	if (!stat(w->path, &st))
		view.size = (uint64_t)st.st_size;
	out_init(&out, STDOUT_FILENO);
	if (o->json)
		stat_json(&out, &view);
	else
		stat_text(&out, &view);
	return out_flush(&out) ? trouble("cannot write the output") : w->code;
}

static int stat_trace(const struct options *o, struct walk *w,
		struct stats_names *names)
{
	struct stats stats;
	int code = names_init(names, &o->names, w->trace);

	if (!code && o->from)
		code = walk_between(w, o->from, o->to);
	if (code)
		return code;
	if (stats_init(&stats, names, o->by.list, o->by.count))
		return trouble("out of memory");
	code = count(o, w, &stats);
	if (!code || code == w->code)
		code = show(o, w, &stats);
	stats_fini(&stats);
	return code;
}

int cmd_stat(int argc, char **argv)
{
	static const struct option options[] = {
		{ "by", required_argument, NULL, 'b' },
		{ "between", required_argument, NULL, 'r' },
		{ "top", required_argument, NULL, 't' },
		{ "threads", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		NAMES_LONG_OPTIONS,
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	static struct stats_names names; /* large */
	struct options o = { .by = { { BY_EXIT }, 1 }, .top = 20 };
	struct walk walk;
	int c, code;

	while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		code = parse_option(&o, c, argc, argv);
		if (code)
			return code;
	}
	if (argc - optind != 1)
		return trouble("stat takes one trace; `hvtrace stat --help`");
	code = walk_open(&walk, argv[optind], o.quiet);
	if (code)
		return code;
	code = stat_trace(&o, &walk, &names);
	names_fini(&names);
	walk_close(&walk);
	return code;
}
