/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <semaphore.h>

#include "guest/actors.h"

static struct hvt_actors actors;

static void set_up(void)
{
	cr_assert_eq(hvt_actors_init(&actors), 0);
}

static void tear_down(void)
{
	hvt_actors_fini(&actors);
}

TestSuite(actors, .init = set_up, .fini = tear_down, .timeout = 60);

static int who(void *context)
{
	*(pthread_t *)context = pthread_self();
	return 17;
}

static pthread_t who_is(uint32_t thread)
{
	pthread_t self;
	struct hvt_act act = { .act = who, .context = &self };

	cr_assert_eq(hvt_actors_do(&actors, thread, &act), 0);
	cr_assert_eq(act.result, 17);
	cr_assert_not(act.was_late);
	return self;
}

Test(actors, are_one_thread_each)
{
	pthread_t zero = who_is(0), last = who_is(HVT_ACTORS_MAX - 1);

	cr_assert_not(pthread_equal(zero, last));
	cr_assert_not(pthread_equal(zero, pthread_self()));
	for (unsigned i = 0; i < 100; i++) {
		cr_assert(pthread_equal(who_is(0), zero));
		cr_assert(pthread_equal(who_is(HVT_ACTORS_MAX - 1), last));
	}
}

Test(actors, are_not_more_than_there_can_be)
{
	pthread_t self;
	struct hvt_act act = { .act = who, .context = &self };

	cr_assert_eq(hvt_actors_do(&actors, HVT_ACTORS_MAX, &act), -EAGAIN);
	cr_assert_eq(hvt_actors_do(&actors, UINT32_MAX, &act), -EAGAIN);
}

Test(actors, can_be_many)
{
	for (unsigned round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 100; i++)
			(void)who_is(i);
}

Test(actors, are_begun_when_they_are_needed)
{
	(void)who_is(1);
	cr_assert_null(actors.all[0]);
	cr_assert_not_null(actors.all[1]);
}

static sem_t over;
static unsigned told;

static int wait_for_it(void *context)
{
	(void)context;
	while (sem_wait(&over))
		;
	return 5;
}

static void bring_to_its_end(void *context)
{
	(void)context;
	told++;
	sem_post(&over);
}

Test(actors, are_brought_to_an_end_once)
{
	struct hvt_act act = { .act = wait_for_it, .ms = 20,
		.late = bring_to_its_end };

	sem_init(&over, 0, 0);
	cr_assert_eq(hvt_actors_do(&actors, 3, &act), 0);
	cr_assert(act.was_late);
	cr_assert_eq(act.result, 5);
	cr_assert_eq(told, 1);
	/* And what was late before is not so again. */
	sem_post(&over);
	act.ms = 100000;
	cr_assert_eq(hvt_actors_do(&actors, 3, &act), 0);
	cr_assert_not(act.was_late);
	cr_assert_eq(told, 1);
}
