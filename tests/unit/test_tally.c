/* SPDX-License-Identifier: MIT */
/* The most frequent numbers, in bounded memory. */
#include <criterion/criterion.h>

#include "look/tally.h"
#include "rng.h"

static void add(struct tally *t, uint64_t key, unsigned count)
{
	while (count--)
		cr_assert_eq(tally_add(t, key), 0);
}

Test(tally, has_the_most_frequent_first_and_the_lower_of_equals)
{
	struct tally_entry top[3];
	struct tally t;

	tally_init(&t, 1000);
	cr_assert_eq(tally_top(&t, top, 3), 0);
	add(&t, 7, 2);
	add(&t, 5, 3);
	add(&t, 6, 2);
	add(&t, 0, 1);
	cr_assert_eq(tally_top(&t, top, 3), 3);
	cr_assert_eq(top[0].key, 5);
	cr_assert_eq(top[0].count, 3);
	cr_assert_eq(top[1].key, 6);
	cr_assert_eq(top[2].key, 7);
	cr_assert_eq(t.total, 8);
	cr_assert_eq(t.error, 0);
	cr_assert_eq(tally_top(&t, top, 0), 0);
	tally_fini(&t);
}

Test(tally, counts_exactly_as_long_as_there_is_room)
{
	struct tally_entry top[1];
	struct tally t;

	tally_init(&t, 100000);
	for (unsigned round = 0; round < 3; round++)
		for (uint64_t key = 0; key < 20000; key++)
			add(&t, key * 4096, 1);
	add(&t, 4096, 1);
	cr_assert_eq(t.used, 20000);
	cr_assert_eq(tally_top(&t, top, 1), 1);
	cr_assert_eq(top[0].key, 4096);
	cr_assert_eq(top[0].count, 4);
	tally_fini(&t);
}

Test(tally, keeps_its_bounds_and_says_how_wrong_it_is)
{
	struct tally_entry top[4];
	struct tally t;
	struct rng r;

	rng_init(&r);
	tally_init(&t, 1024);
	for (unsigned i = 0; i < 200000; i++) {
		add(&t, rng_next(&r) | 8, 1);
		if (i % 10 < 4)
			add(&t, i % 10 % 4, 1);
	}
	cr_assert_leq(t.used, 1024);
	cr_assert_leq(t.size, 4096);
	cr_assert_gt(t.error, 0);
	cr_assert_eq(t.total, 280000);
	cr_assert_eq(tally_top(&t, top, 4), 4);
	for (unsigned i = 0; i < 4; i++) {
		cr_assert_lt(top[i].key, 4);
		cr_assert_geq(top[i].count + t.error, 20000);
		cr_assert_leq(top[i].count, 20000);
	}
	tally_fini(&t);
}
