/* SPDX-License-Identifier: MIT */
/* Events of two recordings, paired by thread. */
#include <criterion/criterion.h>
#include <errno.h>

#include "look/pair.h"

static struct pair p;

static void add(unsigned side, uint32_t thread, uint64_t number,
		uint64_t digest)
{
	cr_assert_eq(pair_add(&p, side, thread, number, digest), 0);
}

static void fini(void)
{
	pair_fini(&p);
}

TestSuite(pair, .fini = fini);

Test(pair, has_no_eye_for_the_order_of_threads)
{
	uint32_t thread;

	for (uint64_t i = 0; i < 1000; i++)
		add(0, i % 2, i, i / 2);
	for (uint64_t i = 0; i < 500; i++)
		add(1, 1, i, i);
	for (uint64_t i = 0; i < 500; i++)
		add(1, 0, 500 + i, i);
	pair_end(&p);
	cr_assert_null(pair_first(&p, &thread));
	cr_assert_eq(p.threads[0].same, 500);
	cr_assert_eq(p.threads[1].same, 500);
	cr_assert_eq(p.threads[1].count[0], 500);
}

Test(pair, tells_where_each_thread_differs_and_which_does_first)
{
	const struct pair_thread *t;
	uint32_t thread;

	for (uint64_t i = 0; i < 10; i++) {
		add(0, 0, 2 * i, i);
		add(0, 3, 2 * i + 1, i);
		add(1, 3, 100 + 2 * i, i == 4 ? 99 : i);
		add(1, 0, 101 + 2 * i, i == 7 ? 99 : i);
	}
	pair_end(&p);
	t = pair_first(&p, &thread);
	cr_assert(t && t == &p.threads[3] && thread == 3);
	cr_assert_eq(t->verdict, PAIR_DIFFERS);
	cr_assert_eq(t->at[0], 9);
	cr_assert_eq(t->at[1], 108);
	cr_assert_eq(t->same, 4);
	cr_assert_eq(p.threads[0].at[0], 14);
	cr_assert_eq(p.threads[0].same, 7);
	cr_assert_eq(p.threads[1].verdict, PAIR_SAME);
}

Test(pair, tells_the_end_of_one_side)
{
	const struct pair_thread *t;
	uint32_t thread;

	add(0, 0, 0, 1);
	add(1, 0, 0, 1);
	add(1, 0, 5, 2);
	pair_end(&p);
	t = pair_first(&p, &thread);
	cr_assert(t && t->verdict == PAIR_ENDS);
	cr_assert_eq(t->at[0], UINT64_MAX);
	cr_assert_eq(t->at[1], 5);
}

Test(pair, gives_up_on_a_thread_that_is_too_far_ahead)
{
	uint32_t thread;

	for (uint64_t i = 0; i <= PAIR_WAITING_MAX; i++)
		add(1, 0, i, i);
	cr_assert_eq(pair_first(&p, &thread)->verdict, PAIR_ENDS);
	cr_assert_eq(p.threads[0].at[1], 0);
	add(0, 0, 0, 0);
	cr_assert_eq(p.threads[0].same, 0);
	cr_assert_eq(p.threads[0].count[1], PAIR_WAITING_MAX + 1);
}

Test(pair, refuses_threads_that_no_trace_has)
{
	cr_assert_eq(pair_add(&p, 0, 4096, 0, 0), -ENOMEM);
}
