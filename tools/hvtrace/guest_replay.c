/* SPDX-License-Identifier: MIT */
/* hvtrace replay without a VMM: the guest again, the trace being its VMM. */
#include "guest_replay.h"

#include <inttypes.h>
#include <string.h>

#include "cmd.h"

static void tell_same(const struct hvt_guest *guest)
{
	struct hvt_guest_status s = hvt_guest_status(guest);
	const struct hvt_guest_level *level = hvt_guest_level(guest);

	remark("guest the same as recorded: %" PRIu64 " events, %" PRIu64
	       " calls made again, %" PRIu64 " exits, %" PRIu64 " pages",
	       s.events, s.calls, s.exits, s.pages);
	if (!level->level)
		remark("it might have been another: since event %" PRIu64 ", %s",
				level->event, level->reason);
}

static void tell_same_json(const struct hvt_guest *guest)
{
	struct hvt_guest_status s = hvt_guest_status(guest);

	printf("{\"same\":true,\"events\":%" PRIu64 ",\"calls\":%" PRIu64
	       ",\"exits\":%" PRIu64 ",\"pages\":%" PRIu64 ",\"level\":%u}\n",
	       s.events, s.calls, s.exits, s.pages,
	       hvt_guest_level(guest)->level);
}

bool guest_has_memory(const struct hvt_trace *trace)
{
	const char *memory = hvt_trace_info(trace, "memory");

	return memory && strcmp(memory, "none") != 0;
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

int guest_replay(const char *path, bool json)
{
	struct hvt_guest *guest;
	struct hvt_error e;
	int got, code = EXIT_SAME;

	if (hvt_guest_open(&guest, path, &e))
		return trouble_in_trace(path, &e);
	got = hvt_guest_play(guest, UINT64_MAX, &e);
	if (got < 0)
		code = trouble_in_trace(path, &e);
	else if (got && json)
		guest_report_json(stdout, guest, path);
	else if (got)
		guest_report(stderr, guest, path);
	else if (json)
		tell_same_json(guest);
	else
		tell_same(guest);
	hvt_guest_close(guest);
	return got > 0 ? EXIT_DIFFERS : code;
}
