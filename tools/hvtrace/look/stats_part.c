/* SPDX-License-Identifier: MIT */
#include "stats_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"

void stats_part_clear(struct stats_part *p)
{
	struct stats_part kept = { .tracker = p->tracker, .items = p->items,
		.room = p->room, .calls = p->calls,
		.call_room = p->call_room };

	exit_tracker_forget(&kept.tracker);
	if (kept.call_room)
		memset(kept.calls, 0, kept.call_room * sizeof(*kept.calls));
	*p = kept;
}

void stats_part_fini(struct stats_part *p)
{
	exit_tracker_fini(&p->tracker);
	free(p->items);
	free(p->calls);
	*p = (struct stats_part){ 0 };
}

static struct stats_item *new_item(struct stats_part *p,
		enum stats_item_kind kind)
{
	struct stats_item *more;
	size_t room = p->room ? p->room * 2 : 1024;

	if (p->count == p->room) {
		more = realloc(p->items, room * sizeof(*more));
		if (!more)
			return NULL;
		p->items = more;
		p->room = room;
	}
	more = &p->items[p->count++];
	more->kind = kind;
	return more;
}

static int keep_event(struct stats_part *p, enum stats_item_kind kind,
		const struct hvt_event *e)
{
	struct stats_item *item = new_item(p, kind);

	if (!item)
		return -ENOMEM;
	item->event = *e;
	item->event.data = NULL;
	return 0;
}

static int keep_exit(struct stats_part *p, const struct exit *x)
{
	struct stats_item *item = new_item(p, STATS_ITEM_EXIT);

	if (!item)
		return -ENOMEM;
	item->exit = *x;
	return 0;
}

static int make_call_room(struct stats_part *p, uint32_t call)
{
	uint32_t room = p->call_room ? p->call_room : 256;
	struct stats_call *more;

	while (room <= call)
		room *= 2;
	more = realloc(p->calls, room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + p->call_room, 0,
			(room - p->call_room) * sizeof(*more));
	p->calls = more;
	p->call_room = room;
	return 0;
}

static int count_calls(struct stats_part *p, const struct hvt_event *events,
		size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct hvt_event *e = &events[i];

		p->call_count += e->kind != HVT_EVENT_LEAVE;
		if (e->call >= STATS_CALLS)
			continue;
		if (e->call >= p->call_room && make_call_room(p, e->call))
			return -ENOMEM;
		p->calls[e->call].events++;
		p->calls[e->call].bytes += e->data_size;
	}
	return 0;
}

/* Up to the first run that it enters all of a thread's events may matter. */
static int begin_thread(struct stats_part *p, const struct hvt_event *e)
{
	const struct exit *done;
	int err = keep_event(p, STATS_ITEM_EVENT, e);

	if (err || e->call != known_calls()->run || e->kind != HVT_EVENT_ENTER)
		return err;
	return exit_tracker_add(&p->tracker, e, &done);
}

static int follow(struct stats_part *p, const struct hvt_event *e)
{
	const struct exit *done;
	int err = 0;

	if (!exit_tracker_is_sure(&p->tracker, e->thread))
		return begin_thread(p, e);
	if (device_map_is_lesson(e))
		err = keep_event(p, STATS_ITEM_LESSON, e);
	if (!err)
		err = exit_tracker_add(&p->tracker, e, &done);
	return err || !done ? err : keep_exit(p, done);
}

int stats_part_add(struct stats_part *p, const struct hvt_event *events,
		size_t count)
{
	int err;

	if (!count)
		return 0;
	if (!p->events)
		p->first_tick = events[0].tick;
	p->last_tick = events[count - 1].tick;
	p->events += count;
	err = count_calls(p, events, count);
	for (size_t i = 0; !err && i < count; i++)
		err = follow(p, &events[i]);
	return err;
}
