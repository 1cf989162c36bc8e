/* SPDX-License-Identifier: MIT */
/* hvtrace verify: is every byte of a trace as it was written? */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"
#include "guest_replay.h"
#include "image_state.h"
#include "progress.h"
#include "trace_walk.h"

static const char help[] =
"usage: hvtrace verify [-q] TRACE\n"
"\n"
"Reads the whole trace and checks all of its checksums. Damaged stretches are\n"
"told with the byte and the event where they begin; the rest can be read. Of a\n"
"sound one the level of its guest's replay is told (docs/REPLAY.md), too.\n"
"\n"
"  -q, --quiet  show no progress\n"
"\n"
"Of a trace recorded with --memory full, what it says of guest memory must make\n"
"sense, too.\n"
"\n"
"Exit status: 0 sound, 2 damaged, cut short, or no trace.\n";

static void on_progress(uint64_t events, void *context)
{
	progress_note(context, events, NULL);
}

static void tell(const struct hvt_error *e, void *context)
{
	trouble_in_trace(context, e);
}

static const char *state_text(enum hvt_trace_state state)
{
	switch (state) {
	case HVT_TRACE_CLOSED:
		return "closed";
	case HVT_TRACE_LIVE:
		return "being written";
	case HVT_TRACE_OPEN:
		return "not closed (`hvtrace recover` closes it)";
	}
	return "";
}

static void see(const struct hvt_event *events, size_t count, void *level)
{
	for (size_t i = 0; i < count && !hvt_level_is_settled(level); i++)
		hvt_level_see(level, &events[i]);
}

static int verify(struct hvt_trace *trace, const char *path, bool quiet)
{
	struct progress progress;
	struct hvt_verdict v;
	struct hvt_level *level;
	char text[256];
	int err;

	if (hvt_level_create(&level, trace))
		return trouble("out of memory");
	progress_begin(&progress, "verifying", walk_number_behind_last(trace),
			quiet);
	hvt_trace_on_progress(trace, on_progress, &progress);
	hvt_trace_on_events(trace, see, level);
	err = hvt_trace_verify(trace, &v, tell, (void *)path);
	progress_end(&progress);
	if (!err)
		err = image_state_check(path, trace);
	printf("%s: %s; %" PRIu64 " events, %" PRIu64 " exits", path,
			err ? "DAMAGED" : "sound", v.events, v.exits);
	if (v.damaged)
		printf(", %" PRIu64 " damaged stretch%s", v.damaged,
				v.damaged == 1 ? "" : "es");
	printf("; %s\n", state_text(hvt_trace_state(trace)));
	guest_level_text(trace, hvt_level_found(level), text, sizeof(text));
	if (!err)
		printf("%s: level %s\n", path, text);
	hvt_level_destroy(level);
	return err ? EXIT_TROUBLE : EXIT_SAME;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct hvt_trace *trace;
	struct hvt_error e;
	bool quiet = false;
	int c, code;

	while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		quiet |= c == 'q';
		if (c == 'q')
			continue;
		if (c != 'h')
			return trouble("`hvtrace verify --help` tells the "
				       "options");
		fputs(help, stdout);
		return EXIT_SAME;
	}
	if (argc - optind != 1)
		return trouble("verify takes one trace; `hvtrace verify "
			       "--help`");
	if (hvt_trace_open(&trace, argv[optind], &e))
		return trouble_in_trace(argv[optind], &e);
	code = verify(trace, argv[optind], quiet);
	hvt_trace_close(trace);
	return code;
}
