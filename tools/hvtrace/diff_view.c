/* SPDX-License-Identifier: MIT */
/* What is shown of two traces that differ. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "diff.h"
#include "look/align.h"
#include "look/describe.h"

#define WINDOW	 200u /* events that are aligned behind the difference */
#define LINE_SIZE 352u
#define LINES_MAX 60u  /* of what differs are shown */
#define SCAN_MAX 1000000u /* events of other threads that are passed over */

/* Events of one thread, as digests and lines. */
struct window {
	uint64_t digests[ALIGN_MAX];
	uint64_t numbers[ALIGN_MAX];
	char lines[ALIGN_MAX][LINE_SIZE];
	unsigned count;
};

static struct window windows[2];

static bool is_of(struct diff_side *s, uint32_t thread,
		const struct hvt_event *e)
{
	return e->thread == thread && diff_selects(s, e);
}

static void take(struct diff *d, unsigned i, const struct hvt_event *e,
		unsigned at)
{
	struct diff_side *s = &d->sides[i];
	struct window *w = &windows[i];
	char text[256], more[80];

	hvt_event_format(e, text, sizeof(text));
	describe_event(&s->devices, s->walk.trace, e, more, sizeof(more));
	w->numbers[at] = e->number;
	w->digests[at] = event_digest(&d->options->rules,
			hvt_trace_call(s->walk.trace, e->call), e);
	snprintf(w->lines[at], LINE_SIZE, "%s%s%s", text, *more ? "  -- " : "",
			more);
}

/* Up to want events of the thread before number, or the end, in order. */
static void take_before(struct diff *d, unsigned i, uint32_t thread,
		uint64_t number, unsigned want)
{
	struct hvt_trace *trace = d->sides[i].walk.trace;
	struct window *w = &windows[i];
	uint64_t found[DIFF_CONTEXT_MAX];
	struct hvt_event e;
	unsigned n = 0;
	int err;

	w->count = 0;
	err = hvt_trace_seek(trace, HVT_SEEK_EVENT, number, NULL);
	if (err && err != -ERANGE)
		return;
	for (unsigned k = 0; k < SCAN_MAX && n < want; k++) {
		if (hvt_trace_prev(trace, &e, NULL) != 1)
			break;
		if (is_of(&d->sides[i], thread, &e))
			found[n++] = e.number;
	}
	while (n--)
		if (!hvt_trace_seek(trace, HVT_SEEK_EVENT, found[n], NULL) &&
				hvt_trace_next(trace, &e, NULL) == 1)
			take(d, i, &e, w->count++);
}

/* Those from number on, as many as are aligned. */
static void take_from(struct diff *d, unsigned i, uint32_t thread,
		uint64_t number)
{
	struct hvt_trace *trace = d->sides[i].walk.trace;
	struct window *w = &windows[i];
	unsigned end = w->count + WINDOW < ALIGN_MAX ? w->count + WINDOW
						     : ALIGN_MAX;
	struct hvt_event e;

	if (number == UINT64_MAX ||
			hvt_trace_seek(trace, HVT_SEEK_EVENT, number, NULL))
		return;
	for (unsigned k = 0; k < SCAN_MAX && w->count < end; k++) {
		if (hvt_trace_next(trace, &e, NULL) != 1)
			break;
		if (is_of(&d->sides[i], thread, &e))
			take(d, i, &e, w->count++);
	}
}

static void put_line(struct diff *d, struct out *o, enum align_step step,
		unsigned i, unsigned j)
{
	static const char *const colors[] = { "", COLOR_RED, COLOR_GREEN };
	bool color = d->options->color && step != ALIGN_BOTH;

	if (color)
		out_text(o, colors[step]);
	out_char(o, " -+"[step]);
	if (step != ALIGN_B)
		out_format(o, "%9" PRIu64, windows[0].numbers[i]);
	else
		out_format(o, "%9s", "");
	if (step != ALIGN_A)
		out_format(o, "%9" PRIu64, windows[1].numbers[j]);
	else
		out_format(o, "%9s", "");
	out_text(o, "  ");
	out_text(o, step == ALIGN_B ? windows[1].lines[j] : windows[0].lines[i]);
	if (color)
		out_text(o, COLOR_NONE);
	out_char(o, '\n');
}

/*
 * The steps up to context lines behind the first difference, and as far as what
 * differs is not further apart.
 */
static void put_steps(struct diff *d, struct out *o, const uint8_t *steps,
		unsigned n)
{
	unsigned i = 0, j = 0, left = 0, different = 0;

	for (unsigned k = 0; k < n; k++) {
		bool both = steps[k] == ALIGN_BOTH;

		if (different && both && !left--)
			break;
		if (!both && different++ == LINES_MAX) {
			out_text(o, " ...\n");
			break;
		}
		if (!both)
			left = d->options->context;
		put_line(d, o, steps[k], i, j);
		i += steps[k] != ALIGN_B;
		j += steps[k] != ALIGN_A;
	}
}

static void put_around(struct diff *d, struct out *o,
		const struct pair_thread *t, uint32_t thread)
{
	uint8_t steps[2 * ALIGN_MAX];
	unsigned n;

	for (unsigned i = 0; i < 2; i++) {
		take_before(d, i, thread, t->at[i], d->options->context);
		take_from(d, i, thread, t->at[i]);
	}
	n = align(windows[0].digests, windows[0].count, windows[1].digests,
			windows[1].count, steps);
	out_format(o, "\n %9s%9s\n", "A", "B");
	put_steps(d, o, steps, n);
}

/* What differs in the two events themselves. */
static bool name_difference(struct diff *d, const struct pair_thread *t,
		char *text, size_t size)
{
	struct hvt_event e[2];
	const struct hvt_call_schema *s[2];

	for (unsigned i = 0; i < 2; i++) {
		struct hvt_trace *trace = d->sides[i].walk.trace;

		if (hvt_trace_seek(trace, HVT_SEEK_EVENT, t->at[i], NULL) ||
				hvt_trace_next(trace, &e[i], NULL) != 1)
			return false;
		s[i] = hvt_trace_call(trace, e[i].call);
	}
	event_difference(&d->options->rules, s[0], &e[0], s[1], &e[1], text,
			size);
	return true;
}

static void put_first(struct diff *d, struct out *o,
		const struct pair_thread *t, uint32_t thread)
{
	char text[128];

	if (t->verdict == PAIR_ENDS) {
		bool b = t->at[0] == UINT64_MAX;

		out_format(o, "first difference: thread %" PRIu32 ", event %"
			      PRIu64 " of %s: %s has no more of this thread\n",
				thread, t->at[b], b ? "B" : "A",
				b ? "A" : "B");
		return;
	}
	out_format(o, "first difference: thread %" PRIu32 ", event %" PRIu64
		      " of A, %" PRIu64 " of B", thread, t->at[0], t->at[1]);
	if (name_difference(d, t, text, sizeof(text)))
		out_format(o, ": %s", text);
	out_char(o, '\n');
}

static void put_threads(struct diff *d, struct out *o)
{
	out_text(o, "\nthread    same until   events of A   events of B\n");
	for (uint32_t i = 0; i < d->pair.count; i++) {
		const struct pair_thread *t = &d->pair.threads[i];

		if (!t->count[0] && !t->count[1])
			continue;
		out_format(o, "%6" PRIu32 "  %12" PRIu64 "  %12" PRIu64
			      "  %12" PRIu64 "%s\n", i, t->same, t->count[0],
				t->count[1],
				t->verdict == PAIR_SAME ? "  same" : "");
	}
}

static void put_count(struct out *o, const char *name, uint64_t a, uint64_t b,
		bool *any)
{
	if (a == b)
		return;
	if (!*any)
		out_format(o, "\n%-36s %12s %12s   more in B\n", "of these", "A",
				"B");
	*any = true;
	out_format(o, "%-36s %12" PRIu64 " %12" PRIu64 " %+12" PRId64 "\n",
			name, a, b, (int64_t)(b - a));
}

static void put_counts(struct diff *d, struct out *o)
{
	const struct diff_side *a = &d->sides[0], *b = &d->sides[1];
	bool any = false;

	for (unsigned c = 0; c < EXIT_CLASSES; c++) {
		char name[48];

		snprintf(name, sizeof(name), "exits: %s",
				exit_class_name((enum exit_class)c));
		put_count(o, name, a->exits[c], b->exits[c], &any);
	}
	for (uint32_t c = 0; c < DIFF_CALLS; c++) {
		const struct hvt_call_schema *s;

		if (a->calls[c] == b->calls[c])
			continue;
		s = hvt_trace_call(a->walk.trace, c);
		if (!s)
			s = hvt_trace_call(b->walk.trace, c);
		put_count(o, s ? s->name : "?", a->calls[c], b->calls[c], &any);
	}
}

int diff_show(struct diff *d, struct out *o)
{
	const struct diff_side *a = &d->sides[0], *b = &d->sides[1];
	uint32_t thread = 0;
	const struct pair_thread *first = pair_first(&d->pair, &thread);

	if (!first)
		return EXIT_SAME;
	if (d->options->brief) {
		out_format(o, "Traces %s and %s differ\n", a->walk.path,
				b->walk.path);
		return EXIT_DIFFERS;
	}
	out_format(o, "--- A %s, %" PRIu64 " events\n+++ B %s, %" PRIu64
		      " events\n", a->walk.path, a->events, b->walk.path,
			b->events);
	out_format(o, "%" PRIu64 " pairs of events are the same\n", d->alike);
	put_first(d, o, first, thread);
	put_around(d, o, first, thread);
	put_threads(d, o);
	put_counts(d, o);
	return EXIT_DIFFERS;
}
