/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "guest/space.h"
#include "rng.h"

#define WINDOW	 (1ull << HVT_WINDOW_BITS)
#define AT	 0x7f1234560000ull /* where a VMM had its memory */
#define ADDR_END (1ull << 52)

static struct hvt_space space;
static size_t page;

static void set_up(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	cr_assert_eq(hvt_space_init(&space, page), 0);
}

static void tear_down(void)
{
	hvt_space_fini(&space);
}

TestSuite(space, .init = set_up, .fini = tear_down, .timeout = 30);

static uint8_t *find(uint64_t addr, uint64_t size)
{
	return hvt_space_find(&space, addr, size);
}

static void expect_add(int wanted, uint64_t addr, uint64_t size)
{
	int got = hvt_space_add(&space, addr, size);

	cr_assert_eq(got, wanted, "%#llx+%#llx: %d", (unsigned long long)addr,
			(unsigned long long)size, got);
}

Test(space, takes_pages_that_the_host_can_put_together)
{
	struct hvt_space other;

	for (size_t size = page; size <= 65536; size *= 2) {
		cr_assert_eq(hvt_space_init(&other, size), 0, "%zu", size);
		hvt_space_fini(&other);
	}
}

Test(space, refuses_sizes_that_are_no_pages_here)
{
	const size_t sizes[] = { 0, 1, page / 2, page - 1, page + 1, 3 * page,
		SIZE_MAX, SIZE_MAX - page + 1 };
	struct hvt_space other;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		cr_assert_eq(hvt_space_init(&other, sizes[i]), -EINVAL,
				"%zu", sizes[i]);
}

Test(space, has_nothing_where_nothing_was_added)
{
	cr_assert_null(find(0, 1));
	cr_assert_null(find(AT, page));
	cr_assert_null(find(UINT64_MAX, 1));
	expect_add(0, AT, page);
	cr_assert_null(find(AT - 1, 1));
	cr_assert_null(find(AT - 1, 2));
	cr_assert_null(find(AT + page, 1));
	cr_assert_null(find(AT ^ WINDOW, 1));
}

Test(space, has_zeroed_memory_that_can_be_written)
{
	uint8_t *p;

	expect_add(0, AT, 3 * page);
	p = find(AT, 3 * page);
	cr_assert_not_null(p);
	for (size_t i = 0; i < 3 * page; i++)
		cr_assert_eq(p[i], 0);
	memset(p, 1, 3 * page);
	cr_assert_eq((uintptr_t)p % page, AT % page);
}

Test(space, finds_any_part_and_not_a_byte_more)
{
	uint8_t *p;

	expect_add(0, AT, 2 * page);
	p = find(AT, 2 * page);
	cr_assert_eq(find(AT, 1), p);
	cr_assert_eq(find(AT + 17, 2 * page - 17), p + 17);
	cr_assert_eq(find(AT + 2 * page - 1, 1), p + 2 * page - 1);
	cr_assert_null(find(AT + 17, 2 * page - 16));
	cr_assert_null(find(AT, 2 * page + 1));
	cr_assert_null(find(AT, 0));
}

Test(space, finds_nothing_that_goes_round_the_end)
{
	expect_add(0, AT, page);
	cr_assert_null(find(AT, UINT64_MAX));
	cr_assert_null(find(AT, -AT));
	cr_assert_null(find(AT, -AT + 1));
	cr_assert_null(find(AT + page - 1, UINT64_MAX - 1));
	cr_assert_null(find(UINT64_MAX, UINT64_MAX));
}

/* As far apart as they were: what touched is one piece, the gap has its size. */
Test(space, keeps_distances)
{
	uint8_t *p;

	expect_add(0, AT + 4 * page, page);
	expect_add(0, AT, page);
	p = find(AT, page);
	cr_assert_eq(find(AT + 4 * page, page) - p, 4 * (ptrdiff_t)page);
	cr_assert_null(find(AT, 5 * page));
	expect_add(0, AT + page, 3 * page);
	cr_assert_eq(find(AT, 5 * page), p);
}

Test(space, keeps_what_is_there_when_more_is_added_over_it)
{
	expect_add(0, AT + page, page);
	expect_add(0, AT + 3 * page, page);
	memset(find(AT + page, page), 5, page);
	memset(find(AT + 3 * page, page), 6, page);
	expect_add(0, AT, 5 * page);
	expect_add(0, AT + page, page);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(*find(AT + i * page, page),
				i == 1 ? 5 : i == 3 ? 6 : 0);
	cr_assert_not_null(find(AT, 5 * page));
}

Test(space, refuses_what_is_no_range_of_pages)
{
	expect_add(-EBADMSG, AT, 0);
	expect_add(-EBADMSG, AT + 1, page);
	expect_add(-EBADMSG, AT, page - 1);
	expect_add(-EBADMSG, AT, page + 8);
	expect_add(-EBADMSG, AT + page / 2, page / 2);
	cr_assert_null(find(AT, 1));
}

Test(space, refuses_what_is_in_no_address_space)
{
	expect_add(-EBADMSG, -(uint64_t)page, page);
	expect_add(-EBADMSG, -(uint64_t)page, 2 * page);
	expect_add(-EBADMSG, AT, -(uint64_t)page);
	expect_add(-EBADMSG, AT, -AT);
	expect_add(-EBADMSG, ADDR_END, page);
	expect_add(-EBADMSG, ADDR_END - page, 2 * page);
	expect_add(-EBADMSG, AT, WINDOW + page);
	expect_add(0, ADDR_END - page, page);
	expect_add(0, 0, page);
	cr_assert_not_null(find(0, page));
}

Test(space, has_one_piece_across_windows)
{
	uint64_t border = 100 * WINDOW;
	uint8_t *p;

	expect_add(0, border - 2 * page, 5 * page);
	p = find(border - 2 * page, 5 * page);
	cr_assert_not_null(p);
	memset(p, 1, 5 * page);
	cr_assert_eq(find(border, page), p + 2 * page);
}

/* The neighbour of a window that is there is put beside it, on both sides. */
Test(space, has_one_piece_across_windows_that_come_later)
{
	uint64_t border = 100 * WINDOW;

	expect_add(0, border, page);
	expect_add(0, border - page, page);
	cr_assert_not_null(find(border - page, 2 * page));
	expect_add(0, border + WINDOW - page, 2 * page);
	cr_assert_not_null(find(border + WINDOW - page, 2 * page));
}

/*
 * The window of the second page is between those of the others, but put beside the
 * last: the first two touched, and are apart now.
 */
Test(space, has_two_pieces_where_windows_that_touched_are_apart)
{
	uint64_t border = 7 * WINDOW;

	expect_add(0, 5 * WINDOW, page);
	expect_add(0, 8 * WINDOW, page);
	expect_add(0, border - page, page);
	expect_add(0, border, page);
	for (size_t i = 0; i < space.piece_count; i++)
		cr_assert_not_null(find(space.pieces[i].addr,
				space.pieces[i].size));
	memset(find(border - page, page), 1, page);
	cr_assert_eq(*find(border, page), 0);
}

/* No host has room for so many: the last ones are refused, all else is kept. */
Test(space, says_that_there_is_no_room)
{
	unsigned n = 0;
	int err = 0;

	while (n < 4096 && !err)
		err = hvt_space_add(&space, n++ * WINDOW + page, page);
	cr_assert_eq(err, -ENOMEM);
	cr_assert_gt(n, 2);
	for (unsigned i = 0; i + 1 < n; i++)
		cr_assert_not_null(find(i * WINDOW + page, page));
	cr_assert_null(find((n - 1) * WINDOW + page, page));
}

/* Else each look would go through all of the pages. */
Test(space, joins_what_is_added_page_by_page)
{
	const unsigned pages = 20000;

	for (unsigned i = 0; i < pages; i++)
		expect_add(0, AT + i * page, page);
	for (unsigned i = pages; i < 2 * pages; i++)
		expect_add(0, AT - (i - pages + 1) * page, page);
	cr_assert_not_null(find(AT - pages * page, 2 * pages * page));
	cr_assert_eq(space.piece_count, 1);
}

#define MODEL 64u

/* Pages that are there, by the model and by find. */
static void compare(const bool *there)
{
	for (unsigned from = 0; from < MODEL; from++) {
		unsigned end = from;
		uint64_t at = AT + from * page;

		while (end < MODEL && there[end])
			end++;
		cr_assert_null(find(at, (end - from + 1) * page));
		if (end > from)
			cr_assert_not_null(find(at, (end - from) * page));
	}
}

Test(space, has_all_that_was_added_in_any_order)
{
	bool there[MODEL] = { false };
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 60; i++) {
		unsigned from = (unsigned)rng_below(&r, MODEL);
		unsigned n = 1 + (unsigned)rng_below(&r, 6);

		n = n < MODEL - from ? n : MODEL - from;
		expect_add(0, AT + from * page, n * page);
		memset(there + from, true, n);
		compare(there);
	}
}
