/* SPDX-License-Identifier: MIT */
/* What a thread reads ahead is what a reader without one finds. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "read_ahead.h"

#define SEGMENTS    24u
#define PER_SEGMENT 500u /* batches end at other places */
#define EVENTS      (SEGMENTS * PER_SEGMENT)
#define LARGE       100000u /* bytes: more than a batch has room for at first */

static struct test_event *events;
static size_t ends[SEGMENTS];
static uint8_t large[LARGE];
static struct temp_file file;
static struct rng rng;
static struct hvt_trace *plain, *trace;
static struct read_ahead *ahead;

/* One buffer in 5 is large: a batch has room for none, one, or others only. */
static void add_large_buffers(void)
{
	rng_bytes(&rng, large, LARGE);
	for (unsigned i = 0, n = 0; i < EVENTS; i++) {
		struct hvt_event *e = &events[i].event;

		if (!e->data_size || n++ % 5)
			continue;
		for (unsigned k = 0; k < HVT_VALUES_MAX; k++)
			if (e->values[k] == e->data_size)
				e->values[k] = LARGE - i % 3;
		e->data = large;
		e->data_size = LARGE - i % 3;
	}
}

static void set_up(void)
{
	rng_init(&rng);
	events = calloc(EVENTS, sizeof(*events));
	cr_assert_not_null(events);
	events_make(&rng, events, EVENTS);
	add_large_buffers();
	file = temp_file_create();
	trace_write(file.path, events, EVENTS, PER_SEGMENT, true, ends);
}

static void begin(uint64_t to)
{
	struct hvt_error e;

	cr_assert_eq(hvt_trace_open(&plain, file.path, &e), 0, "%s", e.text);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0, "%s", e.text);
	ahead = read_ahead_begin(trace, to);
	cr_assert_not_null(ahead);
}

static void tear_down(void)
{
	read_ahead_end(ahead);
	hvt_trace_close(trace);
	hvt_trace_close(plain);
	temp_file_remove(&file);
	free(events);
}

TestSuite(read_ahead, .init = set_up, .fini = tear_down, .timeout = 100);

/* Both to the end, or up to the number to; how many events there were. */
static uint64_t compare(uint64_t to, unsigned *damaged)
{
	struct hvt_event want, got;
	struct hvt_error e, other;
	uint64_t n = 0;
	int x, y;

	for (;;) {
		x = hvt_trace_next(plain, &want, &e);
		y = read_ahead_next(ahead, &got, &other);
		if (x == 1 && want.number >= to)
			x = 0;
		cr_assert_eq(x, y);
		if (x < 0) {
			cr_assert_str_eq(e.text, other.text);
			cr_assert_eq(e.offset, other.offset);
			cr_assert_eq(e.event, other.event);
			++*damaged;
		}
		if (x != 1 && x != -EBADMSG)
			break;
		if (x != 1)
			continue;
		cr_assert_eq(want.number, got.number);
		cr_assert_eq(want.tick, got.tick);
		cr_assert(event_same(&want, &got, false));
		n++;
	}
	/* It says so again. */
	cr_assert_eq(read_ahead_next(ahead, &got, &other), x);
	return n;
}

Test(read_ahead, gives_all_events)
{
	unsigned damaged = 0, buffers = 0;

	for (unsigned i = 0; i < EVENTS; i++)
		buffers += events[i].event.data == large;
	cr_assert_gt(buffers, 8);
	begin(UINT64_MAX);
	cr_assert_eq(compare(UINT64_MAX, &damaged), EVENTS);
	cr_assert_eq(damaged, 0);
	cr_assert_eq(hvt_trace_raw_bytes(trace), hvt_trace_raw_bytes(plain));
}

Test(read_ahead, stops_at_a_number)
{
	unsigned damaged = 0;

	begin(EVENTS / 2);
	cr_assert_eq(compare(EVENTS / 2, &damaged), EVENTS / 2);
	/* Segments behind it have not been read. */
	cr_assert_eq(hvt_trace_raw_bytes(trace), hvt_trace_raw_bytes(plain));
}

Test(read_ahead, goes_on_behind_damage)
{
	unsigned damaged = 0;
	size_t size;
	uint8_t *bytes = file_read(file.path, &size);

	for (unsigned i = 3; i < SEGMENTS; i += 5)
		bytes[ends[i] - 60] ^= 0x5a;
	file_write(file.path, bytes, size);
	free(bytes);
	begin(UINT64_MAX);
	cr_assert_lt(compare(UINT64_MAX, &damaged), EVENTS);
	cr_assert_gt(damaged, 2);
}

Test(read_ahead, tells_of_a_trace_cut_short)
{
	unsigned damaged = 0;

	cr_assert_eq(truncate(file.path, (off_t)ends[SEGMENTS - 2] + 100), 0);
	begin(UINT64_MAX);
	cr_assert_eq(compare(UINT64_MAX, &damaged), EVENTS - PER_SEGMENT);
	cr_assert_eq(damaged, 1);
}

Test(read_ahead, can_be_ended_anywhere)
{
	struct hvt_event event;
	struct hvt_error e;

	for (unsigned taken = 0; taken < 9000; taken += 811) {
		begin(UINT64_MAX);
		for (unsigned i = 0; i < taken; i++)
			cr_assert_eq(read_ahead_next(ahead, &event, &e), 1);
		read_ahead_end(ahead);
		ahead = NULL;
		hvt_trace_close(trace);
		hvt_trace_close(plain);
		trace = plain = NULL;
	}
}
