/* SPDX-License-Identifier: MIT */
/* Pages of keyframes in segments of any size, against extents of any order. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "keyframe.h"
#include "rng.h"
#include "writer.h"

#define PAGE	 8u /* its number is what is in it */
#define SEGMENTS 40u
#define EXTENTS	 60u
#define STEP	 (1u << 20) /* from one extent's address to the next one's */

static struct temp_file file;
static struct hvt_writer *writer;
static struct hvt_trace *trace;
static uint64_t pages;

static void set_up(void)
{
	file = temp_file_create();
	cr_assert_eq(hvt_writer_create(&writer, file.path, NULL, 0, 0), 0);
}

static void tear_down(void)
{
	hvt_trace_close(trace);
	temp_file_remove(&file);
}

TestSuite(keyframe_reader, .init = set_up, .fini = tear_down, .timeout = 60);

static void add_segment(uint64_t count)
{
	uint64_t payload[32];

	payload[0] = pages + 1;
	for (uint64_t i = 1; i <= count; i++)
		payload[i] = ++pages;
	cr_assert_eq(hvt_writer_append(writer, HVT_SEGMENT_PAGES, payload,
			(count + 1) * PAGE), 0);
}

static void open_trace(void)
{
	cr_assert_eq(hvt_writer_close(writer, "finished"), 0);
	cr_assert_eq(hvt_trace_open(&trace, file.path, NULL), 0);
}

static struct hvt_keyframe_extent extents[EXTENTS];
static uint64_t got;

static int put(void *unused, uint64_t addr, const uint8_t *contents)
{
	const struct hvt_keyframe_extent *e = &extents[addr / STEP];
	uint64_t number;

	(void)unused;
	memcpy(&number, contents, sizeof(number));
	cr_assert_eq(e->page, number - addr % STEP / PAGE + HVT_KEYFRAME_PAGE);
	cr_assert_lt(addr % STEP / PAGE, e->count);
	got++;
	return 0;
}

static int read_pages(size_t count)
{
	const struct hvt_keyframe k = { .extents = extents,
		.extent_count = count };

	got = 0;
	return hvt_keyframe_pages(trace, &k, PAGE, put, NULL);
}

Test(keyframe_reader, has_each_page_of_each_extent_once)
{
	uint64_t wanted = 0;
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < SEGMENTS; i++)
		add_segment(1 + rng_below(&r, 30));
	open_trace();
	for (unsigned i = 0; i < EXTENTS; i++) {
		uint64_t first = 1 + rng_below(&r, pages);
		uint64_t left = pages - first + 1;

		extents[i] = (struct hvt_keyframe_extent){ i * STEP,
			first | HVT_KEYFRAME_PAGE, 1 + rng_below(&r, left) };
		/* Of the trace: no business of these segments. */
		if (!rng_below(&r, 5))
			extents[i].page = first;
		else
			wanted += extents[i].count;
	}
	cr_assert_eq(read_pages(EXTENTS), 0);
	cr_assert_eq(got, wanted);
}

Test(keyframe_reader, says_that_pages_are_missing)
{
	add_segment(3);
	open_trace();
	extents[0] = (struct hvt_keyframe_extent){ 0, 2 | HVT_KEYFRAME_PAGE, 3 };
	cr_assert_eq(read_pages(1), -EBADMSG);
	extents[0].page = 4 | HVT_KEYFRAME_PAGE;
	cr_assert_eq(read_pages(1), -EBADMSG);
}

/* Of such there could be any number in a file, to be looked at for nothing. */
Test(keyframe_reader, refuses_a_segment_of_no_pages)
{
	add_segment(3);
	add_segment(0);
	add_segment(3);
	open_trace();
	extents[0] = (struct hvt_keyframe_extent){ 0, 2 | HVT_KEYFRAME_PAGE, 4 };
	cr_assert_eq(read_pages(1), -EBADMSG);
}
