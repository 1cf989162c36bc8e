/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "extents.h"
#include "rng.h"

static struct hvt_extents e;

static void tear_down(void)
{
	hvt_extents_clear(&e);
}

TestSuite(extents, .fini = tear_down, .timeout = 60);

Test(extents, have_nothing_at_first)
{
	cr_assert_null(hvt_extents_find(&e, 0));
	cr_assert_null(hvt_extents_find(&e, UINT64_MAX));
}

Test(extents, reach_to_the_end_of_the_address_space)
{
	cr_assert_eq(hvt_extents_set(&e, UINT64_MAX - 9, 10, 7, 1), 0);
	cr_assert_eq(hvt_extents_find(&e, UINT64_MAX)->value, 7);
	cr_assert_null(hvt_extents_find(&e, UINT64_MAX - 10));
	cr_assert_eq(hvt_extents_set(&e, 0, UINT64_MAX, 8, 2), 0);
	cr_assert_eq(hvt_extents_find(&e, UINT64_MAX)->value, 7);
	cr_assert_eq(hvt_extents_find(&e, UINT64_MAX - 1)->value, 8);
}

Test(extents, what_is_left_of_one_knows_where_it_began)
{
	cr_assert_eq(hvt_extents_set(&e, 100, 100, 7, 1), 0);
	cr_assert_eq(hvt_extents_set(&e, 120, 10, 8, 2), 0);
	cr_assert_eq(hvt_extents_find(&e, 119)->value, 7);
	cr_assert_eq(hvt_extents_find(&e, 120)->since, 2);
	cr_assert_eq(hvt_extents_find(&e, 150)->origin, 100);
	cr_assert_eq(hvt_extents_find(&e, 150)->since, 1);
	cr_assert_null(hvt_extents_find(&e, 200));
}

/* Against an array of what was set last. */
Test(extents, the_last_that_was_set_counts)
{
	static struct {
		uint64_t value, origin;
	} model[512];
	struct rng r;

	rng_init(&r);
	for (unsigned i = 1; i < test_scale(2000, 100000); i++) {
		uint64_t start = rng_below(&r, 512);
		uint64_t size = 1 + rng_below(&r, 512 - start);
		uint64_t at = rng_below(&r, 512);
		const struct hvt_extent_of *found;

		cr_assert_eq(hvt_extents_set(&e, start, size, i, i), 0);
		for (uint64_t n = start; n < start + size; n++) {
			model[n].value = i;
			model[n].origin = start;
		}
		found = hvt_extents_find(&e, at);
		cr_assert_eq(found ? found->value : 0, model[at].value);
		cr_assert_eq(found ? found->origin : 0, model[at].origin);
	}
}
