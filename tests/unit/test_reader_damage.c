/* SPDX-License-Identifier: MIT */
/* The reader in cut, bent and mutilated traces. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "format.h"

#define SEGMENTS    64u
#define PER_SEGMENT 1024u
#define EVENTS      (SEGMENTS * PER_SEGMENT)

static struct test_event *events;
static size_t ends[SEGMENTS];
static uint64_t meta;
static struct temp_file file;
static struct rng rng;
static struct hvt_error e;
static uint8_t *bytes;
static size_t size;

static void write_trace(unsigned count, unsigned per_segment)
{
	rng_init(&rng);
	events = calloc(count, sizeof(*events));
	events_make(&rng, events, count);
	file = temp_file_create();
	meta = trace_write(file.path, events, count, per_segment, true, ends);
	bytes = file_read(file.path, &size);
}

static void tear_down(void)
{
	free(events);
	free(bytes);
	temp_file_remove(&file);
}

TestSuite(reader_damage, .fini = tear_down, .timeout = 3600);

/* Reads on to the first error or the end; *n: events, all as written. */
static int read_on(struct hvt_trace *t, uint64_t *n)
{
	struct hvt_event got;
	int more;

	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		cr_assert(event_same(&events[got.number].event, &got, false));
		++*n;
	}
	return more;
}

static unsigned whole_segments(size_t cut)
{
	unsigned n = 0;

	while (n < SEGMENTS && ends[n] <= cut)
		n++;
	return n;
}

/* The file has been cut to so many bytes. all: also reads what is far before. */
static void check_cut(size_t cut, bool all)
{
	unsigned whole = whole_segments(cut);
	size_t last = whole ? ends[whole - 1] : meta;
	struct hvt_trace *t;
	uint64_t n = 0;
	int err = hvt_trace_open(&t, file.path, &e);

	if (cut < meta) {
		cr_assert_eq(err, cut >= HVT_HEAD_SIZE ? -EBADMSG : -EINVAL,
				"%zu", cut);
		return;
	}
	cr_assert_eq(err, 0, "%zu", cut);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_OPEN);
	if (!all && whole) {
		uint64_t from = (uint64_t)(whole - 1) * PER_SEGMENT;

		cr_assert_eq(hvt_trace_seek(t, HVT_SEEK_EVENT, from, &e), 0);
		n = from;
	}
	err = read_on(t, &n);
	cr_assert_eq(n, (uint64_t)whole * PER_SEGMENT, "%zu", cut);
	/* Whole segments behind the last event may be index and end. */
	if (cut == last || err == 0) {
		cr_assert_eq(err, 0);
		cr_assert(cut == last || whole == SEGMENTS, "%zu", cut);
	} else {
		cr_assert_eq(err, -ENODATA, "%zu", cut);
		cr_assert_eq(e.code, err);
		cr_assert_eq(e.event, n);
		if (whole < SEGMENTS)
			cr_assert_eq(e.offset, last, "%zu", cut);
		else
			cr_assert_geq(e.offset, last);
		cr_assert_eq(hvt_trace_next(t, &(struct hvt_event){ 0 }, &e),
				-ENODATA, "and nothing follows");
	}
	hvt_trace_close(t);
}

Test(reader_damage, cut_anywhere_leaves_all_whole_segments)
{
	size_t step = 0;

	write_trace(EVENTS, PER_SEGMENT);
	cr_assert_gt(size, 600000, "about a MiB");
	/* Backwards: a file is cut in place. */
	for (size_t cut = size - 1; cut < size; cut -= step) {
		size_t near = SIZE_MAX;

		for (unsigned i = 0; i < SEGMENTS; i++) {
			size_t d = cut > ends[i] ? cut - ends[i]
						 : ends[i] - cut;

			near = d < near ? d : near;
		}
		step = near < 40 || cut < meta + 40 ||
						test_scale(0, 1)
				? 1 : 1 + rng_below(&rng, 300);
		step = step > cut ? cut + 1 : step;
		cr_assert_eq(truncate(file.path, (off_t)cut), 0);
		check_cut(cut, cut % 997 == 0);
	}
}

/* A bit is flipped in place; what is read is right or told to be wrong. */
Test(reader_damage, single_bits_are_noticed_or_change_nothing)
{
	unsigned flips = test_scale(2000, 100000), told = 0;
	int fd;

	write_trace(4000, 500);
	fd = open(file.path, O_WRONLY);
	for (unsigned i = 0; i < flips; i++) {
		size_t at = rng_below(&rng, size);
		uint8_t byte = bytes[at] ^ (uint8_t)(1u << rng_below(&rng, 8));
		struct hvt_trace *t;
		uint64_t n = 0;
		int err;

		cr_assert_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
		err = hvt_trace_open(&t, file.path, &e);
		if (!err) {
			err = read_on(t, &n);
			if (!err)
				cr_assert_eq(n, 4000, "byte %zu", at);
			hvt_trace_close(t);
		}
		cr_assert_eq(e.code, err);
		told += err != 0;
		cr_assert_eq(pwrite(fd, &bytes[at], 1, (off_t)at), 1);
	}
	cr_assert_gt(told, flips * 9 / 10);
	close(fd);
}

static void bend(size_t at)
{
	bytes[at] ^= 0xff;
	file_write(file.path, bytes, size);
}

/* offset: where in the segment it is bent, in the head or behind it. */
static void check_middle(unsigned first, size_t offset)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t n = 0;

	bend((first ? ends[first - 1] : meta) + offset);
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(read_on(t, &n), -EBADMSG);
	cr_assert_eq(n, first * 20u);
	cr_assert_eq(e.code, -EBADMSG);
	cr_assert_eq(e.offset, first ? ends[first - 1] : meta);
	cr_assert_eq(e.event, first * 20u);
	if (first + 1 < 10) {
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
		cr_assert_eq(got.number, (first + 1) * 20u);
		n++;
	}
	cr_assert_eq(read_on(t, &n), 0);
	cr_assert_eq(n, 180);
	/* And back: the same events, the same damage, once. */
	n = 0;
	for (int more = 1, damage = 0; more;) {
		more = hvt_trace_prev(t, &got, &e);
		if (more < 0) {
			cr_assert_eq(more, -EBADMSG);
			cr_assert_eq(++damage, 1, "it is passed over");
		} else if (more) {
			n++;
			cr_assert_eq(got.number, n <= 180 - first * 20
					? 200 - n : 180 - n);
			cr_assert(event_same(&events[got.number].event, &got,
					false));
		} else {
			cr_assert_eq(damage, 1);
		}
	}
	cr_assert_eq(n, 180);
	for (uint64_t i = 0; i < 200; i++) {
		bool lost = i / 20 == first;

		cr_assert_eq(hvt_trace_seek(t, HVT_SEEK_EVENT, i, &e),
				lost ? -EBADMSG : 0, "%u", (unsigned)i);
		if (lost)
			continue;
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
		cr_assert_eq(got.number, i);
	}
	hvt_trace_close(t);
	bytes[(first ? ends[first - 1] : meta) + offset] ^= 0xff;
}

Test(reader_damage, in_one_segment_leaves_the_others)
{
	write_trace(200, 20);
	for (unsigned i = 0; i < 10; i++) {
		check_middle(i, HVT_AT_COUNT);
		check_middle(i, HVT_AT_MAGIC);
		check_middle(i, HVT_HEAD_SIZE + 30);
		check_middle(i, HVT_AT_HEAD_HASH);
	}
}

/* Without an end the segments are found by walking over the damage. */
Test(reader_damage, in_one_segment_leaves_the_others_of_an_open_trace)
{
	write_trace(200, 20);
	size = ends[9];
	for (unsigned i = 0; i < 9; i++) {
		check_middle(i, HVT_AT_COUNT);
		check_middle(i, HVT_HEAD_SIZE + 30);
	}
}

Test(reader_damage, in_two_stretches_is_told_twice)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t n = 0;

	write_trace(200, 20);
	bytes[ends[1] + HVT_HEAD_SIZE + 30] ^= 0xff; /* the third, */
	bytes[ends[2] + HVT_AT_COUNT] ^= 0xff; /* the fourth, and */
	bend(ends[6] + HVT_AT_MAGIC); /* the eighth */
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(read_on(t, &n), -EBADMSG);
	cr_assert_eq(e.event, 40);
	cr_assert_eq(e.offset, ends[1]);
	cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
	cr_assert_eq(got.number, 80);
	n++;
	cr_assert_eq(read_on(t, &n), -EBADMSG);
	cr_assert_eq(e.event, 140);
	cr_assert_eq(e.offset, ends[6]);
	cr_assert_eq(read_on(t, &n), 0);
	cr_assert_eq(n, 140);
	hvt_trace_close(t);
}

Test(reader_damage, by_a_segment_that_is_not_there_is_told)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t n = 0;

	write_trace(200, 20);
	memmove(bytes + ends[3], bytes + ends[4], size - ends[4]);
	size -= ends[4] - ends[3];
	file_write(file.path, bytes, size);
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(read_on(t, &n), -EBADMSG);
	cr_assert_eq(n, 80);
	cr_assert_eq(e.event, 80);
	cr_assert_eq(e.offset, ends[3]);
	cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
	cr_assert_eq(got.number, 100);
	hvt_trace_close(t);
}

Test(reader_damage, of_the_index_is_no_hindrance)
{
	struct hvt_trace *t;
	struct hvt_event got;

	write_trace(200, 20);
	for (size_t at = ends[9]; at < size; at += 13) {
		bend(at);
		cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
		for (uint64_t i = 5; i < 200; i += 50) {
			cr_assert_eq(hvt_trace_seek(t, HVT_SEEK_EVENT, i, &e),
					0, "%zu: %s", at, e.text);
			cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
			cr_assert_eq(got.number, i);
		}
		hvt_trace_close(t);
		bytes[at] ^= 0xff;
	}
}

Test(reader_damage, by_a_segment_of_another_trace_is_told)
{
	struct temp_file other;
	struct hvt_trace *t;
	uint8_t *foreign;
	uint64_t n = 0;
	size_t other_size;

	write_trace(200, 20);
	other = temp_file_create();
	trace_write(other.path, events, 200, 20, true, NULL);
	foreign = file_read(other.path, &other_size);
	cr_assert_eq(other_size, size);
	memcpy(bytes + ends[2], foreign + ends[2], ends[3] - ends[2]);
	file_write(file.path, bytes, size);
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(read_on(t, &n), -EBADMSG);
	cr_assert_eq(n, 60);
	cr_assert_eq(read_on(t, &n), 0);
	cr_assert_eq(n, 180);
	hvt_trace_close(t);
	free(foreign);
	temp_file_remove(&other);
}

/* Many changes at once: nothing but right events, and an end to it. */
Test(reader_damage, of_any_kind_is_never_a_crash_or_a_wrong_event)
{
	write_trace(600, 20);
	for (unsigned i = 0; i < test_scale(400, 20000); i++) {
		unsigned changes = 1 + (unsigned)rng_below(&rng, 20);
		uint8_t *copy = malloc(size);
		size_t length = size;
		struct hvt_trace *t;
		uint64_t n = 0, errors = 0;

		memcpy(copy, bytes, size);
		while (changes--) {
			size_t from = rng_below(&rng, size);
			size_t to = rng_below(&rng, size);
			size_t most = size - (from > to ? from : to);

			if (rng_below(&rng, 4))
				copy[to] = (uint8_t)rng_next(&rng);
			else
				memmove(copy + to, copy + from,
						rng_below(&rng, most + 1));
		}
		if (!rng_below(&rng, 4))
			length = rng_below(&rng, size);
		file_write(file.path, copy, length);
		if (!hvt_trace_open(&t, file.path, &e)) {
			struct hvt_event got;
			int more;

			while ((more = read_on(t, &n)) == -EBADMSG)
				cr_assert_lt(++errors, 200);
			while ((more = hvt_trace_prev(t, &got, &e)))
				cr_assert_lt(++errors, 3000);
			for (int k = 0; k < 20; k++)
				(void)hvt_trace_seek(t, (enum hvt_seek)(k % 3),
						rng_below(&rng, 700), &e);
			hvt_trace_close(t);
		}
		free(copy);
	}
}
