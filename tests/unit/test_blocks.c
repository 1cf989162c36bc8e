/* SPDX-License-Identifier: MIT */
/* A file in memory as blocks: where it has most of the pages, and nothing else. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocks.h"
#include "page.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define BLOCK (2u << 20)
#define SIZE  (3u * BLOCK)

static int fd;
static uint8_t *host;

static void set_up(void)
{
	uint8_t *p = mmap(NULL, SIZE + BLOCK, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fd = memfd_create("blocks", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(fd, SIZE), 0);
	host = p + (-(uintptr_t)p & (BLOCK - 1));
}

TestSuite(blocks, .init = set_up);

static size_t count_there(uint8_t *view, size_t size)
{
	static unsigned char there[SIZE / 4096];
	size_t n = 0;

	cr_assert_eq(mincore(view, size, there), 0);
	for (size_t i = 0; i < size / hvt_page_size(); i++)
		n += there[i] & 1;
	return n;
}

/* Every other page of the first block, and nine in ten of the last. */
static void fill(void)
{
	size_t page = hvt_page_size();

	for (size_t at = 0; at < SIZE; at += page) {
		size_t i = at / page;
		uint64_t number = i + 1;

		if (at < BLOCK ? i % 2 : at >= 2 * BLOCK && i % 10)
			cr_assert_eq(pwrite(fd, &number, 8, (off_t)at), 8);
	}
}

/* As it was filled; a page that it did not have is of zeros. */
static void check(const uint8_t *view)
{
	size_t page = hvt_page_size();

	for (size_t at = 0; at < SIZE; at += page) {
		size_t i = at / page;
		bool full = at < BLOCK ? i % 2 : at >= 2 * BLOCK && i % 10;
		uint64_t number;

		memcpy(&number, view + at, 8);
		cr_assert_eq(number, full ? i + 1 : 0, "page %zu", i);
	}
}

/* Does this kernel make a block of a file in memory if it is told to? */
static bool can_make_one(void)
{
	uint8_t *view = hvt_map_blocks(fd, BLOCK, host);
	bool can;

	memset(view, 1, BLOCK);
	can = !madvise(view, BLOCK, MADV_COLLAPSE);
	munmap(view, BLOCK);
	cr_assert_eq(ftruncate(fd, 0), 0);
	cr_assert_eq(ftruncate(fd, SIZE), 0);
	return can;
}

Test(blocks, are_of_what_has_most_of_its_pages)
{
	size_t pages = BLOCK / hvt_page_size();
	size_t want = can_make_one() ? pages : pages * 9 / 10 - 1;
	uint8_t *view = hvt_map_blocks(fd, SIZE, host);

	cr_assert_not_null(view);
	fill();
	hvt_make_blocks(view, SIZE);
	cr_assert_eq(count_there(view, BLOCK), pages / 2, "of half");
	cr_assert_eq(count_there(view + BLOCK, BLOCK), 0, "of nothing");
	cr_assert_geq(count_there(view + 2 * BLOCK, BLOCK), want);
	check(view);
}

Test(blocks, may_begin_where_they_may_in_what_they_are_like)
{
	uint8_t *view = hvt_map_blocks(fd, SIZE, host);
	uint8_t *other = hvt_map_blocks(fd, SIZE - 4096, host + 4096);

	cr_assert_not_null(view);
	cr_assert_not_null(other);
	if (access("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", R_OK) == 0)
		cr_assert_eq((uintptr_t)view % BLOCK, 0);
	fill();
	check(view);
	cr_assert_eq(memcmp(view, other, SIZE - 4096), 0);
	hvt_make_blocks(other, SIZE - 4096);
	check(view);
}

Test(blocks, cannot_be_of_what_cannot_be_mapped)
{
	cr_assert_null(hvt_map_blocks(-1, SIZE, host));
	cr_assert_null(hvt_map_blocks(fd, SIZE_MAX / 4, host));
}
