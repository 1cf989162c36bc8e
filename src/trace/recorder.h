/* SPDX-License-Identifier: MIT */
/* The recorder's two halves: the threads that log, and the one that writes. */
#ifndef HVT_TRACE_RECORDER_H
#define HVT_TRACE_RECORDER_H

#include <pthread.h>
#include <signal.h>

#include "drain.h"
#include "rings.h"

#define HVT_COLD __attribute__((cold, noinline)) /* off an event's way */

#define HVT_RECORDER_POLL_NS 10000000L /* how often the rings are looked at */
#define HVT_RING_TOUCH_MIN   (256u << 10) /* made ready for a thread */

struct hvt_recorder {
	uint64_t serial; /* tells it from one that was at this address before */
	pthread_mutex_t lock;  /* of the writing thread's work, and of the waits */
	pthread_cond_t wake;   /* for the writing thread */
	pthread_cond_t room;   /* for threads whose ring is full */
	pthread_t thread;
	pthread_key_t key;     /* a thread's end gives its ring back */
	struct hvt_wal wal;
	struct hvt_writer *writer; /* the writing thread's, as is drain */
	struct hvt_drain drain;
	struct hvt_rings rings;
	char *path;
	atomic_int error;      /* first error, sticky; stops every append */
	void (*_Atomic progress)(uint64_t events); /* or NULL */
	bool stop;             /* under lock */
	bool pressed;          /* under lock: a ring needs room */
	uint32_t threads;      /* under that of the rings: given a number */
};

/* A thread's place; one recorder at a time in a process. */
struct hvt_place {
	struct hvt_log log; /* first: hvt_log_mine points here */
	_Atomic uint64_t serial; /* of the recorder; 0: the thread has ended */
	struct hvt_place *nested; /* for a signal handler of the thread */
	/* Under the lock of the rings, for others than the thread: */
	struct hvt_ring ring;
	uint64_t touched; /* the head when pages were last made ready */
	struct hvt_place *next;
};

extern struct hvt_place *_Atomic hvt_places; /* a list that only grows */

uint64_t hvt_now_ns(void);

/* A lock that a signal handler may want is taken with them out of the way. */
void hvt_block_signals(sigset_t *mask);

/* The place goes on in its ring, which is empty; with the lock of the rings. */
void hvt_recorder_enter_ring(struct hvt_recorder *r, struct hvt_place *p);

/*
 * Room for a record of size bytes, in the thread's ring or in another one; if
 * all are full, waits until there is some, and adds the time to stall_ns. 0, or
 * the error of the recorder. By the thread itself.
 */
int hvt_recorder_make_room(struct hvt_recorder *r, struct hvt_place *p,
		uint64_t size);

/* In ns from now, for pthread_cond_timedwait(). */
void hvt_deadline(struct timespec *t, long ns);

/* The first error counts. From then on every thread is told no. */
void hvt_recorder_set_error(struct hvt_recorder *r, int err);

/* Starts the thread that writes. 0 or -errno. */
int hvt_recorder_start_thread(struct hvt_recorder *r);

#endif
