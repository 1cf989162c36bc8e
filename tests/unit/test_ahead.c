/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "ahead.h"

static sem_t go;
static pthread_t actor;
static sigset_t blocked;

static int act(void)
{
	sem_wait(&go);
	actor = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	return -7;
}

static void *wait_for(void *ahead)
{
	return (void *)(intptr_t)hvt_ahead_result(ahead);
}

TestSuite(ahead, .timeout = 60);

Test(ahead, what_was_never_begun_is_done)
{
	struct hvt_ahead a = { 0 };

	cr_assert_eq(hvt_ahead_result(&a), 0);
}

Test(ahead, goes_on_while_it_is_not_asked_and_takes_no_signals)
{
	struct hvt_ahead a;

	cr_assert_eq(sem_init(&go, 0, 0), 0);
	hvt_ahead_start(&a, act);
	sem_post(&go);
	cr_assert_eq(hvt_ahead_result(&a), -7);
	cr_assert_not(pthread_equal(actor, pthread_self()));
	cr_assert_eq(sigismember(&blocked, SIGTERM), 1);
	cr_assert_eq(hvt_ahead_result(&a), -7);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	cr_assert_eq(sigismember(&blocked, SIGTERM), 0);
}

Test(ahead, is_waited_for_by_any_number_of_threads)
{
	struct hvt_ahead a;
	pthread_t waiting[4];
	void *got;

	cr_assert_eq(sem_init(&go, 0, 0), 0);
	hvt_ahead_start(&a, act);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&waiting[i], NULL, wait_for, &a), 0);
	sem_post(&go);
	for (unsigned i = 0; i < 4; i++) {
		cr_assert_eq(pthread_join(waiting[i], &got), 0);
		cr_assert_eq((intptr_t)got, -7);
	}
}
