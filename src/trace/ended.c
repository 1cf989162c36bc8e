/* SPDX-License-Identifier: MIT */
/* A word for each way to end. */
#include "ended.h"

#include <string.h>

static const char *const names[] = {
	[HVT_END_FINISHED] = "finished",
	[HVT_END_LEFT] = "left",
	[HVT_END_KILLED] = "killed",
	[HVT_END_DIED] = "died",
	[HVT_END_TORN] = "torn",
	[HVT_END_CUT] = "cut",
};

const char *hvt_end_name(enum hvt_trace_end end)
{
	return names[end];
}

enum hvt_trace_end hvt_trace_ended(const struct hvt_trace *t)
{
	const char *word = hvt_trace_info(t, "ended");

	for (size_t i = HVT_END_FINISHED;
			word && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], word))
			return (enum hvt_trace_end)i;
	return HVT_END_UNKNOWN;
}

bool hvt_trace_is_whole(const struct hvt_trace *t)
{
	if (hvt_trace_state(t) != HVT_TRACE_CLOSED)
		return false;
	switch (hvt_trace_ended(t)) {
	case HVT_END_UNKNOWN:
	case HVT_END_FINISHED:
	case HVT_END_LEFT:
		return true;
	case HVT_END_KILLED:
	case HVT_END_DIED:
	case HVT_END_TORN:
	case HVT_END_CUT:
		return false;
	}
	return false;
}
