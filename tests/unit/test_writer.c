/* SPDX-License-Identifier: MIT */
/* A file as it grows, is given up in the middle of it, and goes on. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "index.h"
#include "scan.h"
#include "writer.h"

#define EVENTS 60u

static struct test_event events[EVENTS];
static struct temp_file file;
static size_t ends[EVENTS];
static struct rng rng;

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

TestSuite(writer, .init = set_up, .fini = tear_down, .timeout = 100);

/* The whole file is these events; how many. */
static uint64_t read_events(const char *path, const struct test_event *want)
{
	struct hvt_event got;
	struct hvt_trace *t;
	struct hvt_error e;
	uint64_t n = 0;
	int more;

	cr_assert_eq(hvt_trace_open(&t, path, &e), 0, "%s", e.text);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_CLOSED);
	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		cr_assert_eq(got.number, n);
		cr_assert(event_same(&want[n++].event, &got, false));
	}
	cr_assert_eq(more, 0, "%s", e.text);
	hvt_trace_close(t);
	return n;
}

static void untold(const struct hvt_error *e, void *context)
{
	(void)context;
	cr_assert(false, "%s", e->text);
}

static void check_sound(const char *path)
{
	struct hvt_verdict v;
	struct hvt_trace *t;

	cr_assert_eq(hvt_trace_open(&t, path, NULL), 0);
	cr_assert_eq(hvt_trace_verify(t, &v, untold, NULL), 0);
	hvt_trace_close(t);
}

Test(writer, writes_an_index_behind_every_1024_segments)
{
	enum { COUNT = 2500 };
	struct test_event *many = calloc(COUNT, sizeof(*many));
	struct hvt_segment_buffer b = { 0 };
	unsigned types[6] = { 0 }, since = 0;
	struct hvt_head h;
	uint64_t at = 0, size;
	size_t in_index = 0;
	int fd;

	events_make(&rng, many, COUNT);
	trace_write(file.path, many, COUNT, 1, true, NULL);
	cr_assert_eq(read_events(file.path, many), COUNT);
	check_sound(file.path);
	fd = open(file.path, O_RDONLY);
	size = file_size(file.path);
	while (at < size) {
		struct hvt_index index = { 0 };

		cr_assert_eq(hvt_scan_head(fd, at, &h), 0);
		cr_assert_eq(hvt_scan_segment(fd, at, &h, &b), 0);
		cr_assert_eq(h.ordinal, types[1] + types[2] + types[3] +
				types[HVT_SEGMENT_FACTS]);
		types[h.type]++;
		since = h.type == HVT_SEGMENT_EVENTS ? since + 1 : since;
		cr_assert_leq(since, HVT_INDEX_INTERVAL);
		if (h.type == HVT_SEGMENT_INDEX || h.type == HVT_SEGMENT_END) {
			cr_assert_eq(hvt_index_decode(&index, b.raw, h.raw), 0);
			in_index += h.type == HVT_SEGMENT_INDEX
					? index.count : 0;
			if (h.type == HVT_SEGMENT_INDEX)
				cr_assert_eq(index.count, since);
			else
				cr_assert_eq(index.count, types[3]);
			since = 0;
		}
		hvt_index_fini(&index);
		at += hvt_segment_size(&h);
	}
	cr_assert_eq(types[1], 1);
	cr_assert_eq(types[2], COUNT);
	cr_assert_eq(types[3], 3);
	cr_assert_eq(types[4], 1);
	cr_assert_eq(in_index, COUNT);
	hvt_segment_buffer_fini(&b);
	close(fd);
	free(many);
}

/* Goes on with the file, from the event that it says comes next. */
static uint64_t resume(void)
{
	struct hvt_writer *w;
	uint64_t from;

	cr_assert_eq(hvt_writer_resume(&w, file.path), 0);
	from = hvt_writer_next(w);
	for (uint64_t i = from; i < EVENTS; i++)
		cr_assert_eq(hvt_writer_add(w, &events[i].event), 0);
	cr_assert_eq(hvt_writer_cut(w, 0, NULL), 0);
	cr_assert_eq(hvt_writer_close(w, "finished"), 0);
	return from;
}

Test(writer, resumes_behind_an_end_torn_at_any_byte)
{
	uint8_t *bytes;
	size_t size;

	trace_write(file.path, events, EVENTS, 20, false, ends);
	bytes = file_read(file.path, &size);
	cr_assert_eq(size, ends[2]);
	for (size_t cut = ends[1]; cut <= size; cut++) {
		file_write(file.path, bytes, cut);
		cr_assert_eq(resume(), cut == size ? 60 : 40, "%zu", cut);
		cr_assert_eq(read_events(file.path, events), EVENTS);
		check_sound(file.path);
	}
	free(bytes);
}

Test(writer, resumes_behind_torn_indexes_and_ends)
{
	size_t size, whole;
	uint8_t *bytes;

	trace_write(file.path, events, EVENTS, 20, true, ends);
	bytes = file_read(file.path, &size);
	whole = ends[2];
	for (size_t cut = whole; cut < size; cut++) {
		file_write(file.path, bytes, cut);
		cr_assert_eq(resume(), 60);
		cr_assert_eq(read_events(file.path, events), EVENTS);
		check_sound(file.path);
	}
	free(bytes);
}

Test(writer, resumes_with_the_index_of_segments_that_are_there)
{
	enum { COUNT = 1100 };
	struct test_event *many = calloc(COUNT, sizeof(*many));
	struct hvt_writer *w;

	events_make(&rng, many, COUNT);
	trace_write(file.path, many, COUNT, 1, false, NULL);
	cr_assert_eq(hvt_writer_resume(&w, file.path), 0);
	cr_assert_eq(hvt_writer_close(w, "finished"), 0);
	cr_assert_eq(read_events(file.path, many), COUNT);
	check_sound(file.path);
	free(many);
}

Test(writer, cuts_nothing_off_behind_damage_in_the_middle)
{
	struct hvt_writer *w;
	uint8_t *bytes, *now;
	size_t size, after;

	trace_write(file.path, events, EVENTS, 20, false, ends);
	bytes = file_read(file.path, &size);
	for (size_t at = 0; at < ends[1]; at += 7) {
		bytes[at] ^= 0xff;
		file_write(file.path, bytes, size);
		cr_assert_eq(hvt_writer_resume(&w, file.path), -EBADMSG,
				"%zu", at);
		now = file_read(file.path, &after);
		cr_assert_eq(after, size);
		cr_assert_eq(memcmp(now, bytes, size), 0);
		free(now);
		bytes[at] ^= 0xff;
	}
	free(bytes);
}

Test(writer, resumes_no_file_that_does_not_begin_as_a_trace)
{
	struct hvt_writer *w;
	uint8_t *bytes;
	size_t size;
	uint64_t meta = trace_write(file.path, events, EVENTS, 20, false, ends);

	bytes = file_read(file.path, &size);
	cr_assert_eq(hvt_writer_resume(&w, "no-such-file"), -ENOENT);
	for (size_t cut = 0; cut < meta; cut += 11) {
		file_write(file.path, bytes, cut);
		cr_assert_eq(hvt_writer_resume(&w, file.path), -EBADMSG);
		cr_assert_eq(file_size(file.path), cut);
	}
	/* Whole segments, but the first is missing. */
	file_write(file.path, bytes + meta, size - meta);
	cr_assert_eq(hvt_writer_resume(&w, file.path), -EBADMSG);
	cr_assert_eq(file_size(file.path), size - meta);
	free(bytes);
}

Test(writer, never_lets_ticks_go_back)
{
	struct hvt_writer *w;
	struct hvt_event got;
	struct hvt_trace *t;
	uint64_t last = 0;

	cr_assert_eq(hvt_writer_create(&w, file.path, NULL, 0, 0), 0);
	for (unsigned i = 0; i < EVENTS; i++) {
		struct hvt_event e = events[rng_below(&rng, EVENTS)].event;

		cr_assert_eq(hvt_writer_add(w, &e), 0);
		if (i % 7 == 0)
			cr_assert_eq(hvt_writer_cut(w, 0, NULL), 0);
	}
	cr_assert_eq(hvt_writer_cut(w, 0, NULL), 0);
	cr_assert_eq(hvt_writer_close(w, "finished"), 0);
	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &got, NULL) == 1) {
		cr_assert_geq(got.tick, last);
		last = got.tick;
	}
	hvt_trace_close(t);
}

Test(writer, says_why_it_cannot_create_the_file)
{
	struct hvt_writer *w;

	cr_assert_eq(hvt_writer_create(&w, "no-such-folder/t", NULL, 0, 0),
			-ENOENT);
	cr_assert_eq(hvt_writer_create(&w, ".", NULL, 0, 0), -EISDIR);
	cr_assert_eq(hvt_writer_create(&w, "/dev/full", NULL, 0, 0), -ENOSPC);
}
