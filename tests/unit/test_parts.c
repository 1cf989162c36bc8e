/* SPDX-License-Identifier: MIT */
/* Reading by parts: what comes out of it is what comes one by one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "files.h"

#define EVENTS 3000u

static struct test_event events[EVENTS];
static size_t ends[EVENTS];
static struct temp_file file;
static struct hvt_trace *trace;
static struct hvt_error e;
static unsigned next; /* event that must come next */
static unsigned parts;
static int fail_add, fail_end;

/* A part holds the events it was given, bytes and all. */
struct part {
	struct test_event events[64];
	size_t count;
};

static void *create(void *context)
{
	cr_assert_eq(context, &next);
	return calloc(1, sizeof(struct part));
}

static int add(void *p, const struct hvt_event *given, size_t count)
{
	struct part *part = p;

	for (size_t i = 0; i < count; i++) {
		struct test_event *mine = &part->events[part->count++];

		mine->event = given[i];
		if (given[i].data_size)
			memcpy(mine->bytes, given[i].data, given[i].data_size);
		mine->event.data = mine->bytes;
	}
	return fail_add;
}

static void expect(const struct hvt_event *got)
{
	cr_assert_eq(got->number, next);
	cr_assert(event_same(&events[next].event, got, false));
	next++;
}

static int end(void *p, void *context)
{
	struct part *part = p;

	cr_assert_eq(context, &next);
	if (fail_end)
		return fail_end;
	for (size_t i = 0; i < part->count; i++)
		expect(&part->events[i].event);
	part->count = 0;
	parts++;
	return 0;
}

static const struct hvt_part_ops ops = { create, add, end, free };

static void set_up(void)
{
	struct rng rng;

	rng_init(&rng);
	events_make(&rng, events, EVENTS);
	file = temp_file_create();
	trace_write(file.path, events, EVENTS, 20, true, ends);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0, "%s", e.text);
}

static void tear_down(void)
{
	hvt_trace_close(trace);
	temp_file_remove(&file);
}

TestSuite(parts, .init = set_up, .fini = tear_down, .timeout = 100);

static int read_parts(uint64_t to, unsigned threads)
{
	return hvt_trace_read_parts(trace, to, threads, &ops, &next);
}

static void expect_end(void)
{
	struct hvt_event got;

	cr_assert_eq(next, EVENTS);
	cr_assert_eq(hvt_trace_next(trace, &got, &e), 0, "%s", e.text);
}

Test(parts, are_all_events_in_their_order_whatever_the_number_of_threads)
{
	uint64_t raw = 0;

	for (unsigned threads = 0; threads <= 9; threads++) {
		next = parts = 0;
		cr_assert_eq(hvt_trace_rewind(trace, &e), 0);
		cr_assert_eq(read_parts(UINT64_MAX, threads), 0);
		cr_assert_eq(parts, EVENTS / 20);
		expect_end();
		cr_assert(!raw || hvt_trace_raw_bytes(trace) == raw);
		raw = hvt_trace_raw_bytes(trace);
	}
	cr_assert_gt(raw, 0);
}

/* From the middle of a segment to the middle of another one. */
Test(parts, are_whole_segments_and_the_rest_comes_one_by_one)
{
	struct hvt_event got;

	cr_assert_eq(hvt_trace_seek(trace, HVT_SEEK_EVENT, 110, &e), 0);
	cr_assert_eq(read_parts(UINT64_MAX, 2), 0);
	cr_assert_eq(parts, 0);
	for (next = 110; next < 120;) {
		cr_assert_eq(hvt_trace_next(trace, &got, &e), 1);
		expect(&got);
	}
	cr_assert_eq(read_parts(1234, 2), 0);
	cr_assert_eq(next, 1220);
	cr_assert_eq(read_parts(1234, 2), 0);
	while (next < 1240) {
		cr_assert_eq(hvt_trace_next(trace, &got, &e), 1);
		expect(&got);
	}
	cr_assert_eq(read_parts(UINT64_MAX, 2), 0);
	expect_end();
}

/* It is found, told and passed over by hvt_trace_next(). */
Test(parts, end_before_damage_and_go_on_behind_it)
{
	struct hvt_event got;
	uint8_t *bytes;
	size_t size;

	hvt_trace_close(trace);
	bytes = file_read(file.path, &size);
	bytes[ends[49] + 200] ^= 1; /* of the segment of event 1000, */
	bytes[ends[99] + 20] ^= 1;  /* and the head of that of 2000 */
	file_write(file.path, bytes, size);
	free(bytes);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0, "%s", e.text);
	for (unsigned lost = 1000; lost <= 2000; lost += 1000) {
		cr_assert_eq(read_parts(UINT64_MAX, 3), 0);
		cr_assert_eq(next, lost);
		cr_assert_eq(hvt_trace_next(trace, &got, &e), -EBADMSG);
		cr_assert_eq(e.event, lost);
		cr_assert_eq(e.offset, ends[lost / 20 - 1]);
		next += 20;
	}
	cr_assert_eq(read_parts(UINT64_MAX, 3), 0);
	expect_end();
}

Test(parts, tell_what_the_caller_made_of_them)
{
	fail_add = -ENOMEM;
	cr_assert_eq(read_parts(UINT64_MAX, 2), -ENOMEM);
	fail_add = 0;
	fail_end = -EIO;
	cr_assert_eq(read_parts(UINT64_MAX, 2), -EIO);
	fail_end = 0;
	cr_assert_eq(next, 0);
	cr_assert_eq(read_parts(UINT64_MAX, 2), 0);
	expect_end();
}

/* What is in the log only is for hvt_trace_next(). */
Test(parts, are_those_of_a_trace_that_was_not_closed)
{
	hvt_trace_close(trace);
	trace_write(file.path, events, EVENTS, 20, false, NULL);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0, "%s", e.text);
	cr_assert_eq(read_parts(UINT64_MAX, 2), 0);
	expect_end();
}
