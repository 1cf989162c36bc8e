/* SPDX-License-Identifier: MIT */
/*
 * Which rings of the log are in use, and by whom. A thread takes one with its
 * first event, and another one when that is full and the writing thread has
 * not come to it yet: waiting for it would stop the guest.
 */
#ifndef HVT_TRACE_RINGS_H
#define HVT_TRACE_RINGS_H

#include <pthread.h>

#include "format.h"
#include "wal.h"

/* Rings that are added for threads whose one is full, at most. */
#define HVT_RINGS_SPARE 8

struct hvt_rings {
	/*
	 * Taken by threads that log, with signals blocked. Adding a ring writes
	 * zeros under it where a file system cannot allocate (9p).
	 */
	pthread_mutex_t lock;
	struct hvt_wal *wal;
	unsigned spare;
	size_t count;
	struct hvt_ring all[HVT_THREADS_MAX];
};

void hvt_rings_init(struct hvt_rings *rings, struct hvt_wal *wal);
void hvt_rings_fini(struct hvt_rings *rings);

/*
 * All of the following with the lock. A ring that is drained, and that nobody
 * uses: false if there is none. It is in use then.
 */
bool hvt_rings_take(struct hvt_rings *rings, struct hvt_ring *ring);

/* If none is to be taken: has a thread ended whose ring is not drained? */
bool hvt_rings_is_one_left(const struct hvt_rings *rings);

/* A new one, in use. -errno: the disk is full ... */
int hvt_rings_add(struct hvt_rings *rings, struct hvt_ring *ring);

/*
 * Another ring for the thread whose one is full, which is given up. -EAGAIN: all
 * are in use; -errno: see hvt_rings_add().
 */
int hvt_rings_change(struct hvt_rings *rings, struct hvt_ring *ring);

#endif
