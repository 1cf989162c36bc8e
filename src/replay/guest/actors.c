/* SPDX-License-Identifier: MIT */
#include "actors.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct hvt_actor {
	struct hvt_actors *home;
	pthread_t thread;
	pthread_cond_t given; /* it alone wakes: others have nothing to do */
	struct hvt_act *act; /* NULL: nothing to do */
	bool ends;
};

int hvt_actors_init(struct hvt_actors *a)
{
	pthread_condattr_t attr;
	int err;

	*a = (struct hvt_actors){ 0 };
	err = pthread_condattr_init(&attr);
	if (err)
		return -err;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	err = pthread_cond_init(&a->moved, &attr);
	pthread_condattr_destroy(&attr);
	if (err)
		return -err;
	pthread_mutex_init(&a->lock, NULL);
	return 0;
}

static void *actor_main(void *arg)
{
	struct hvt_actor *me = arg;
	struct hvt_actors *home = me->home;

	pthread_mutex_lock(&home->lock);
	while (!me->ends) {
		struct hvt_act *act = me->act;

		if (!act) {
			pthread_cond_wait(&me->given, &home->lock);
			continue;
		}
		pthread_mutex_unlock(&home->lock);
		act->result = act->act(act->context);
		pthread_mutex_lock(&home->lock);
		me->act = NULL;
		pthread_cond_broadcast(&home->moved);
	}
	pthread_mutex_unlock(&home->lock);
	return NULL;
}

static int begin(struct hvt_actors *a, uint32_t thread)
{
	struct hvt_actor *one;
	int err;

	if (thread >= HVT_ACTORS_MAX)
		return -EAGAIN;
	if (a->all[thread])
		return 0;
	one = calloc(1, sizeof(*one));
	if (!one)
		return -EAGAIN;
	one->home = a;
	pthread_cond_init(&one->given, NULL);
	err = pthread_create(&one->thread, NULL, actor_main, one);
	if (err) {
		pthread_cond_destroy(&one->given);
		free(one);
		return -EAGAIN;
	}
	a->all[thread] = one;
	return 0;
}

static struct timespec after(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

int hvt_actors_do(struct hvt_actors *a, uint32_t thread, struct hvt_act *act)
{
	struct timespec end = after(act->ms);
	struct hvt_actor *one;

	if (begin(a, thread))
		return -EAGAIN;
	act->was_late = false;
	pthread_mutex_lock(&a->lock);
	one = a->all[thread];
	one->act = act;
	pthread_cond_signal(&one->given);
	while (one->act) {
		if (!act->ms || act->was_late) {
			pthread_cond_wait(&a->moved, &a->lock);
		} else if (pthread_cond_timedwait(&a->moved, &a->lock, &end) ==
				ETIMEDOUT && one->act) {
			act->was_late = true;
			act->late(act->context);
		}
	}
	pthread_mutex_unlock(&a->lock);
	return 0;
}

static void end(struct hvt_actors *a, struct hvt_actor *one)
{
	pthread_mutex_lock(&a->lock);
	one->ends = true;
	pthread_cond_signal(&one->given);
	pthread_mutex_unlock(&a->lock);
	pthread_join(one->thread, NULL);
	pthread_cond_destroy(&one->given);
	free(one);
}

void hvt_actors_fini(struct hvt_actors *a)
{
	for (uint32_t i = 0; i < HVT_ACTORS_MAX; i++)
		if (a->all[i])
			end(a, a->all[i]);
	pthread_cond_destroy(&a->moved);
	pthread_mutex_destroy(&a->lock);
}
