/* SPDX-License-Identifier: MIT */
/* Something that takes long, done in a thread while nobody needs it yet. */
#ifndef HVT_REPLAY_AHEAD_H
#define HVT_REPLAY_AHEAD_H

#include <pthread.h>
#include <stdatomic.h>

struct hvt_ahead {
	int (*act)(void);
	int result;
	pthread_t thread;
	pthread_mutex_t lock; /* of who waits for it */
	atomic_bool running;
};

/* Begins; where no thread is to be had act() has been done when it returns. */
void hvt_ahead_start(struct hvt_ahead *a, int (*act)(void));

/* What act() returned, when it has; 0 if none was begun. Any thread. */
int hvt_ahead_result(struct hvt_ahead *a);

/* In a child of fork(2), which has not that thread. */
void hvt_ahead_in_child(struct hvt_ahead *a);

#endif
