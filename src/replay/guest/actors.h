/* SPDX-License-Identifier: MIT */
/*
 * A thread for each one of the recording, as vCPUs belong to threads. Of all
 * of them one at a time does something, while whoever asked for it waits.
 */
#ifndef HVT_GUEST_ACTORS_H
#define HVT_GUEST_ACTORS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define HVT_ACTORS_MAX 4096u /* threads of a trace */

struct hvt_actor;

struct hvt_actors {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct hvt_actor *all[HVT_ACTORS_MAX];
};

int hvt_actors_init(struct hvt_actors *a);

/*
 * Has the thread do(context), and waits until it has: *result. It is begun if
 * there is none. 0, -EAGAIN: no more threads.
 * If it is not done within ms, late(late_context) is called, once, by the
 * caller, to bring it to its end.
 */
struct hvt_act {
	int (*act)(void *context);
	void *context;
	unsigned ms; /* 0: however long it takes */
	void (*late)(void *context);
	bool was_late;
	int result;
};
int hvt_actors_do(struct hvt_actors *a, uint32_t thread, struct hvt_act *act);

/* Ends all threads; none is in an act. */
void hvt_actors_fini(struct hvt_actors *a);

#endif
