/* SPDX-License-Identifier: MIT */
/*
 * A trace and its log, as a recorder that died at any moment leaves them:
 * what a reader sees, and that recovery makes the same of it.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "format.h"
#include "wal.h"
#include "writer.h"

#define EVENTS 300u
#define RINGS  5u /* one for each thread that events_make() knows */
#define RING   (64u << 10)

static struct test_event events[EVENTS];
static struct temp_file file;
static struct rng rng;
static struct hvt_error e;
static struct hvt_wal wal;
static struct hvt_ring rings[RINGS];
static _Atomic uint64_t counter;

static void set_up(void)
{
	rng_init(&rng);
	events_make(&rng, events, EVENTS);
	file = temp_file_create();
}

static void tear_down(void)
{
	temp_file_remove(&file);
}

TestSuite(log_tail, .init = set_up, .fini = tear_down, .timeout = 100);

/* The first count events are in the file, in segments of 40. */
static void make_trace(unsigned count)
{
	struct hvt_writer *w;

	cr_assert_eq(hvt_writer_create(&w, file.path, NULL, 0, 0), 0);
	cr_assert_eq(hvt_wal_create(&wal, file.path, hvt_writer_id(w), RING),
			0);
	for (unsigned i = 0; i < count; i++) {
		cr_assert_eq(hvt_writer_add(w, &events[i].event), 0);
		if (i % 40 == 39 || i + 1 == count)
			cr_assert_eq(hvt_writer_cut(w, 0), 0);
	}
	cr_assert_eq(hvt_writer_close(w, false), 0);
	for (unsigned i = 0; i < RINGS; i++) {
		cr_assert_eq(hvt_wal_ring(&wal, i, &rings[i]), 0);
		rings[i].header->thread = i;
		atomic_store(&rings[i].header->state, HVT_RING_USED);
	}
}

/* Event i goes to the ring of its thread with that number. */
static void publish(unsigned i, uint64_t number)
{
	struct hvt_event event = events[i].event;
	struct hvt_ring *ring = &rings[event.thread];

	counter = number;
	cr_assert(hvt_ring_has_room(ring, hvt_ring_event_size(&event)));
	hvt_ring_publish(ring, &counter, &event);
}

/* As if it had died: the lock is gone, the file is what it is. */
static void die(void)
{
	for (unsigned i = 0; i < RINGS; i++)
		hvt_wal_unmap_ring(&rings[i]);
	wal.header->next = counter;
	hvt_wal_unlock(&wal);
	hvt_wal_close(&wal);
}

/* All events but those left out (which were never published), in order. */
static void check(bool (*left_out)(unsigned i), unsigned end,
		enum hvt_trace_state state)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t n = 0, tick = 0;

	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0, "%s", e.text);
	cr_assert_eq(hvt_trace_state(t), state);
	for (unsigned i = 0; i < end; i++) {
		if (left_out && left_out(i))
			continue;
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1, "event %u", i);
		cr_assert_eq(got.number, n++);
		cr_assert(event_same(&events[i].event, &got, false),
				"event %u", i);
		cr_assert_geq(got.tick, tick);
		tick = got.tick;
	}
	cr_assert_eq(hvt_trace_next(t, &got, &e), 0, "%s", e.text);
	while (n--) {
		cr_assert_eq(hvt_trace_prev(t, &got, &e), 1);
		cr_assert_eq(got.number, n);
	}
	cr_assert_eq(hvt_trace_prev(t, &got, &e), 0);
	hvt_trace_close(t);
}

/* Read, recovered, read again: the same. */
static void check_and_recover(bool (*left_out)(unsigned i), uint64_t in_log)
{
	uint64_t n;

	check(left_out, EVENTS, HVT_TRACE_OPEN);
	cr_assert_eq(hvt_trace_recover(file.path, &n, &e), 0, "%s", e.text);
	cr_assert_eq(n, in_log);
	check(left_out, EVENTS, HVT_TRACE_CLOSED);
	cr_assert_eq(hvt_trace_recover(file.path, &n, &e), 0, "once more");
	cr_assert_eq(n, 0);
}

Test(log_tail, follows_the_last_segment)
{
	for (unsigned in_file = 0; in_file <= EVENTS; in_file += 50) {
		make_trace(in_file);
		for (unsigned i = in_file; i < EVENTS; i++)
			publish(i, i);
		die();
		check_and_recover(NULL, EVENTS - in_file);
	}
}

/* The segment was written, the rings not yet freed: all, some, none. */
Test(log_tail, gives_no_event_twice_and_none_up)
{
	for (unsigned freed = 0; freed < 1u << RINGS; freed++) {
		uint64_t tails[RINGS];

		make_trace(200);
		for (unsigned i = 160; i < 200; i++)
			publish(i, i);
		for (unsigned i = 0; i < RINGS; i++)
			tails[i] = atomic_load(&rings[i].header->head);
		for (unsigned i = 200; i < EVENTS; i++)
			publish(i, i);
		for (unsigned i = 0; i < RINGS; i++)
			if (freed & 1u << i)
				atomic_store(&rings[i].header->tail, tails[i]);
		die();
		check_and_recover(NULL, 100);
	}
}

static bool is_lost(unsigned i)
{
	return i == 205 || i == 206 || i == 250;
}

/* Their threads were killed between taking the number and publishing. */
Test(log_tail, closes_up_over_numbers_that_were_never_published)
{
	make_trace(200);
	for (unsigned i = 200; i < EVENTS; i++)
		if (!is_lost(i))
			publish(i, i);
	die();
	check_and_recover(is_lost, 97);
}

Test(log_tail, of_a_living_recorder_ends_before_what_is_not_published)
{
	make_trace(200);
	for (unsigned i = 200; i < EVENTS; i++)
		if (!is_lost(i))
			publish(i, i);
	check(NULL, 205, HVT_TRACE_LIVE);
	publish(205, 205);
	check(NULL, 206, HVT_TRACE_LIVE);
	die();
}

Test(log_tail, of_a_living_recorder_is_empty_if_the_first_is_not_published)
{
	uint64_t n;

	make_trace(200);
	for (unsigned i = 201; i < EVENTS; i++)
		publish(i, i);
	check(NULL, 200, HVT_TRACE_LIVE);
	cr_assert_eq(hvt_trace_recover(file.path, &n, &e), -EBUSY);
	cr_assert_neq(e.text[0], 0);
	check(NULL, 200, HVT_TRACE_LIVE);
	die();
}

/* A power loss may keep less of the log than of the file, and the reverse. */
Test(log_tail, older_than_the_file_adds_nothing)
{
	make_trace(200);
	for (unsigned i = 100; i < 190; i++)
		publish(i, i);
	die();
	check(NULL, 200, HVT_TRACE_OPEN);
}

Test(log_tail, follows_a_segment_torn_at_any_byte)
{
	size_t size, whole;
	uint8_t *bytes;

	make_trace(160);
	whole = file_size(file.path);
	die();
	make_trace(200);
	/* The last segment is still in the log. */
	for (unsigned i = 160; i < EVENTS; i++)
		publish(i, i);
	die();
	bytes = file_read(file.path, &size);
	cr_assert_gt(size, whole + 100);
	for (size_t cut = whole; cut < size; cut += 5) {
		struct temp_file copy = temp_file_create(), log, from;
		uint8_t *of_log;
		size_t n;
		uint64_t events_there;

		/* The file is recovered in a copy, of both. */
		snprintf(log.path, sizeof(log.path), "%.26s.wal", copy.path);
		snprintf(from.path, sizeof(from.path), "%.26s.wal", file.path);
		of_log = file_read(from.path, &n);
		file_write(log.path, of_log, n);
		free(of_log);
		file_write(copy.path, bytes, cut);
		from = file;
		file = copy;
		check(NULL, EVENTS, HVT_TRACE_OPEN);
		cr_assert_eq(hvt_trace_recover(file.path, &events_there, &e),
				0);
		cr_assert_eq(events_there, 140);
		check(NULL, EVENTS, HVT_TRACE_CLOSED);
		temp_file_remove(&file);
		file = from;
	}
	free(bytes);
}

static void bend_log(size_t at)
{
	char path[48];
	uint8_t *bytes;
	size_t size;

	snprintf(path, sizeof(path), "%s.wal", file.path);
	bytes = file_read(path, &size);
	cr_assert_lt(at, size);
	bytes[at] ^= 0xff;
	file_write(path, bytes, size);
	free(bytes);
}

/* The trace can be read all the same, and what is missing is told. */
Test(log_tail, that_is_damaged_is_told_behind_the_last_segment)
{
	static const size_t places[] = { 3, 25,
		HVT_WAL_HEADER + HVT_RING_HEADER,
		HVT_WAL_HEADER + HVT_RING_HEADER + 4, HVT_WAL_HEADER + 64 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct hvt_trace *t;
		struct hvt_event got;
		unsigned n = 0;
		uint64_t recovered;

		make_trace(200);
		for (unsigned k = 200; k < EVENTS; k++)
			publish(k, k);
		die();
		bend_log(places[i]);
		cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0, "%zu: %s", i,
				e.text);
		while (hvt_trace_next(t, &got, &e) == 1)
			cr_assert_eq(got.number, n++);
		cr_assert_eq(n, 200);
		cr_assert_eq(e.code, -EBADMSG, "%zu", i);
		cr_assert_eq(e.event, 200);
		cr_assert_not_null(strstr(e.text, "log"));
		cr_assert_eq(hvt_trace_next(t, &got, &e), 0, "then the end");
		hvt_trace_close(t);
		cr_assert_eq(hvt_trace_recover(file.path, &recovered, &e),
				-EBADMSG);
	}
}

Test(log_tail, of_another_trace_or_not_begun_is_none)
{
	make_trace(200);
	for (unsigned k = 200; k < EVENTS; k++)
		publish(k, k);
	die();
	bend_log(8);
	check(NULL, 200, HVT_TRACE_OPEN);
	file_write(file.path, "", 0);
	make_trace(200);
	memset(wal.header->magic, 0, 8);
	die();
	check(NULL, 200, HVT_TRACE_OPEN);
}

/* Whatever is in it: no crash, an end, and recovery makes a sound trace. */
Test(log_tail, that_lies_is_an_error_or_events)
{
	char path[48];

	snprintf(path, sizeof(path), "%s.wal", file.path);
	for (unsigned i = 0; i < test_scale(300, 20000); i++) {
		unsigned changes = 1 + (unsigned)rng_below(&rng, 6), n = 0;
		struct hvt_trace *t;
		struct hvt_event got;
		uint64_t recovered;
		int more;

		make_trace(40);
		for (unsigned k = 40; k < 140; k++)
			publish(k, k);
		while (changes--) {
			struct hvt_ring *ring = &rings[rng_below(&rng, RINGS)];
			uint64_t used = atomic_load(&ring->header->head);

			if (rng_below(&rng, 4))
				ring->bytes[rng_below(&rng, used + 8) %
						RING] = (uint8_t)rng_next(&rng);
			else if (rng_bool(&rng))
				((uint64_t *)(void *)ring->header)
						[rng_below(&rng, 17)] =
						rng_any(&rng) & ~7ull;
			else
				((uint64_t *)(void *)wal.header)
						[1 + rng_below(&rng, 5)] =
						rng_any(&rng);
		}
		die();
		if (hvt_trace_open(&t, file.path, &e))
			continue;
		while ((more = hvt_trace_next(t, &got, &e)) == 1) {
			unsigned sum = 0;

			cr_assert_eq(got.number, n++);
			for (size_t k = 0; k < got.data_size; k++)
				sum += got.data[k];
			cr_assert_leq(sum, 255 * got.data_size);
		}
		cr_assert(more == 0 || more == -EBADMSG, "%d", more);
		hvt_trace_close(t);
		if (hvt_trace_recover(file.path, &recovered, &e))
			continue;
		cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
		while ((more = hvt_trace_next(t, &got, &e)) == 1)
			;
		cr_assert_eq(more, 0, "%s", e.text);
		hvt_trace_close(t);
	}
}
