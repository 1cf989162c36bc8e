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
static struct hvt_log logs[RINGS];
/* Behind each event, if the log has it: where the rings stood then. */
static uint64_t heads[EVENTS][RINGS];
static uint64_t began; /* no event is before that */

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

static void make_rings(void)
{
	for (unsigned i = 0; i < RINGS; i++) {
		cr_assert_eq(hvt_wal_add_ring(&wal, &rings[i]), 0);
		rings[i].header->thread = i;
		atomic_store(&rings[i].header->state, HVT_RING_USED);
		hvt_ring_attach(&rings[i], &logs[i], &wal.header->places);
	}
}

/* Event i goes to the ring of its thread, if it is half a call at place i. */
static void publish(unsigned i)
{
	struct hvt_event event = events[i].event;
	struct hvt_log *log = &logs[event.thread];

	wal.header->places = i;
	cr_assert(hvt_ring_make_room(&rings[event.thread], log,
			hvt_ring_event_size(&event)));
	hvt_ring_publish(log, &event);
	for (unsigned r = 0; r < RINGS; r++)
		heads[i][r] = atomic_load(&rings[r].header->head);
}

static bool none(unsigned i)
{
	(void)i;
	return false;
}

/* What the segments say of the log behind event i. */
static void cut(struct hvt_writer *w, unsigned i)
{
	struct hvt_log_point point = { .place = i + 1 };

	for (unsigned r = 0; r < RINGS; r++)
		if (heads[i][r])
			cr_assert_eq(hvt_log_point_add(&point, r, heads[i][r]),
					0);
	cr_assert_eq(hvt_writer_cut(w, 0, &point), 0);
	hvt_log_point_fini(&point);
}

/*
 * Events from from on are in the log, but those left out, which were never
 * published; the first count events are in the file, in segments of 40.
 */
static void make_trace(unsigned count, unsigned from,
		bool (*left_out)(unsigned i))
{
	struct hvt_writer *w;

	memset(heads, 0, sizeof(heads));
	cr_assert_eq(hvt_writer_create(&w, file.path, NULL, 0, 0), 0);
	cr_assert_eq(hvt_wal_create(&wal, file.path, hvt_writer_id(w), RING),
			0);
	make_rings();
	for (unsigned i = from; i < EVENTS; i++)
		if (!left_out(i))
			publish(i);
	for (unsigned i = 0; i < count; i++) {
		cr_assert_eq(hvt_writer_add(w, &events[i].event), 0);
		if (i % 40 == 39 || i + 1 == count)
			cut(w, i);
	}
	cr_assert_eq(hvt_writer_close(w, NULL), 0);
}

/* As if it had died: the lock is gone, the file is what it is. */
static void die(void)
{
	for (unsigned i = 0; i < RINGS; i++)
		hvt_wal_unmap_ring(&rings[i]);
	hvt_wal_unlock(&wal);
	hvt_wal_close(&wal);
}

/*
 * FORMAT.md's rule by the simplest means. What is in the file is in the order
 * of events. Of the log: calls before the first half of their thread; then the
 * halves, each with the calls of its thread up to the next.
 */
static unsigned make_order(unsigned in_file, bool (*left_out)(unsigned i),
		unsigned order[EVENTS])
{
	bool done[EVENTS] = { false };
	unsigned n = 0;

	for (; n < in_file; n++)
		order[n] = n;
	for (unsigned thread = 0; thread < RINGS; thread++)
		for (unsigned i = in_file; i < EVENTS; i++) {
			const struct hvt_event *event = &events[i].event;

			if (event->thread != thread || left_out(i))
				continue;
			if (event->kind != HVT_EVENT_CALL)
				break;
			done[i] = true;
			order[n++] = i;
		}
	for (unsigned i = in_file; i < EVENTS; i++) {
		if (done[i] || left_out(i) ||
				events[i].event.kind == HVT_EVENT_CALL)
			continue;
		order[n++] = i;
		for (unsigned k = i + 1; k < EVENTS; k++) {
			if (events[k].event.thread != events[i].event.thread ||
					left_out(k))
				continue;
			if (events[k].event.kind != HVT_EVENT_CALL)
				break;
			order[n++] = k;
		}
	}
	return n;
}

/* The events of order, there and back. */
static void check_order(const unsigned *order, unsigned count,
		enum hvt_trace_state state)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t n = 0, tick = began;

	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0, "%s", e.text);
	cr_assert_eq(hvt_trace_state(t), state);
	for (unsigned i = 0; i < count; i++) {
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1, "event %u", i);
		cr_assert_eq(got.number, n++);
		cr_assert(event_same(&events[order[i]].event, &got, false),
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

/* Those in the file, and none of the log. */
static void check_file(unsigned count, enum hvt_trace_state state)
{
	unsigned order[EVENTS];

	for (unsigned i = 0; i < count; i++)
		order[i] = i;
	check_order(order, count, state);
}

/* Read, recovered, read again: the same. */
static void check_and_recover(unsigned in_file, bool (*left_out)(unsigned i))
{
	unsigned order[EVENTS], count = make_order(in_file, left_out, order);
	uint64_t n;

	check_order(order, count, HVT_TRACE_OPEN);
	cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &n, &e), 0,
			"%s", e.text);
	cr_assert_eq(n, count - in_file);
	check_order(order, count, HVT_TRACE_CLOSED);
	cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &n, &e), 0,
			"once more");
	cr_assert_eq(n, 0);
}

Test(log_tail, follows_the_last_segment)
{
	for (unsigned in_file = 0; in_file <= EVENTS; in_file += 50) {
		make_trace(in_file, in_file, none);
		die();
		check_and_recover(in_file, none);
	}
}

/* Calls that come before all that has a tick, read and recovered. */
Test(log_tail, begins_when_the_log_was_made)
{
	make_trace(0, 0, none);
	wal.header->began = began = 3;
	die();
	check_and_recover(0, none);
}

/* The segment was written, the rings not yet freed: all, some, none. */
Test(log_tail, gives_no_event_twice_and_none_up)
{
	for (unsigned freed = 0; freed < 1u << RINGS; freed++) {
		make_trace(200, 160, none);
		for (unsigned i = 0; i < RINGS; i++)
			if (freed & 1u << i)
				atomic_store(&rings[i].header->tail,
						heads[199][i]);
		die();
		check_and_recover(200, none);
	}
}

static bool is_lost(unsigned i)
{
	return (i == 205 || i == 206 || i == 250) &&
			events[i].event.kind != HVT_EVENT_CALL;
}

/* Their threads were killed between taking the place and publishing. */
Test(log_tail, closes_up_over_places_that_were_never_published)
{
	make_trace(200, 200, is_lost);
	die();
	check_and_recover(200, is_lost);
}

/* Only its writing thread knows in what order things will be. */
Test(log_tail, of_a_living_recorder_is_left_to_it)
{
	uint64_t n;

	make_trace(200, 200, none);
	check_file(200, HVT_TRACE_LIVE);
	cr_assert_gt(wal.header->wanted, 0, "it was asked");
	cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &n, &e),
			-EBUSY);
	cr_assert_neq(e.text[0], 0);
	check_file(200, HVT_TRACE_LIVE);
	die();
}

/* A power loss may keep less of the log than of the file. */
Test(log_tail, older_than_the_file_adds_nothing)
{
	make_trace(200, 100, none);
	for (unsigned i = 0; i < RINGS; i++)
		atomic_store(&rings[i].header->head, heads[180][i]);
	wal.header->boot[5] ^= 1;
	die();
	check_file(200, HVT_TRACE_OPEN);
}

Test(log_tail, follows_a_segment_torn_at_any_byte)
{
	unsigned order[EVENTS];
	size_t size, whole;
	uint8_t *bytes;

	cr_assert_eq(make_order(160, none, order), EVENTS);
	make_trace(160, EVENTS, none);
	whole = file_size(file.path);
	die();
	/* The last segment is still in the log. */
	make_trace(200, 160, none);
	die();
	bytes = file_read(file.path, &size);
	cr_assert_gt(size, whole + 100);
	for (size_t end = whole; end < size; end += 5) {
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
		file_write(copy.path, bytes, end);
		from = file;
		file = copy;
		check_order(order, EVENTS, HVT_TRACE_OPEN);
		cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED,
				&events_there, &e), 0);
		cr_assert_eq(events_there, 140);
		check_order(order, EVENTS, HVT_TRACE_CLOSED);
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
	static const size_t places[] = { 3, 41,
		HVT_WAL_HEADER + HVT_RING_HEADER,
		HVT_WAL_HEADER + HVT_RING_HEADER + 4,
		HVT_WAL_HEADER + HVT_RING_HEADER + 13, HVT_WAL_HEADER + 64 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct hvt_trace *t;
		struct hvt_event got;
		unsigned n = 0;
		uint64_t recovered;

		make_trace(200, 200, none);
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
		cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &recovered, &e),
				-EBADMSG);
	}
}

Test(log_tail, of_another_trace_or_not_begun_is_none)
{
	make_trace(200, 200, none);
	die();
	bend_log(8);
	check_file(200, HVT_TRACE_OPEN);
	file_write(file.path, "", 0);
	make_trace(200, 200, none);
	memset(wal.header->magic, 0, 8);
	die();
	check_file(200, HVT_TRACE_OPEN);
}

/*
 * When the power was lost a ring may say that it has more than came to the
 * disk. Behind event 249 its thread's ring is filled with rubbish, or not; all
 * rings were synced up to event last.
 */
static unsigned count_of_another_boot(bool rubbish, unsigned last)
{
	unsigned thread = events[250].event.thread, n = 0;
	struct hvt_ring *ring = &rings[thread];
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t end;

	make_trace(200, 200, none);
	end = atomic_load(&ring->header->head);
	if (rubbish)
		memset(ring->bytes + heads[249][thread], 0x5a,
				end - heads[249][thread]);
	wal.header->boot[0] ^= 1;
	for (unsigned i = 0; i < RINGS; i++)
		atomic_store(&rings[i].header->synced, heads[last][i]);
	die();
	e = (struct hvt_error){ 0 };
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	while (hvt_trace_next(t, &got, &e) == 1)
		cr_assert_eq(got.number, n++);
	hvt_trace_close(t);
	return n;
}

Test(log_tail, of_another_boot_ends_at_what_was_synced)
{
	for (unsigned rubbish = 0; rubbish < 2; rubbish++) {
		struct hvt_trace *t;
		uint64_t recovered;

		cr_assert_eq(count_of_another_boot(rubbish, 249), 250);
		cr_assert_eq(e.code, 0);
		cr_assert_eq(hvt_trace_recover(file.path, HVT_END_KILLED,
				&recovered, &e), 0);
		cr_assert_eq(recovered, 50);
		cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
		cr_assert_eq(hvt_trace_ended(t), HVT_END_TORN);
		hvt_trace_close(t);
	}
}

Test(log_tail, of_another_boot_is_damaged_before_what_was_synced)
{
	cr_assert_eq(count_of_another_boot(true, 250), 200);
	cr_assert_eq(e.code, -EBADMSG);
}

/* As much as the file has, it cannot lack. */
Test(log_tail, without_rings_that_segments_name_is_damaged)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t recovered;
	unsigned n = 0;

	make_trace(200, 0, none);
	wal.header->rings = RINGS - 1;
	die();
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	while (hvt_trace_next(t, &got, &e) == 1)
		n++;
	cr_assert_eq(n, 200);
	cr_assert_eq(e.code, -EBADMSG);
	hvt_trace_close(t);
	cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &recovered, &e),
			-EBADMSG);
}

static void never(const struct hvt_error *told, void *context)
{
	(void)context;
	cr_assert_fail("%s", told->text);
}

/* An index, say, of which there is nothing in the log. */
Test(log_tail, without_events_explains_a_torn_segment)
{
	struct hvt_trace *t;
	struct hvt_verdict verdict;
	uint8_t *bytes;
	size_t size, whole;

	make_trace(160, EVENTS, none);
	whole = file_size(file.path);
	die();
	make_trace(200, EVENTS, none);
	die();
	bytes = file_read(file.path, &size);
	cr_assert_gt(size, whole + 100);
	file_write(file.path, bytes, whole + 100);
	free(bytes);
	check_file(160, HVT_TRACE_OPEN);
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(hvt_trace_verify(t, &verdict, never, NULL), 0);
	hvt_trace_close(t);
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

		make_trace(40, 40, none);
		while (changes--) {
			struct hvt_ring *ring = &rings[rng_below(&rng, RINGS)];
			uint64_t used = atomic_load(&ring->header->head);

			if (rng_below(&rng, 4))
				ring->bytes[rng_below(&rng, used + 8) %
						RING] = (uint8_t)rng_next(&rng);
			else if (rng_bool(&rng))
				((uint64_t *)(void *)ring->header)
						[rng_below(&rng, 18)] =
						rng_any(&rng) & ~7ull;
			else
				((uint64_t *)(void *)wal.header)
						[1 + rng_below(&rng, 8)] =
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
		if (hvt_trace_recover(file.path, HVT_END_DIED, &recovered, &e))
			continue;
		cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
		while ((more = hvt_trace_next(t, &got, &e)) == 1)
			;
		cr_assert_eq(more, 0, "%s", e.text);
		hvt_trace_close(t);
	}
}
