/* SPDX-License-Identifier: MIT */
/* hvtrace dump: the events of a trace, one line each. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd.h"
#include "guest_state.h"
#include "json.h"

static const char help[] =
"usage: hvtrace dump [--json] [--follow] TRACE\n"
"       hvtrace dump --at EVENT [--regs] [--memory IPA,LENGTH] [--json] TRACE\n"
"\n"
"Shows every event of the trace: its number, seconds since the first one,\n"
"the thread, and the call with inputs, result and outputs. A call that others\n"
"can notice has two events: \"...\" at its end when it was entered, and again\n"
"when it returned.\n"
"\n"
"  --json    one JSON object a line: event, kind (call, enter, leave), thread,\n"
"            tick, call, result, then inputs and outputs by name, and bytes\n"
"  --follow  go on while the trace is being written, until it is closed\n"
"  --at      the state of the guest before that event: it is replayed up to\n"
"            there, which needs a trace with guest memory, and KVM or the lab\n"
"  --regs    of that, the registers of all vCPUs, and the code they are at\n"
"  --memory  and so many bytes at that address of the guest\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what comes before\n"
"that is shown.\n";

static uint64_t tick_hz(const struct hvt_trace *trace)
{
	const char *text = hvt_trace_info(trace, "tick_hz");
	uint64_t hz = text ? strtoull(text, NULL, 10) : 0;

	return hz ? hz : 1;
}

struct dump {
	struct hvt_trace *trace;
	const char *path;
	bool json, follow;
	double hz;
	bool started;
	uint64_t start; /* tick of the first event */
};

static void show(struct dump *d, const struct hvt_event *event)
{
	char text[1024];

	if (d->json) {
		json_event(d->trace, event);
		return;
	}
	if (!d->started)
		d->start = event->tick;
	d->started = true;
	hvt_event_format(event, text, sizeof(text));
	printf("%9" PRIu64 " %12.6f  t%-3" PRIu32 " %s\n", event->number,
			(double)(event->tick - d->start) / d->hz,
			event->thread, text);
}

/* At the end of what is there: is more to come? */
static bool wait_for_more(struct dump *d)
{
	struct timespec pause = { .tv_nsec = 100000000 };

	if (!d->follow || hvt_trace_state(d->trace) != HVT_TRACE_LIVE)
		return false;
	fflush(stdout);
	while (hvt_trace_state(d->trace) == HVT_TRACE_LIVE) {
		nanosleep(&pause, NULL);
		if (hvt_trace_refresh(d->trace, NULL))
			break;
	}
	return true;
}

static int dump(struct dump *d)
{
	struct hvt_event event;
	struct hvt_error e;
	int got, code = EXIT_SAME;

	for (;;) {
		got = hvt_trace_next(d->trace, &event, &e);
		if (got == 1) {
			show(d, &event);
			continue;
		}
		if (got < 0)
			code = trouble_in_trace(d->path, &e);
		if (got != -EBADMSG && (got || !wait_for_more(d)))
			break;
	}
	if (fflush(stdout) || ferror(stdout))
		return trouble("cannot write the output");
	return code;
}

static int dump_trace(struct dump *d)
{
	struct hvt_error e;
	int code;

	if (hvt_trace_open(&d->trace, d->path, &e))
		return trouble_in_trace(d->path, &e);
	d->hz = (double)tick_hz(d->trace);
	code = dump(d);
	hvt_trace_close(d->trace);
	return code;
}

static int dump_state(int argc, char **argv, const char *path,
		const struct guest_state *state)
{
	if (!state->regs && !state->size)
		return trouble("show what of the guest? --regs, or --memory "
			       "IPA,LENGTH");
	if (lab_is_needed())
		return lab_rerun("dump", argc, argv, path);
	return guest_state_show(path, state);
}

int cmd_dump(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "follow", no_argument, NULL, 'f' },
		{ "at", required_argument, NULL, 'a' },
		{ "regs", no_argument, NULL, 'r' },
		{ "memory", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct dump d = { 0 };
	struct guest_state state = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "jfh", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(help, stdout);
			return EXIT_SAME;
		case 'j':
			d.json = state.json = true;
			break;
		case 'f':
			d.follow = true;
			break;
		case 'r':
			state.regs = true;
			break;
		case 'a':
			if (guest_state_parse_at(optarg, &state))
				break;
			return trouble("--at takes the number of an event");
		case 'm':
			if (guest_state_parse_memory(optarg, &state))
				break;
			return trouble("--memory takes IPA,LENGTH, as in "
				       "0x40000000,256");
		default:
			return trouble("`hvtrace dump --help` tells the "
				       "options");
		}
	}
	if (argc - optind != 1)
		return trouble("dump takes one trace; `hvtrace dump --help`");
	d.path = argv[optind];
	if (state.wanted)
		return dump_state(argc, argv, d.path, &state);
	if (state.regs || state.size)
		return trouble("--regs and --memory are of the guest --at an "
			       "event");
	return dump_trace(&d);
}
