/* SPDX-License-Identifier: MIT */
/* Parts of traces as traces: the same events, from and to any place. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "format.h"

#define EVENTS 1500u

static struct test_event events[EVENTS];
static struct temp_file file;
static size_t ends[EVENTS];
static struct rng rng;
static uint64_t largest_gap;
static struct hvt_trace *trace;
static struct hvt_error e;
static struct temp_file target;
static const char *const part = target.path; /* where no file is yet */

static void set_up(void)
{
	rng_init(&rng);
	events_make(&rng, events, EVENTS);
	for (unsigned i = 1; i < EVENTS; i++) {
		uint64_t gap = events[i].event.tick - events[i - 1].event.tick;

		largest_gap = gap > largest_gap ? gap : largest_gap;
	}
	file = temp_file_create();
	trace_write(file.path, events, EVENTS, 40, true, ends);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0);
	target = temp_file_create();
	unlink(part);
}

static void tear_down(void)
{
	hvt_trace_close(trace);
	temp_file_remove(&file);
	unlink(part);
}

TestSuite(cut, .init = set_up, .fini = tear_down);

static void never(const struct hvt_error *err, void *context)
{
	(void)context;
	cr_assert(false, "%s", err->text);
}

static void check_part(uint64_t from, uint64_t to)
{
	struct hvt_verdict v;
	struct hvt_event got;
	struct hvt_trace *t;
	uint64_t tick = 0;

	to = to < EVENTS ? to : EVENTS;
	cr_assert_eq(hvt_trace_open(&t, part, &e), 0, "%s", e.text);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_CLOSED);
	for (uint64_t i = from; i < to; i++) {
		uint64_t was = events[i].event.tick;

		cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
		cr_assert_eq(got.number, i);
		cr_assert(event_same(&events[i].event, &got, false));
		/* Rounded twice at most. */
		cr_assert_leq(was > got.tick ? was - got.tick : got.tick - was,
				largest_gap / 7);
		cr_assert_geq(got.tick, tick);
		tick = got.tick;
	}
	cr_assert_eq(hvt_trace_next(t, &got, &e), 0);
	for (uint64_t i = to; i > from; i--) {
		cr_assert_eq(hvt_trace_prev(t, &got, &e), 1, "%s", e.text);
		cr_assert_eq(got.number, i - 1);
	}
	cr_assert_eq(hvt_trace_prev(t, &got, &e), 0, "nothing is before it");
	cr_assert_eq(hvt_trace_seek(t, HVT_SEEK_EVENT, to, &e), -ERANGE);
	if (from) {
		cr_assert_eq(hvt_trace_seek(t, HVT_SEEK_EVENT, from - 1, &e),
				-ERANGE);
		cr_assert_eq(hvt_trace_next(t, &got, &e), from < to);
	}
	cr_assert_eq(hvt_trace_verify(t, &v, never, NULL), 0);
	cr_assert_eq(v.events, to - from);
	hvt_trace_close(t);
}

Test(cut, has_the_events_between_two_numbers)
{
	for (int i = 0; i < 60; i++) {
		uint64_t from = rng_below(&rng, EVENTS);
		uint64_t to = from + rng_below(&rng, EVENTS + 10);

		cr_assert_eq(hvt_trace_cut(trace, part, from, to, &e), 0, "%s",
				e.text);
		check_part(from, to);
		unlink(part);
	}
}

Test(cut, of_all_of_it_is_the_same)
{
	cr_assert_eq(hvt_trace_cut(trace, part, 0, UINT64_MAX, &e), 0);
	check_part(0, EVENTS);
}

Test(cut, of_nothing_is_an_empty_trace)
{
	cr_assert_eq(hvt_trace_cut(trace, part, 700, 700, &e), 0);
	check_part(700, 700);
	unlink(part);
	cr_assert_eq(hvt_trace_cut(trace, part, 700, 3, &e), 0);
	check_part(700, 700);
}

Test(cut, of_a_cut_has_the_numbers_of_the_first)
{
	struct temp_file second = temp_file_create();
	const char *again = second.path;
	struct hvt_trace *t;
	struct hvt_event got;

	unlink(again);
	cr_assert_eq(hvt_trace_cut(trace, part, 100, 900, &e), 0);
	cr_assert_eq(hvt_trace_open(&t, part, &e), 0);
	cr_assert_eq(hvt_trace_cut(t, again, 200, 300, &e), 0);
	hvt_trace_close(t);
	cr_assert_eq(hvt_trace_open(&t, again, &e), 0);
	for (uint64_t i = 200; i < 300; i++) {
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
		cr_assert_eq(got.number, i);
		cr_assert(event_same(&events[i].event, &got, false));
	}
	cr_assert_eq(hvt_trace_next(t, &got, &e), 0);
	hvt_trace_close(t);
	unlink(again);
}

Test(cut, says_where_it_is_from)
{
	struct hvt_trace *t;

	cr_assert_eq(hvt_trace_cut(trace, part, 5, 9, &e), 0);
	cr_assert_eq(hvt_trace_open(&t, part, &e), 0);
	cr_assert_str_eq(hvt_trace_info(t, "made_by"), "a test");
	cr_assert_str_eq(hvt_trace_info(t, "cut_from"), "5");
	cr_assert_str_eq(hvt_trace_info(t, "cut_to"), "9");
	hvt_trace_close(t);
}

Test(cut, replaces_no_file_and_leaves_none_when_it_fails)
{
	uint8_t *bytes;
	size_t size;

	file_write(part, "mine", 4);
	cr_assert_eq(hvt_trace_cut(trace, part, 0, 10, &e), -EEXIST);
	cr_assert_eq(e.code, -EEXIST);
	cr_assert_neq(e.text[0], 0);
	cr_assert_eq(file_size(part), 4);
	unlink(part);
	cr_assert_eq(hvt_trace_cut(trace, file.path, 0, 10, NULL), -EEXIST);
	cr_assert_eq(hvt_trace_cut(trace, part, EVENTS, EVENTS + 1, &e),
			-ERANGE);
	cr_assert_neq(access(part, F_OK), 0);
	cr_assert_eq(hvt_trace_cut(trace, "no-such-folder/t", 0, 1, &e),
			-ENOENT);
	bytes = file_read(file.path, &size);
	bytes[ends[3] + HVT_HEAD_SIZE + 30] ^= 0xff;
	hvt_trace_close(trace);
	file_write(file.path, bytes, size);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0);
	cr_assert_eq(hvt_trace_cut(trace, part, 0, 400, &e), -EBADMSG);
	cr_assert_eq(e.event, 160);
	cr_assert_neq(access(part, F_OK), 0);
	cr_assert_eq(hvt_trace_cut(trace, part, 0, 160, &e), 0);
	free(bytes);
}
