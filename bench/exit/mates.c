/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait for each other, asleep: on one CPU, as the lab has it to
 * be repeatable, a thread that spins would keep the other from its work.
 */
#include "mates.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "bench.h"
#include "path.h"

#define DOZE_US 200u /* time enough to fall asleep */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static const struct mate *mate;
static enum guest_loop mate_loop;
static pthread_t thread, kickers[MATES_KICKERS];
static bool stopping;
static uint64_t runs;  /* of the mate that have ended */
static uint64_t turn; /* of the kickers, */
static unsigned left;  /* who have not done theirs yet */
static uint64_t seen;  /* the guest's rounds at the last sample */

static void wait_while_equal(const uint64_t *value, uint64_t old)
{
	while (*value == old && !stopping)
		pthread_cond_wait(&changed, &lock);
}

static void *run_until_stopped(void *arg)
{
	(void)arg;
	mate->open(mate_loop);
	pthread_mutex_lock(&lock);
	while (!stopping) {
		pthread_mutex_unlock(&lock);
		mate->run();
		pthread_mutex_lock(&lock);
		runs++;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	mate->close();
	return NULL;
}

static void kick(void)
{
	uint64_t before;

	pthread_mutex_lock(&lock);
	before = runs;
	pthread_mutex_unlock(&lock);
	mate->kick();
	pthread_mutex_lock(&lock);
	wait_while_equal(&runs, before);
	pthread_mutex_unlock(&lock);
}

/* One kick in each round. */
static void *kick_when_told(void *arg)
{
	uint64_t mine = 0;

	(void)arg;
	for (;;) {
		pthread_mutex_lock(&lock);
		wait_while_equal(&turn, mine);
		if (stopping)
			break;
		mine = turn;
		pthread_mutex_unlock(&lock);
		kick();
		pthread_mutex_lock(&lock);
		left--;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void start_thread(pthread_t *t, void *(*function)(void *))
{
	bench_check(pthread_create(t, NULL, function, NULL), "a thread");
}

void kicks_begin(const struct mate *m, enum guest_loop loop)
{
	mate = m;
	mate_loop = loop;
	stopping = false;
	turn = 0;
	seen = m->flags->rounds;
	start_thread(&thread, run_until_stopped);
	for (unsigned i = 0; i < MATES_KICKERS; i++)
		start_thread(&kickers[i], kick_when_told);
}

/* The guest must be back in its loop, not on its way. */
static void wait_for_guest(void)
{
	while (mate->flags->rounds == seen)
		usleep(50);
	if (mate_loop == GUEST_DOZE)
		usleep(DOZE_US);
	seen = mate->flags->rounds;
}

static void kick_all(void)
{
	pthread_mutex_lock(&lock);
	left = MATES_KICKERS;
	turn++;
	pthread_cond_broadcast(&changed);
	while (left)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

uint64_t kicks_sample(unsigned count)
{
	uint64_t start;

	wait_for_guest();
	start = path_now();
	if (count == 1)
		kick();
	else
		kick_all();
	return path_now() - start;
}

void kicks_end(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	mate->kick();
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < MATES_KICKERS; i++)
		pthread_join(kickers[i], NULL);
}

static bool its_turn;

static void *take_turns(void *arg)
{
	(void)arg;
	mate->open(GUEST_CALL);
	pthread_mutex_lock(&lock);
	for (;;) {
		while (!its_turn && !stopping)
			pthread_cond_wait(&changed, &lock);
		if (stopping)
			break;
		pthread_mutex_unlock(&lock);
		mate->run();
		pthread_mutex_lock(&lock);
		its_turn = false;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	mate->close();
	return NULL;
}

void turns_begin(const struct mate *m)
{
	mate = m;
	stopping = its_turn = false;
	start_thread(&thread, take_turns);
}

uint64_t turns_sample(void (*run)(void))
{
	uint64_t start = path_now();

	run();
	pthread_mutex_lock(&lock);
	its_turn = true;
	pthread_cond_broadcast(&changed);
	while (its_turn)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	return path_now() - start;
}

void turns_end(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}
