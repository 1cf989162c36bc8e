/* SPDX-License-Identifier: MIT */
/* The recorder's two halves: the threads that log, and the one that writes. */
#ifndef HVT_TRACE_RECORDER_H
#define HVT_TRACE_RECORDER_H

#include <pthread.h>

#include "drain.h"

#define HVT_RECORDER_POLL_NS 10000000L /* how often the rings are looked at */
#define HVT_RING_TOUCH_MIN   (256u << 10) /* made ready for a thread */

struct hvt_recorder {
	uint64_t serial; /* tells it from one that was at this address before */
	pthread_mutex_t lock;  /* of rings being given out, and of the waits */
	pthread_cond_t wake;   /* for the writing thread */
	pthread_cond_t room;   /* for threads whose ring is full */
	pthread_t thread;
	pthread_key_t key;     /* a thread's end gives its ring back */
	struct hvt_wal wal;
	struct hvt_writer *writer; /* the writing thread's, as is drain */
	struct hvt_drain drain;
	char *path;
	atomic_int error;      /* first error, sticky; stops every append */
	void (*_Atomic progress)(uint64_t events); /* or NULL */
	bool stop;             /* under lock */
	bool pressed;          /* under lock: a ring needs room */
	uint32_t threads;      /* under lock: given a number */
};

/* A thread's place; one recorder at a time in a process. */
struct hvt_place {
	struct hvt_log log; /* first: hvt_log_mine points here */
	_Atomic uint64_t serial; /* of the recorder; 0: the thread has ended */
	struct hvt_place *nested; /* for a signal handler of the thread */
	struct hvt_ring ring;
	uint64_t touched; /* the head when pages were last made ready, */
	uint64_t syncing; /* and when the log was last brought to the disk */
	struct hvt_place *next;
};

extern struct hvt_place *_Atomic hvt_places; /* a list that only grows */

uint64_t hvt_now_ns(void);

/* In ns from now, for pthread_cond_timedwait(). */
void hvt_deadline(struct timespec *t, long ns);

/* The first error counts. From then on every thread is told no. */
void hvt_recorder_set_error(struct hvt_recorder *r, int err);

/* Starts the thread that writes. 0 or -errno. */
int hvt_recorder_start_thread(struct hvt_recorder *r);

#endif
