/* SPDX-License-Identifier: MIT */
/*
 * hvtrace record --keyframe-interval: when the VMM has ended its guest is run
 * again, on the host that it ran on. A guest that need not be the same again is
 * left alone: it might never come to an end that the recorded one came to.
 */
#include "record_keyframes.h"

#include <hvtrace/hvtrace.h>
#include <inttypes.h>

#include "cmd.h"
#include "guest_index.h"
#include "guest_replay.h"

/* Else it says why not. */
static bool can_have_keyframes(const char *path)
{
	struct hvt_guest_level level;
	struct hvt_trace *trace;
	struct hvt_error e;
	bool has_memory;
	int err;

	if (hvt_trace_open(&trace, path, &e)) {
		trouble_in_trace(path, &e);
		return false;
	}
	has_memory = guest_has_memory(trace);
	err = has_memory ? hvt_trace_guest_level(trace, &level, &e) : 0;
	hvt_trace_close(trace);
	if (err)
		trouble_in_trace(path, &e);
	else if (!has_memory)
		remark("%s has no keyframes: it has no guest memory", path);
	else if (!level.level)
		remark("%s has no keyframes: its guest need not be the same "
		       "again since event %" PRIu64 ", %s",
			path, level.event, level.reason);
	return !err && has_memory && level.level;
}

void record_keyframes(const char *path, uint64_t exits, bool quiet)
{
	const struct index_options options = {
		.interval = exits, .quiet = quiet, .recording = true
	};

	if (can_have_keyframes(path))
		(void)guest_index(path, &options);
}
