/* SPDX-License-Identifier: MIT */
/* Real threads hold the turn; what time it is the tests say. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "holders.h"
#include "patience.h"

#define MS UINT64_C(1000000)
#define BEGIN (1000u * UINT64_C(1000000000))

static enum hvt_turn_end how;
static atomic_int tid;

static void *spin(void *unused)
{
	(void)unused;
	atomic_store(&tid, hvt_thread_id());
	for (;;)
		;
	return NULL;
}

static void *sleep_long(void *unused)
{
	(void)unused;
	atomic_store(&tid, hvt_thread_id());
	sleep(1000);
	return NULL;
}

static char state_of(pid_t thread)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	f = fopen(path, "r");
	cr_assert_not_null(f);
	cr_assert_eq(fscanf(f, "%*d %*s %c", &state), 1);
	fclose(f);
	return state;
}

static pid_t start(void *(*what)(void *), char state)
{
	pthread_t t;

	atomic_store(&tid, 0);
	cr_assert_eq(pthread_create(&t, NULL, what, NULL), 0);
	while (!atomic_load(&tid) || state_of(atomic_load(&tid)) != state)
		usleep(1000);
	return atomic_load(&tid);
}

static bool is_over(uint64_t ns, size_t granted)
{
	return hvt_patience_is_over(BEGIN + ns, 1, granted, &how);
}

static uint64_t next(void)
{
	return hvt_patience_next() - BEGIN;
}

/* A turn that was looked at at 0, with one page, for a thread that sleeps by now. */
static void sleep_since(void)
{
	pid_t busy = start(spin, 'R');

	hvt_holders_add(busy);
	cr_assert_not(is_over(0, 1));
	hvt_holders_add(start(sleep_long, 'S'));
	hvt_holders_remove(busy);
}

static void set_up(void)
{
	hvt_patience_init();
	hvt_holders_clear();
}

TestSuite(patience, .init = set_up, .timeout = 60);

Test(patience, has_an_end_where_nobody_holds_the_turn)
{
	cr_assert(is_over(0, 1));
	cr_assert_eq(how, HVT_TURN_CALLED);
}

Test(patience, has_an_end_where_who_holds_it_sleeps)
{
	hvt_holders_add(start(sleep_long, 'S'));
	cr_assert(is_over(0, 1));
	cr_assert_eq(how, HVT_TURN_ASLEEP);
}

Test(patience, is_asked_of_the_kernel_now_and_then)
{
	sleep_since();
	cr_assert_not(is_over(next() - 1, 1));
	cr_assert(is_over(next(), 1));
	cr_assert_eq(how, HVT_TURN_ASLEEP);
}

Test(patience, looks_the_less_often_the_longer_it_lasts)
{
	uint64_t last = 0, first;

	hvt_holders_add(start(spin, 'R'));
	cr_assert_not(is_over(0, 1));
	first = next();
	for (unsigned i = 0; i < 60; i++) {
		cr_assert_geq(next() - last, first);
		cr_assert_leq(next() - last, 5 * MS);
		last = next();
		cr_assert_not(is_over(last, 1));
	}
	cr_assert_eq(next() - last, 5 * MS);
}

Test(patience, is_not_asked_for_while_pages_are_granted)
{
	sleep_since();
	cr_assert_not(is_over(next(), 2));
	cr_assert_not(is_over(next(), 3));
	cr_assert(is_over(next(), 3));
	cr_assert_eq(how, HVT_TURN_ASLEEP);
}

/* A thread that sleeps between any two pages must not keep it for good. */
Test(patience, is_asked_for_in_the_end_even_so)
{
	unsigned looks = 2;

	sleep_since();
	while (!is_over(next(), looks))
		cr_assert_lt(++looks, 100);
	cr_assert_eq(how, HVT_TURN_ASLEEP);
	cr_assert_leq(next(), 50 * MS);
}

Test(patience, is_asked_for_at_once_when_one_has_let_go)
{
	sleep_since();
	cr_assert_not(is_over(1, 2));
	hvt_patience_hurry();
	cr_assert(is_over(1, 2));
	cr_assert_eq(how, HVT_TURN_ASLEEP);
}

Test(patience, ends_with_who_is_busy_for_seconds)
{
	hvt_holders_add(start(spin, 'R'));
	cr_assert_not(is_over(0, 1));
	cr_assert_not(is_over(3900 * MS, 2), "which is from the last page on");
	cr_assert_not(is_over(7800 * MS, 2));
	cr_assert(is_over(7900 * MS, 2));
	cr_assert_eq(how, HVT_TURN_TAKEN);
}

/* Of the 1.6 s of CPU that are allowed at first. */
Test(patience, learns_from_turns_that_were_taken)
{
	uint64_t now = 0;

	for (unsigned i = 0; i < 6; i++)
		hvt_patience_learn(HVT_TURN_TAKEN);
	hvt_holders_add(start(spin, 'R'));
	while (!is_over(now, 1)) {
		now += MS;
		usleep(1000);
		cr_assert_lt(now, 3900 * MS);
	}
	cr_assert_eq(how, HVT_TURN_TAKEN);
}

Test(patience, begins_anew_with_each_turn)
{
	hvt_holders_add(start(spin, 'R'));
	cr_assert_not(is_over(0, 1));
	cr_assert_not(hvt_patience_is_over(BEGIN + 5000 * MS, 2, 1, &how));
}
