/* SPDX-License-Identifier: MIT */
/*
 * A replay in progress: events on their way from the trace to the threads of
 * the VMM. Everything here is under the session's lock.
 *
 * Order. Each thread gets its own events in their order. The return of
 * hv_vcpu_run is held back until every half of a call before it in the trace
 * has been consumed: what a guest shows to one vCPU thread may have been caused
 * by any of them, of any thread. Other calls need no such wait: they bring
 * nothing from outside into the VMM but what the log says; and whole calls need
 * not be waited for: they concern their caller alone, and may stand before what
 * brought them about. Threads that wait for each other through locks of the
 * VMM thus never wait for a call that a lock keeps back, unless they hold it
 * across hv_vcpu_run.
 *
 * Nor does it come before the VMM's other threads wait in a call or are at rest
 * (rest.h): what one of them does behind its last call, as to take note that its
 * vCPU is off, it had done in the recording long before the guest could ask for
 * it. There the guest takes its time; here it takes none.
 *
 * The end of a turn of the VMM (replay_memory.h) holds back what comes behind it
 * in the same way, and until the VMM has had to do with memory what it had.
 */
#ifndef HVT_REPLAY_SESSION_H
#define HVT_REPLAY_SESSION_H

#include <pthread.h>
#include <signal.h>

#include "queue.h"
#include "rest.h"

#define HVT_THREADS_MAX 4096u

struct hvt_replay_thread {
	struct hvt_queue due;
	bool bound;   /* a thread of the VMM has taken this place: */
	bool waits;   /* in a call, for an event to be due, */
	bool told;    /* and it was, since; or */
	bool at_rest; /* was seen to rest since the last one */
	struct hvt_rest rest;
	struct hvt_queue known; /* see lenient.h; empty but with --keep-going */
};

/*
 * Threads that wait, by what they wait for: the events of a thread, by its number
 * modulo all but one, or any move at all, in the last. So one event does not wake
 * those that wait for others.
 */
#define HVT_WAIT_SLOTS 64u
#define HVT_WAIT_ANY   UINT32_MAX /* as the number of a thread */

struct hvt_wait_slot {
	_Atomic uint32_t moves;
	unsigned waiting;
};

/* Every so many events that are consumed, progress is told. */
#define HVT_SESSION_STRIDE 8192u

struct hvt_session {
	pthread_mutex_t lock;
	_Atomic unsigned comers; /* threads that come with a call */
	bool blocks;   /* signals, in the thread that has the lock: */
	sigset_t mask; /* those that were before */
	struct hvt_wait_slot slots[HVT_WAIT_SLOTS];
	struct hvt_trace *trace;
	struct hvt_replay_thread *threads;
	uint32_t thread_count;
	uint32_t bound_count;
	uint64_t outstanding; /* delivered, not consumed, */
	uint64_t halves;      /* and of these, halves of calls */
	uint64_t consumed;
	void (*progress)(uint64_t consumed); /* or NULL; with the lock */
	bool holding; /* held is an event that waits for the ones before */
	bool polled;  /* who waits knows that nobody will tell when it may go on */
	struct hvt_event held;
	bool ended;            /* the reader has no more */
	struct hvt_error cut;  /* why it has no more, code 0: end mark */
	unsigned stall_ms;
	bool ignores_inputs; /* of the VMM, others than the API: none is due */
};

int hvt_session_init(struct hvt_session *s, const char *path, unsigned stall_ms,
		struct hvt_error *e);
void hvt_session_fini(struct hvt_session *s);

/*
 * No signal handler of the VMM comes between the two, as it may call the API, too.
 * While a thread waits they come, and have their events. Where the VMM is known to
 * have none nothing is done about them, which is most of what this costs.
 */
void hvt_session_lock(struct hvt_session *s);
void hvt_session_unlock(struct hvt_session *s);

/* The calling thread is the one of that number; it goes on in the VMM's code. */
void hvt_session_bind(struct hvt_session *s, uint32_t thread);
void hvt_session_go(struct hvt_session *s, uint32_t thread);

/* All that wait look again. */
void hvt_session_wake(struct hvt_session *s);

/*
 * Delivers all that may be delivered now. What cannot be delivered ends the
 * session's events there, as damage to the trace would: see cut.
 */
void hvt_session_advance(struct hvt_session *s);

/* The oldest event due to thread, or NULL. */
const struct hvt_event *hvt_session_due(
		const struct hvt_session *s, uint32_t thread);

/* Moves it to *event, whose bytes are then the caller's to free. */
void hvt_session_consume(struct hvt_session *s, uint32_t thread,
		struct hvt_event *event);

/* Is it the VMM's memory that what comes next waits for? */
bool hvt_session_waits_for_memory(const struct hvt_session *s);

/* The event that everyone waits for: delivered first of those not consumed. */
const struct hvt_event *hvt_session_oldest(const struct hvt_session *s);

/*
 * Waits until something comes for thread (HVT_WAIT_ANY: or moves at all), or is to be
 * looked at by all. False: nothing was consumed by anyone for stall_ms, counted from
 * the first wait with the *since it was given (which starts as 0).
 */
bool hvt_session_wait(struct hvt_session *s, uint32_t thread, uint64_t *since);

#endif
