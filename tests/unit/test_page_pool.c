/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "page_pool.h"

#define PAGE  4096u
#define PAGES (2 * HVT_POOL_CHUNK + 3)

static struct hvt_page_pool pool;

static void set_up(void)
{
	cr_assert_eq(hvt_page_pool_init(&pool, PAGE), 0);
}

static void tear_down(void)
{
	hvt_page_pool_fini(&pool);
}

TestSuite(page_pool, .init = set_up, .fini = tear_down, .timeout = 60);

static void fill(uint8_t *page, uint64_t number)
{
	for (size_t i = 0; i < PAGE; i++)
		page[i] = (uint8_t)(number * 31 + i % 251);
}

Test(page_pool, has_each_page_by_its_number_and_where_it_was)
{
	const uint8_t *first = NULL;
	uint8_t page[PAGE];

	for (uint64_t n = 1; n <= PAGES; n++) {
		fill(page, n);
		cr_assert_eq(hvt_page_pool_add(&pool, n, page, PAGE), 0);
		first = first ? first : hvt_page_pool_get(&pool, 1);
	}
	cr_assert_eq(hvt_page_pool_get(&pool, 1), first);
	for (uint64_t n = 1; n <= PAGES; n++) {
		fill(page, n);
		cr_assert_arr_eq(hvt_page_pool_get(&pool, n), page, PAGE);
	}
	cr_assert_null(hvt_page_pool_get(&pool, PAGES + 1));
	cr_assert_null(hvt_page_pool_get(&pool, UINT64_MAX));
}

Test(page_pool, page_0_is_zeros)
{
	static const uint8_t zeros[PAGE];

	cr_assert_arr_eq(hvt_page_pool_get(&pool, 0), zeros, PAGE);
	cr_assert_null(hvt_page_pool_get(&pool, 1));
}

Test(page_pool, takes_whole_pages_in_their_order)
{
	uint8_t page[PAGE] = { 1 };

	cr_assert_eq(hvt_page_pool_add(&pool, 2, page, PAGE), -EBADMSG);
	cr_assert_eq(hvt_page_pool_add(&pool, 1, page, PAGE - 1), -EBADMSG);
	cr_assert_eq(hvt_page_pool_add(&pool, 1, page, PAGE), 0);
	cr_assert_eq(hvt_page_pool_add(&pool, 1, page, PAGE), -EBADMSG);
}
