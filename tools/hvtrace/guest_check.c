/* SPDX-License-Identifier: MIT */
/* hvtrace index --check: does each keyframe lead to the next one? */
#include <inttypes.h>
#include <stdlib.h>

#include "cmd.h"
#include "guest_index.h"
#include "guest_replay.h"

/* Events of keyframes, going up. To be freed; NULL: out of memory. */
static uint64_t *list_keyframes(struct hvt_trace *trace, size_t *count)
{
	uint64_t event = UINT64_MAX, n = 0, bytes, *list;
	size_t at;

	(void)hvt_trace_keyframe_bytes(trace, &n, &bytes);
	list = calloc(n + 1, sizeof(*list));
	at = n;
	while (list && at && !hvt_trace_keyframe(trace, &event)) {
		list[--at] = event;
		if (!event--)
			break;
	}
	*count = n - at;
	for (size_t i = 0; list && i < *count; i++)
		list[i] = list[at + i];
	return list;
}

/* Is the guest what the keyframe at its event says? */
static int check_state(struct hvt_guest *guest, const char *path)
{
	const struct hvt_guest_level *level = hvt_guest_level(guest);
	struct hvt_error e;
	int got = hvt_guest_is_keyframe(guest, &e);

	if (got < 0)
		return trouble_in_trace(path, &e);
	if (got)
		return EXIT_SAME;
	remark("%s: the guest at event %" PRIu64 " is not what the keyframe "
	       "there says", path, hvt_guest_status(guest).events);
	if (!level->level)
		remark("it need not be: since event %" PRIu64 ", %s",
				level->event, level->reason);
	return EXIT_DIFFERS;
}

/* From where the guest is to the event to, UINT64_MAX being the end. */
static int check_way(struct hvt_guest *guest, const char *path, uint64_t to)
{
	struct hvt_error e;
	int got = hvt_guest_play(guest, to, &e);

	if (got < 0)
		return trouble_in_trace(path, &e);
	if (!got)
		return to == UINT64_MAX ? EXIT_SAME : check_state(guest, path);
	guest_report(stderr, guest, path);
	return EXIT_DIFFERS;
}

static int check_one(const char *path, uint64_t from, uint64_t to)
{
	struct hvt_guest_start start;
	struct hvt_guest *guest;
	int code = guest_open_at(&guest, path, from, &start);

	if (code)
		return code;
	/* If not, it has been said why. */
	if (!start.is_keyframe || start.event != from)
		code = EXIT_DIFFERS;
	if (!code)
		code = check_state(guest, path);
	if (!code)
		code = check_way(guest, path, to);
	hvt_guest_close(guest);
	return code;
}

int guest_index_check(const char *path, const struct index_options *o)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	uint64_t *events;
	size_t count = 0;
	int code = EXIT_SAME;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	events = list_keyframes(trace, &count);
	hvt_trace_close(trace);
	if (!events)
		return trouble("out of memory");
	for (size_t i = 0; i < count && !code; i++)
		code = check_one(path, events[i],
				i + 1 < count ? events[i + 1] : UINT64_MAX);
	free(events);
	if (o->json)
		printf("{\"same\":%s,\"keyframes\":%zu}\n",
				code ? "false" : "true", count);
	else if (!code && count)
		printf("%s: %zu keyframe%s, each leads to the next one, and "
		       "the last to the end\n", path, count,
				count == 1 ? "" : "s");
	else if (!code)
		printf("%s: no keyframes\n", path);
	return code;
}
