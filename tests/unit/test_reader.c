/* SPDX-License-Identifier: MIT */
/* The reader against whole, cut, bent and foreign files. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "events.h"
#include "files.h"
#include "format.h"
#include "record.h"
#include "writer.h"

#define EVENTS	  24u
#define PER_BLOCK 5u
#define BLOCKS	  5u

static struct test_event events[EVENTS];
static size_t ends[BLOCKS];
static struct temp_file file;

static void make_small_trace(void)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < EVENTS; i++)
		event_random(&r, &events[i]);
	file = temp_file_create();
	trace_write(file.path, events, EVENTS, PER_BLOCK, true, ends);
}

static void remove_small_trace(void)
{
	temp_file_remove(&file);
}

TestSuite(reader, .init = make_small_trace, .fini = remove_small_trace);

/* Opens and reads to the end: the last return code, *count events read. */
static int read_all(const char *path, unsigned *count, struct hvt_error *e)
{
	struct hvt_trace *t;
	struct hvt_event got;
	int more = hvt_trace_open(&t, path, e);

	*count = 0;
	if (more)
		return more;
	while ((more = hvt_trace_next(t, &got, e)) == 1) {
		cr_assert_lt(*count, EVENTS);
		cr_assert(event_same(&events[*count].event, &got, true));
		cr_assert_eq(got.number, *count);
		++*count;
	}
	hvt_trace_close(t);
	return more;
}

Test(reader, gives_back_what_was_written)
{
	struct hvt_error e;
	unsigned n;

	cr_assert_eq(read_all(file.path, &n, &e), 0);
	cr_assert_eq(n, EVENTS);
}

Test(reader, counts_the_bytes_of_events_and_rewinds)
{
	struct hvt_trace *t;
	struct hvt_event got;
	uint64_t bytes = 0;
	struct hvt_error e;

	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(hvt_trace_version(t), HVT_FORMAT_VERSION);
	for (unsigned stop = 0; stop <= EVENTS; stop++) {
		for (unsigned i = 0; i < stop; i++) {
			cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
			cr_assert_eq(got.number, i);
			cr_assert(event_same(&events[i].event, &got, true));
		}
		bytes = hvt_trace_raw_bytes(t);
		cr_assert_eq(hvt_trace_rewind(t, &e), 0);
		cr_assert_eq(hvt_trace_raw_bytes(t), 0);
	}
	cr_assert_gt(bytes, EVENTS * 5);
	hvt_trace_close(t);
}

/* The offset at which reading must stop in a file of so many bytes. */
static size_t last_end(size_t size, unsigned *blocks, size_t header)
{
	size_t end = header;

	*blocks = 0;
	while (*blocks < BLOCKS && ends[*blocks] <= size)
		end = ends[(*blocks)++];
	return end;
}

Test(reader, reads_all_whole_blocks_of_a_trace_cut_anywhere)
{
	size_t size, header;
	uint8_t *bytes = file_read(file.path, &size);
	struct temp_file cut = temp_file_create();

	header = HVT_HEADER_SIZE + hvt_get32(bytes + 12);
	for (size_t length = 0; length < size; length++) {
		struct hvt_error e = { 0 };
		unsigned n, blocks;
		size_t end = last_end(length, &blocks, header);
		int code;

		file_write(cut.path, bytes, length);
		code = read_all(cut.path, &n, &e);
		cr_assert_eq(e.code, code);
		cr_assert_neq(e.text[0], 0);
		if (length < 8) {
			cr_assert_eq(code, -EINVAL);
		} else if (length < header) {
			cr_assert_eq(code, -EBADMSG);
		} else {
			unsigned whole =
				blocks == BLOCKS ? EVENTS : blocks * PER_BLOCK;

			cr_assert_eq(code, -ENODATA, "%zu", length);
			cr_assert_eq(n, whole);
			cr_assert_eq(e.event, whole);
			cr_assert_eq(e.offset, end);
		}
	}
	free(bytes);
	temp_file_remove(&cut);
}

Test(reader, notices_every_flipped_bit)
{
	size_t size, header;
	uint8_t *bytes = file_read(file.path, &size);
	struct temp_file bent = temp_file_create();

	header = HVT_HEADER_SIZE + hvt_get32(bytes + 12);
	for (size_t bit = 0; bit < 8 * size; bit++) {
		struct hvt_error e = { 0 };
		unsigned n, blocks;
		int code;

		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		file_write(bent.path, bytes, size);
		code = read_all(bent.path, &n, &e);
		cr_assert_lt(code, 0, "bit %zu of byte %zu", bit % 8, bit / 8);
		cr_assert_eq(e.code, code);
		if (bit / 8 >= header) {
			size_t at = last_end(bit / 8, &blocks, header);

			/* Lengths grown beyond the file look like a cut. */
			cr_assert(code == -EBADMSG || code == -ENODATA);
			cr_assert_eq(e.offset, at);
			cr_assert_eq(e.event, n);
			cr_assert_eq(n,
				blocks == BLOCKS ? EVENTS : blocks * PER_BLOCK);
		}
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	free(bytes);
	temp_file_remove(&bent);
}

/* Seals the header anew after a test has changed it. */
static void seal_header(uint8_t *bytes)
{
	size_t facts = hvt_get32(bytes + 12);
	uint8_t *joined = malloc(16 + facts);

	memcpy(joined, bytes, 16);
	memcpy(joined + 16, bytes + HVT_HEADER_SIZE, facts);
	hvt_put64(bytes + 16, XXH3_64bits(joined, 16 + facts));
	free(joined);
}

static void seal_block(uint8_t *head)
{
	hvt_put64(head + 24,
		XXH3_64bits_withSeed(head + HVT_BLOCK_SIZE, hvt_get32(head + 8),
			XXH3_64bits(head, 24)));
}

/* Reads the small trace after change() has been at its bytes. */
static int read_changed(void (*change)(uint8_t *bytes, size_t header),
	unsigned *n, struct hvt_error *e)
{
	size_t size;
	uint8_t *bytes = file_read(file.path, &size);

	change(bytes, HVT_HEADER_SIZE + hvt_get32(bytes + 12));
	file_write(file.path, bytes, size);
	free(bytes);
	return read_all(file.path, n, e);
}

static void change_nothing(uint8_t *bytes, size_t header)
{
	seal_header(bytes);
	seal_block(bytes + header);
}

Test(reader, accepts_what_these_tests_seal)
{
	struct hvt_error e;
	unsigned n;

	cr_assert_eq(read_changed(change_nothing, &n, &e), 0);
}

static void change_version(uint8_t *bytes, size_t header)
{
	(void)header;
	hvt_put32(bytes + 8, HVT_FORMAT_VERSION + 41);
	seal_header(bytes);
}

Test(reader, names_the_version_that_it_cannot_read)
{
	struct hvt_error e;
	unsigned n;
	char number[16];

	cr_assert_eq(read_changed(change_version, &n, &e), -EPROTONOSUPPORT);
	snprintf(number, sizeof(number), "%u", HVT_FORMAT_VERSION + 41);
	cr_assert_not_null(strstr(e.text, number), "%s", e.text);
}

static void change_facts_end(uint8_t *bytes, size_t header)
{
	bytes[header - 1] = 'x';
	seal_header(bytes);
}

static void change_facts_odd(uint8_t *bytes, size_t header)
{
	bytes[header - 2] = 0;
	seal_header(bytes);
}

Test(reader, refuses_facts_that_are_not_whole_pairs)
{
	struct hvt_error e;
	unsigned n;

	cr_assert_eq(read_changed(change_facts_end, &n, &e), -EBADMSG);
	make_small_trace();
	cr_assert_eq(read_changed(change_facts_odd, &n, &e), -EBADMSG);
}

static void change_facts_length(uint8_t *bytes, size_t header)
{
	(void)header;
	hvt_put32(bytes + 12, HVT_FACTS_MAX + 1);
}

Test(reader, believes_no_length_of_facts_beyond_the_limit)
{
	struct hvt_error e;
	unsigned n;

	cr_assert_eq(read_changed(change_facts_length, &n, &e), -EBADMSG);
	cr_assert_not_null(strstr(e.text, "damaged"));
}

static void change_first_number(uint8_t *bytes, size_t header)
{
	hvt_put64(bytes + header + 16, 1);
	seal_block(bytes + header);
}

static void change_raw_more(uint8_t *bytes, size_t header)
{
	hvt_put32(bytes + header + 4, hvt_get32(bytes + header + 4) + 1);
	seal_block(bytes + header);
}

static void change_raw_huge(uint8_t *bytes, size_t header)
{
	hvt_put32(bytes + header + 4, HVT_RAW_MAX + 1);
	seal_block(bytes + header);
}

static void change_count_huge(uint8_t *bytes, size_t header)
{
	hvt_put32(bytes + header + 12, hvt_get32(bytes + header + 4) + 1);
	seal_block(bytes + header);
}

static void change_frame(uint8_t *bytes, size_t header)
{
	bytes[header + HVT_BLOCK_SIZE] ^= 0xff;
	seal_block(bytes + header);
}

static void change_end_early(uint8_t *bytes, size_t header)
{
	hvt_put32(bytes + header, HVT_END_MAGIC);
	seal_block(bytes + header);
}

Test(reader, refuses_blocks_that_are_sealed_but_wrong)
{
	static void (*const changes[])(uint8_t *, size_t) = {
		change_first_number, change_raw_more, change_raw_huge,
		change_count_huge, change_frame, change_end_early
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct hvt_error e;
		unsigned n;

		temp_file_remove(&file);
		make_small_trace();
		cr_assert_eq(read_changed(changes[i], &n, &e), -EBADMSG,
			"change %zu", i);
		cr_assert_eq(n, 0);
		cr_assert_eq(e.event, 0);
		cr_assert_gt(e.offset, HVT_HEADER_SIZE);
	}
}

/* A block that decompresses to raw and claims to hold count events. */
static int read_block_of(const uint8_t *raw, size_t size, uint32_t count,
	unsigned *n, struct hvt_error *e)
{
	struct hvt_writer *w;

	cr_assert_eq(hvt_writer_open(&w, file.path, NULL, 0), 0);
	cr_assert_eq(hvt_writer_block(w, raw, size, count, 0), 0);
	cr_assert_eq(hvt_writer_close(w, true, count), 0);
	return read_all(file.path, n, e);
}

Test(reader, refuses_events_that_cannot_be_decoded)
{
	struct hvt_record_state state = { 0 };
	uint8_t raw[512];
	size_t size = hvt_record_encode(raw, &events[0].event, &state);
	struct hvt_error e;
	unsigned n;

	memset(raw + size, 0xff, 16);
	cr_assert_eq(read_block_of(raw, size + 16, 2, &n, &e), -EBADMSG);
	cr_assert_eq(n, 1);
	cr_assert_eq(e.event, 1);
	cr_assert_eq(e.offset, HVT_HEADER_SIZE);
}

Test(reader, refuses_bytes_behind_the_last_event_of_a_block)
{
	struct hvt_record_state state = { 0 };
	uint8_t raw[1024];
	size_t size = hvt_record_encode(raw, &events[0].event, &state);
	struct hvt_error e;
	unsigned n;

	size += hvt_record_encode(raw + size, &events[1].event, &state);
	cr_assert_eq(read_block_of(raw, size, 2, &n, &e), 0);
	cr_assert_eq(read_block_of(raw, size, 1, &n, &e), -EBADMSG);
}

Test(reader, says_the_same_again_after_an_error)
{
	size_t size;
	uint8_t *bytes = file_read(file.path, &size);
	struct hvt_trace *t;
	struct hvt_event got;
	struct hvt_error a = { 0 }, b = { 0 };

	file_write(file.path, bytes, ends[1] + 3);
	cr_assert_eq(hvt_trace_open(&t, file.path, &a), 0);
	while (hvt_trace_next(t, &got, &a) == 1)
		;
	cr_assert_eq(hvt_trace_next(t, &got, &b), -ENODATA);
	cr_assert_eq(memcmp(&a, &b, sizeof(a)), 0);
	cr_assert_eq(hvt_trace_next(t, &got, NULL), -ENODATA);
	hvt_trace_close(t);
	free(bytes);
}

Test(reader, says_what_it_cannot_open)
{
	struct temp_file other = temp_file_create();
	struct hvt_error e;
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
