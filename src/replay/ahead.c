/* SPDX-License-Identifier: MIT */
#include "ahead.h"

#include <signal.h>
#include <stdbool.h>

static void *run(void *context)
{
	struct hvt_ahead *a = context;

	a->result = a->act();
	return NULL;
}

void hvt_ahead_start(struct hvt_ahead *a, int (*act)(void))
{
	sigset_t all, mask;

	*a = (struct hvt_ahead){ .act = act, .lock = PTHREAD_MUTEX_INITIALIZER };
	/* The VMM's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	atomic_store(&a->running, !pthread_create(&a->thread, NULL, run, a));
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (!atomic_load(&a->running))
		run(a);
}

int hvt_ahead_result(struct hvt_ahead *a)
{
	if (!atomic_load_explicit(&a->running, memory_order_acquire))
		return a->result;
	pthread_mutex_lock(&a->lock);
	if (atomic_load(&a->running))
		pthread_join(a->thread, NULL);
	atomic_store(&a->running, false);
	pthread_mutex_unlock(&a->lock);
	return a->result;
}

void hvt_ahead_in_child(struct hvt_ahead *a)
{
	atomic_store(&a->running, false);
}
