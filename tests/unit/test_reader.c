/* SPDX-License-Identifier: MIT */
/* The reader in whole traces: forwards, backwards, and to any place. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "call_ids.h"
#include "events.h"
#include "files.h"
#include "format.h"

#define EVENTS 6000u

static struct test_event events[EVENTS];
static struct hvt_event read_events[EVENTS]; /* without their bytes */
static struct temp_file file;
static struct rng rng;
static struct hvt_trace *trace;
static struct hvt_error e;

static void open_trace(void)
{
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0, "%s", e.text);
}

/* Segments so small that there is more than one index. */
static void set_up(void)
{
	rng_init(&rng);
	events_make(&rng, events, EVENTS);
	file = temp_file_create();
	trace_write(file.path, events, EVENTS, 5, true, NULL);
	open_trace();
}

static void tear_down(void)
{
	hvt_trace_close(trace);
	temp_file_remove(&file);
}

TestSuite(reader, .init = set_up, .fini = tear_down, .timeout = 100);

/* Forwards, each held against what was written. */
static void read_all(void)
{
	uint64_t tick = events[0].event.tick;
	unsigned n = 0;
	int more;

	while ((more = hvt_trace_next(trace, &read_events[n], &e)) == 1) {
		const struct hvt_event *got = &read_events[n];

		cr_assert(event_same(&events[n].event, got, false));
		cr_assert_eq(got->number, n);
		/* The first of a segment has its exact time. */
		cr_assert(tick_near(&events[n].event, got->tick, tick) ||
				got->tick == events[n].event.tick);
		tick = got->tick;
		n++;
		if (n == EVENTS)
			break;
	}
	cr_assert_eq(n, EVENTS, "%s", e.text);
	cr_assert_eq(hvt_trace_next(trace, &(struct hvt_event){ 0 }, &e), 0);
}

Test(reader, gives_back_what_was_written)
{
	struct hvt_event got;

	cr_assert_eq(hvt_trace_state(trace), HVT_TRACE_CLOSED);
	cr_assert_eq(hvt_trace_version(trace), HVT_FORMAT_VERSION);
	cr_assert_str_eq(hvt_trace_info(trace, "made_by"), "a test");
	read_all();
	cr_assert_eq(hvt_trace_next(trace, &got, &e), 0, "and still the end");
	cr_assert_gt(hvt_trace_raw_bytes(trace), 3 * EVENTS);
	cr_assert_eq(hvt_trace_rewind(trace, &e), 0);
	cr_assert_eq(hvt_trace_raw_bytes(trace), 0);
	read_all();
}

static void expect(const struct hvt_event *got, unsigned n)
{
	cr_assert_eq(got->number, n);
	cr_assert(event_same(&events[n].event, got, false));
	cr_assert_eq(got->tick, read_events[n].tick);
}

static void read_backwards(void)
{
	struct hvt_event got;

	read_all();
	for (unsigned n = EVENTS; n--;) {
		cr_assert_eq(hvt_trace_prev(trace, &got, &e), 1);
		expect(&got, n);
	}
	cr_assert_eq(hvt_trace_prev(trace, &got, &e), 0);
	cr_assert_eq(hvt_trace_prev(trace, &got, &e), 0, "and still the start");
	cr_assert_eq(hvt_trace_next(trace, &got, &e), 1);
	expect(&got, 0);
}

Test(reader, gives_the_same_backwards)
{
	read_backwards();
}

/* The heads are walked instead of the index. */
Test(reader, gives_the_same_backwards_in_a_trace_that_was_not_closed)
{
	hvt_trace_close(trace);
	trace_write(file.path, events, EVENTS, 5, false, NULL);
	open_trace();
	cr_assert_eq(hvt_trace_state(trace), HVT_TRACE_OPEN);
	read_backwards();
}

Test(reader, goes_to_and_fro_as_told)
{
	unsigned at = 0;

	read_all();
	hvt_trace_rewind(trace, NULL);
	for (unsigned i = 0; i < 3000; i++) {
		bool forth = rng_bool(&rng);
		unsigned steps = (unsigned)rng_below(&rng, 30);

		while (steps--) {
			struct hvt_event got;
			bool some = forth ? at < EVENTS : at > 0;

			cr_assert_eq(forth ? hvt_trace_next(trace, &got, &e)
					   : hvt_trace_prev(trace, &got, &e),
					some);
			if (!some)
				break;
			at -= !forth;
			expect(&got, at);
			at += forth;
		}
	}
}

/* The place that a linear search finds; EVENTS: none. */
static unsigned find(enum hvt_seek by, uint64_t value)
{
	uint64_t exits = 0;

	for (unsigned n = 0; n < EVENTS; n++) {
		const struct hvt_event *got = &read_events[n];
		bool exit = got->kind == HVT_EVENT_LEAVE &&
				got->call == HVT_CALL_HV_VCPU_RUN;

		if (by == HVT_SEEK_EVENT && n >= value)
			return n;
		if (by == HVT_SEEK_TICK && got->tick >= value)
			return n;
		if (by == HVT_SEEK_EXIT && exit && exits++ == value)
			return n;
	}
	return EVENTS;
}

static void check_seek(enum hvt_seek by, uint64_t value)
{
	unsigned want = find(by, value);
	struct hvt_event got;
	int err = hvt_trace_seek(trace, by, value, &e);

	cr_assert_eq(err, want < EVENTS ? 0 : -ERANGE, "by %d to %llu: %d", by,
			(unsigned long long)value, err);
	if (rng_bool(&rng)) {
		cr_assert_eq(hvt_trace_next(trace, &got, &e), want < EVENTS);
		if (want < EVENTS)
			expect(&got, want);
	} else if (want) {
		/* Also at the end: the place is known. */
		cr_assert_eq(hvt_trace_prev(trace, &got, &e), 1);
		expect(&got, want - 1);
	} else {
		cr_assert_eq(hvt_trace_prev(trace, &got, &e), 0);
	}
}

static void check_seeks(unsigned count)
{
	uint64_t last = read_events[EVENTS - 1].tick;

	for (unsigned i = 0; i < count; i++) {
		unsigned n = (unsigned)rng_below(&rng, EVENTS);

		check_seek(HVT_SEEK_EVENT, rng_below(&rng, EVENTS + 20));
		check_seek(HVT_SEEK_EXIT, rng_below(&rng, EVENTS / 6));
		check_seek(HVT_SEEK_TICK, read_events[n].tick +
				rng_below(&rng, 3) - 1);
		check_seek(HVT_SEEK_TICK, rng_below(&rng, last + last / 8));
	}
	check_seek(HVT_SEEK_EVENT, UINT64_MAX);
	check_seek(HVT_SEEK_EXIT, UINT64_MAX);
	check_seek(HVT_SEEK_TICK, UINT64_MAX);
	check_seek(HVT_SEEK_TICK, 0);
}

Test(reader, seeks_where_a_linear_search_ends)
{
	read_all();
	check_seeks(test_scale(3000, 30000));
}

Test(reader, seeks_the_same_in_a_trace_that_was_not_closed)
{
	hvt_trace_close(trace);
	trace_write(file.path, events, EVENTS, 37, false, NULL);
	open_trace();
	read_all();
	check_seeks(1000);
}

Test(reader, seeks_in_an_empty_trace)
{
	struct hvt_event got;

	hvt_trace_close(trace);
	for (int end = 0; end < 2; end++) {
		trace_write(file.path, events, 0, 1, end, NULL);
		open_trace();
		for (int by = HVT_SEEK_EVENT; by <= HVT_SEEK_TICK; by++)
			cr_assert_eq(hvt_trace_seek(trace, by, 0, &e),
					-ERANGE);
		cr_assert_eq(hvt_trace_next(trace, &got, &e), 0);
		cr_assert_eq(hvt_trace_prev(trace, &got, &e), 0);
		if (!end)
			hvt_trace_close(trace);
	}
}

Test(reader, gives_the_events_of_one_thread)
{
	struct hvt_event got;

	for (uint32_t thread = 0; thread < 6; thread++) {
		hvt_trace_rewind(trace, NULL);
		for (unsigned n = 0; n < EVENTS; n++) {
			if (events[n].event.thread != thread)
				continue;
			cr_assert_eq(hvt_trace_next_of(
					trace, thread, &got, &e), 1);
			cr_assert_eq(got.number, n);
		}
		cr_assert_eq(hvt_trace_next_of(trace, thread, &got, &e), 0);
	}
}

Test(reader, names_the_version_that_it_cannot_read)
{
	struct hvt_trace *t;
	size_t size;
	uint8_t *bytes = file_read(file.path, &size);
	char number[16];

	hvt_put32(bytes + HVT_AT_VERSION, 42);
	hvt_put64(bytes + HVT_AT_HEAD_HASH,
			XXH3_64bits(bytes, HVT_AT_HEAD_HASH));
	file_write(file.path, bytes, size);
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), -EPROTONOSUPPORT);
	cr_assert_not_null(strstr(e.text, "42"), "%s", e.text);
	/* Version 0 began with the magic itself. */
	memmove(bytes, HVT_MAGIC, 8);
	hvt_put32(bytes + 8, 0);
	for (size_t n = 12; n < 200; n += 60) {
		file_write(file.path, bytes, n);
		cr_assert_eq(hvt_trace_open(&t, file.path, &e),
				-EPROTONOSUPPORT);
		snprintf(number, sizeof(number), "version %u", 0u);
		cr_assert_not_null(strstr(e.text, number), "%s", e.text);
	}
	free(bytes);
}

Test(reader, says_what_it_cannot_open)
{
	struct temp_file other = temp_file_create();
	struct hvt_trace *t;

	cr_assert_eq(hvt_trace_open(&t, "no-such-file", &e), -ENOENT);
	cr_assert_eq(e.code, -ENOENT);
	cr_assert_not_null(strstr(e.text, "No such file"));
	cr_assert_eq(hvt_trace_open(&t, "no-such-file", NULL), -ENOENT);
	cr_assert_eq(hvt_trace_open(&t, ".", &e), -EINVAL);
	cr_assert_eq(hvt_trace_open(&t, "/dev/null", &e), -EINVAL);
	cr_assert_eq(hvt_trace_open(&t, other.path, &e), -EINVAL, "empty");
	file_write(other.path, "#!/bin/sh\necho no trace, this\n", 30);
	cr_assert_eq(hvt_trace_open(&t, other.path, &e), -EINVAL);
	cr_assert_neq(e.text[0], 0);
	temp_file_remove(&other);
	hvt_trace_close(NULL);
}
