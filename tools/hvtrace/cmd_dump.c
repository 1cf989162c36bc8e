/* SPDX-License-Identifier: MIT */
/* hvtrace dump: the events of a trace, one line each. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "color.h"
#include "dump_line.h"
#include "guest_replay.h"
#include "guest_state.h"
#include "image_state.h"
#include "json.h"
#include "look/where.h"
#include "name_options.h"
#include "pager.h"
#include "trace_walk.h"

static const char help[] =
"usage: hvtrace dump [OPTION]... TRACE\n"
"       hvtrace dump --at EVENT [--regs] [--memory IPA,LENGTH] [--json] TRACE\n"
"\n"
"Shows every event of the trace: its number, seconds since the first one,\n"
"the thread, and the call with inputs, result and outputs. A call that others\n"
"can notice has two events: \"...\" at its end when it was entered, and again\n"
"when it returned. Behind \"--\" stands what exits and registers mean.\n"
"\n"
"  --where EXPR      only events of which EXPR holds, such as\n"
"                    'kind=mmio && ipa>=0x9000000' (hvtrace-dump(1), or\n"
"                    `hvtrace dump --help-where`)\n"
"  --between A B     only events from A to before B: numbers of events, times\n"
"                    since the first one with a unit (2.5s, 300ms), or \"end\"\n"
NAMES_HELP
"  --json            one JSON object a line: event, kind (call, enter, leave),\n"
"                    thread, tick, call, result, then inputs and outputs by\n"
"                    name, and bytes\n"
"  --follow          go on while the trace is being written, until it is closed\n"
"  --color WHEN      auto (the default: on a terminal), always or never\n"
"  --no-pager        do not show the events in $PAGER, which is done where the\n"
"                    output is a terminal (without one less is taken; \"cat\" and\n"
"                    an empty one mean none)\n"
"  -q, --quiet       show no progress\n"
"  --at EVENT        the state of the guest before that event: it is run again up\n"
"                    to there, for which the trace has guest memory, and the\n"
"                    machine arm64 KVM, or the lab; from the last keyframe before\n"
"                    it (hvtrace index), or from the beginning\n"
"  --regs            of that, the registers of all vCPUs, and the code they are at\n"
"  --memory IPA,LENGTH\n"
"                    and so many bytes at that address of the guest; without\n"
"                    --regs, of a trace that was recorded with --memory full, no\n"
"                    guest runs: they are in the trace\n"
"  --no-keyframes    run it from the beginning\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what comes before\n"
"that is shown.\n"
"\n"
"  hvtrace dump --where 'kind=mmio && device=uart && write' boot.hvt\n"
"  hvtrace dump --where 'result<0' boot.hvt\n";

static const char help_where[] =
"EXPR compares what an event has with numbers and words:\n"
"\n"
"  a && b, a || b, !a, (a)    and, or, not\n"
"  FIELD OP VALUE             OP is =, !=, <, <=, >, >= (== is =), or ~, which\n"
"                             holds where VALUE is part of the name\n"
"  FIELD & NUMBER OP VALUE    the same of some bits; >> and << shift\n"
"  FIELD                      it is there, and not 0\n"
"\n"
"Numbers are 12, 0x1f, 4K, 2M, 1G, and times 1.5s, 20ms, 3us, 7ns. A word is the\n"
"name of a value (reg=PC, result=HV_DENIED, reason=CANCELED); \"...\" is one with\n"
"blanks. Where an event has no such field a comparison is false, whatever OP.\n"
"\n"
"  kind      call, enter or leave; run, reg, irq, memory, time, vcpu or vm; of\n"
"            the return of hv_vcpu_run exit, and mmio, hvc, smc, sysreg, wfx,\n"
"            abort, debug, other, vtimer, canceled, unknown or failed. Only = and\n"
"            != are of use: an event is of several kinds\n"
"  event     its number           thread    number of the VMM's thread\n"
"  tick      of the host          time      since the first event\n"
"  call      name of the function result    what it returned\n"
"  vcpu      of the call, or that the thread ran last\n"
"  bytes     how many it carries\n"
"of exits: reason, syndrome, ec, iss, ipa, va, device; write and size of MMIO\n"
"and any parameter by its name: reg, value, ipa, size, flags, intid, level, ...\n";

struct dump {
	struct walk walk;
	struct stats_names names;
	struct names_options names_options;
	struct dump_style style;
	struct where *where;
	struct where_event what; /* what filters know of threads */
	struct out out;
	struct guest_state state; /* to be shown instead of events */
	const char *filter, *from, *to, *color;
	bool json, follow, no_pager, quiet;
};

static void show(struct dump *d, const struct hvt_event *event)
{
	if (d->json)
		json_event(&d->out, d->walk.trace, event);
	else
		dump_line(&d->out, &d->style, &d->walk, &d->names, event);
}

/* At the end of what is there: is more to come? */
static bool wait_for_more(struct dump *d)
{
	struct timespec pause = { .tv_nsec = 100000000 };
	struct hvt_trace *trace = d->walk.trace;

	if (!d->follow || hvt_trace_state(trace) != HVT_TRACE_LIVE)
		return false;
	out_flush(&d->out);
	while (hvt_trace_state(trace) == HVT_TRACE_LIVE) {
		nanosleep(&pause, NULL);
		if (hvt_trace_refresh(trace, NULL))
			break;
	}
	return true;
}

static int dump(struct dump *d)
{
	struct hvt_event event;

	do {
		while (walk_next(&d->walk, &event)) {
			device_map_learn(&d->names.devices, &event);
			if (!d->where || where_holds(d->where, &d->what,
						 &event))
				show(d, &event);
		}
	} while (wait_for_more(d));
	if (out_flush(&d->out))
		return trouble("cannot write the output");
	return d->walk.code;
}

/* Where the expression ends to make sense. */
static int compile(struct dump *d)
{
	struct where_error e;

	d->what.trace = d->walk.trace;
	d->what.devices = &d->names.devices;
	d->what.first_tick = d->walk.first_tick;
	d->what.hz = d->walk.hz;
	if (!d->filter)
		return EXIT_SAME;
	d->where = where_compile(d->filter, d->walk.trace, &e);
	if (d->where)
		return EXIT_SAME;
	return where_trouble(d->filter, &e);
}

static int dump_opened(struct dump *d)
{
	struct pager pager = { 0 };
	int code = names_init(&d->names, &d->names_options, d->walk.trace);

	if (!code && d->from)
		code = walk_between(&d->walk, d->from, d->to);
	if (!code)
		code = compile(d);
	if (!code && !d->no_pager && !d->follow)
		pager_start(&pager);
	if (!code)
		code = color_parse(d->color ? d->color : "auto",
				pager.pid > 0, &d->style.color);
	if (pager.pid > 0)
		progress_end(&d->walk.progress);
	out_init(&d->out, STDOUT_FILENO);
	if (!code)
		code = dump(d);
	where_free(d->where);
	where_event_fini(&d->what);
	names_fini(&d->names);
	pager_wait(&pager);
	return code;
}

static int parse_option(struct dump *d, int c, int argc, char **argv)
{
	switch (c) {
	case 'w':
		d->filter = optarg;
		return EXIT_SAME;
	case 'r':
		return walk_option(argc, argv, &d->from, &d->to);
	case 'c':
		d->color = optarg;
		return EXIT_SAME;
	case 'j':
		d->json = true;
		return EXIT_SAME;
	case 'f':
		d->follow = true;
		return EXIT_SAME;
	case 'p':
		d->no_pager = true;
		return EXIT_SAME;
	case 'q':
		d->quiet = true;
		return EXIT_SAME;
	case 'R':
		d->state.regs = true;
		return EXIT_SAME;
	case 'B':
		d->state.no_keyframes = true;
		return EXIT_SAME;
	case 'A':
		return guest_state_parse_at(optarg, &d->state) ? EXIT_SAME
			: trouble("--at takes the number of an event");
	case 'M':
		return guest_state_parse_memory(optarg, &d->state) ? EXIT_SAME
			: trouble("--memory takes IPA,LENGTH, as in "
				  "0x40000000,256");
	}
	if (names_option(&d->names_options, c, optarg))
		return EXIT_SAME;
	return trouble("`hvtrace dump --help` tells the options");
}

static int dump_state(struct dump *d, int argc, char **argv, const char *path)
{
	struct hvt_image *image;
	int code;

	d->state.json = d->json;
	if (!d->state.wanted)
		return trouble("--regs, --memory and --no-keyframes are of the "
			       "guest --at an event");
	if (!d->state.regs && !d->state.size)
		return trouble("show what of the guest? --regs, or --memory "
			       "IPA,LENGTH");
	image = image_state_open(path, &d->state);
	if (image)
		return image_state_show(image, path, &d->state);
	code = guest_check(path);
	if (code)
		return code;
	if (lab_is_needed())
		return lab_rerun("dump", argc, argv, path);
	return guest_state_show(path, &d->state);
}

int cmd_dump(int argc, char **argv)
{
	static const struct option options[] = {
		{ "where", required_argument, NULL, 'w' },
		{ "between", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "follow", no_argument, NULL, 'f' },
		{ "color", required_argument, NULL, 'c' },
		{ "no-pager", no_argument, NULL, 'p' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "at", required_argument, NULL, 'A' },
		{ "regs", no_argument, NULL, 'R' },
		{ "memory", required_argument, NULL, 'M' },
		{ "no-keyframes", no_argument, NULL, 'B' },
		NAMES_LONG_OPTIONS,
		{ "help", no_argument, NULL, 'h' },
		{ "help-where", no_argument, NULL, 'W' },
		{ 0 },
	};
	static struct dump d; /* large */
	int c, code;

	while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		if (c == 'h' || c == 'W') {
			fputs(c == 'h' ? help : help_where, stdout);
			return EXIT_SAME;
		}
		code = parse_option(&d, c, argc, argv);
		if (code)
			return code;
	}
	if (argc - optind != 1)
		return trouble("dump takes one trace; `hvtrace dump --help`");
	if (d.state.wanted || d.state.regs || d.state.size ||
			d.state.no_keyframes)
		return dump_state(&d, argc, argv, argv[optind]);
	code = walk_open(&d.walk, argv[optind], d.quiet);
	if (code)
		return code;
	code = dump_opened(&d);
	walk_close(&d.walk);
	return code;
}
