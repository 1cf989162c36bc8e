/* SPDX-License-Identifier: MIT */
/* Pages and their numbers. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "page_store.h"
#include "rng.h"

static struct hvt_page_store *store;
static uint8_t *page;
static size_t size;

static void set_up(void)
{
	size = (size_t)sysconf(_SC_PAGESIZE);
	page = calloc(1, size);
	cr_assert_eq(hvt_page_store_create(&store, size), 0);
}

static void tear_down(void)
{
	hvt_page_store_destroy(store);
	free(page);
}

TestSuite(page_store, .init = set_up, .fini = tear_down);

Test(page_store, has_no_number_for_zeros)
{
	uint64_t number = 7;

	cr_assert_not(hvt_page_store_number(store, page, &number));
	cr_assert_eq(number, 0);
	cr_assert_not(hvt_page_store_number(store, NULL, &number));
	cr_assert_eq(number, 0);
}

Test(page_store, tells_every_byte_from_zero)
{
	uint64_t number;

	for (size_t i = 0; i < size; i += i < 64 || i > size - 64 ? 1 : 61) {
		page[i] = 1;
		cr_assert(hvt_page_store_number(store, page, &number));
		cr_assert_gt(number, 0);
		page[i] = 0;
	}
}

/* Against a list of all that was ever in a page. */
Test(page_store, gives_one_number_to_each_content)
{
	enum { CONTENTS = 5000 };
	uint64_t *known = calloc(CONTENTS, sizeof(*known)), number;
	uint64_t last = 0;
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 4 * CONTENTS; i++) {
		uint64_t content = rng_below(&r, CONTENTS);
		bool is_new;

		memcpy(page + 8 * (content % (size / 8)), &content, 8);
		page[0] |= 0x80;
		is_new = hvt_page_store_number(store, page, &number);
		cr_assert_eq(is_new, !known[content]);
		if (is_new)
			known[content] = ++last;
		cr_assert_eq(number, known[content]);
		memset(page, 0, size);
	}
	free(known);
}
