/* SPDX-License-Identifier: MIT */
/* hvtrace replay without a VMM: the guest again, the trace being its VMM. */
#include "guest_replay.h"

#include <inttypes.h>
#include <string.h>

#include "cmd.h"
#include "progress.h"
#include "trace_walk.h"

/* So many events at a time, between looks at the clock. */
#define STEP 64u

int guest_open_at(struct hvt_guest **guest, const char *path, uint64_t event,
		struct hvt_guest_start *start)
{
	struct hvt_error e;

	if (hvt_guest_open_at(guest, path, event, start, &e))
		return trouble_in_trace(path, &e);
	if (start->refused)
		remark("%s: the keyframe at event %" PRIu64 " is not used: %s",
				path, start->why.event, start->why.text);
	return EXIT_SAME;
}

static void tell_same(const struct hvt_guest *guest,
		const struct hvt_guest_start *start)
{
	struct hvt_guest_status s = hvt_guest_status(guest);
	const struct hvt_guest_level *level = hvt_guest_level(guest);

	remark("guest the same as recorded: %" PRIu64 " events, %" PRIu64
	       " calls made again, %" PRIu64 " exits, %" PRIu64 " pages",
	       s.events, s.calls, s.exits, s.pages);
	if (start->is_keyframe)
		remark("it began at the keyframe at event %" PRIu64,
				start->event);
	if (!level->level)
		remark("it might have been another: since event %" PRIu64 ", %s",
				level->event, level->reason);
}

static void tell_same_json(const struct hvt_guest *guest,
		const struct hvt_guest_start *start)
{
	struct hvt_guest_status s = hvt_guest_status(guest);

	printf("{\"same\":true,\"events\":%" PRIu64 ",\"calls\":%" PRIu64
	       ",\"exits\":%" PRIu64 ",\"pages\":%" PRIu64 ",\"level\":%u",
	       s.events, s.calls, s.exits, s.pages,
	       hvt_guest_level(guest)->level);
	if (start->is_keyframe)
		printf(",\"keyframe\":%" PRIu64, start->event);
	printf("}\n");
}

bool guest_has_memory(const struct hvt_trace *trace)
{
	const char *memory = hvt_trace_info(trace, "memory");

	return memory && strcmp(memory, "none") != 0;
}

void guest_level_text(const struct hvt_trace *trace,
		const struct hvt_guest_level *level, char *text, size_t size)
{
	if (level->level)
		snprintf(text, size, "%u", level->level);
	else if (!guest_has_memory(trace))
		snprintf(text, size, "0: %s", level->reason);
	else
		snprintf(text, size, "0: at event %" PRIu64 ", %s",
				level->event, level->reason);
}

int guest_check(const char *path)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	bool has;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	has = guest_has_memory(trace);
	hvt_trace_close(trace);
	return has ? EXIT_SAME
		   : trouble("%s was recorded without guest memory: its guest "
			     "cannot be run again, only its VMM (hvtrace "
			     "replay TRACE -- VMM ARG...)", path);
}

/* As hvt_guest_play(), to the end. */
static int play(struct hvt_guest *guest, const char *path, bool quiet,
		struct hvt_error *e)
{
	struct progress progress;
	uint64_t to = hvt_guest_status(guest).events; /* a keyframe's */
	int got;

	progress_begin(&progress, "replaying", 0, quiet);
	if (progress.on)
		progress.total = walk_events_in(path);
	do {
		to += STEP;
		got = hvt_guest_play(guest, to, e);
		progress_note(&progress,
				hvt_guest_status(guest).events, NULL);
	} while (!got && hvt_guest_status(guest).events == to);
	progress_end(&progress);
	return got;
}

int guest_replay(const char *path, uint64_t from, bool json, bool quiet)
{
	struct hvt_guest_start start;
	struct hvt_guest *guest;
	struct hvt_error e;
	int got, code = guest_open_at(&guest, path, from, &start);

	if (code)
		return code;
	got = play(guest, path, quiet, &e);
	if (got < 0)
		code = trouble_in_trace(path, &e);
	else if (got && json)
		guest_report_json(stdout, guest, path);
	else if (got)
		guest_report(stderr, guest, path);
	else if (json)
		tell_same_json(guest, &start);
	else
		tell_same(guest, &start);
	hvt_guest_close(guest);
	return got > 0 ? EXIT_DIFFERS : code;
}
