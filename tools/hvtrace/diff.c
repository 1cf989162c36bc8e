/* SPDX-License-Identifier: MIT */
#include "diff.h"

#include <stdlib.h>

#include "cmd.h"
#include "look/known.h"

bool diff_selects(struct diff_side *s, const struct hvt_event *event)
{
	return !s->where || where_holds(s->where, &s->what, event);
}

static int open_side(struct diff_side *s, const struct diff_options *o,
		const char *path)
{
	struct where_error e;
	int code = walk_open(&s->walk, path, o->quiet);

	if (code)
		return code;
	device_map_guess(&s->devices, s->walk.trace);
	s->what = (struct where_event){ .trace = s->walk.trace,
		.devices = &s->devices, .first_tick = s->walk.first_tick,
		.hz = s->walk.hz };
	s->calls = calloc(DIFF_CALLS, sizeof(*s->calls));
	if (!s->calls)
		return trouble("out of memory");
	if (!o->filter)
		return EXIT_SAME;
	s->where = where_compile(o->filter, s->walk.trace, &e);
	return s->where ? EXIT_SAME : where_trouble(o->filter, &e);
}

static void close_side(struct diff_side *s)
{
	where_free(s->where);
	where_event_fini(&s->what);
	free(s->calls);
	if (s->walk.trace)
		walk_close(&s->walk);
}

static void count(struct diff_side *s, const struct hvt_event *e)
{
	s->events++;
	if (e->call == known_calls()->run && e->kind == HVT_EVENT_LEAVE)
		s->exits[exit_classify(e)]++;
	if (e->kind != HVT_EVENT_LEAVE && e->call < DIFF_CALLS)
		s->calls[e->call]++;
}

/* The next event of a side that is compared. */
static int advance(struct diff *d, unsigned i)
{
	struct diff_side *s = &d->sides[i];
	struct hvt_event event;

	do {
		if (!walk_next(&s->walk, &event)) {
			s->over = true;
			progress_end(&s->walk.progress);
			return 0;
		}
		device_map_learn(&s->devices, &event);
	} while (!diff_selects(s, &event));
	count(s, &event);
	return pair_add(&d->pair, i, event.thread, event.number,
			event_digest(&d->options->rules,
					hvt_trace_call(s->walk.trace,
							event.call),
					&event));
}

/* The one that is behind goes on, so that little waits. */
static int compare(struct diff *d)
{
	struct diff_side *a = &d->sides[0], *b = &d->sides[1];
	int err = 0;

	while (!err && (!a->over || !b->over)) {
		bool second = a->over || (!b->over && b->events < a->events);

		err = advance(d, second);
	}
	pair_end(&d->pair);
	for (uint32_t i = 0; i < d->pair.count; i++)
		d->alike += d->pair.threads[i].same;
	return err ? trouble("out of memory") : a->walk.code | b->walk.code;
}

static int show(struct diff *d, int fd)
{
	struct out out;
	int code;

	out_init(&out, fd);
	code = diff_show(d, &out);
	return out_flush(&out) ? trouble("cannot write the output") : code;
}

int diff_traces(const struct diff_options *o, const char *a, const char *b,
		int fd)
{
	static struct diff d; /* large */
	int code;

	d.options = o;
	pair_init(&d.pair);
	code = open_side(&d.sides[0], o, a);
	if (!code)
		code = open_side(&d.sides[1], o, b);
	if (!code) {
		code = compare(&d);
		code = code ? (show(&d, fd), code) : show(&d, fd);
	}
	close_side(&d.sides[0]);
	close_side(&d.sides[1]);
	pair_fini(&d.pair);
	return code;
}
