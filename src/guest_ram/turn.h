/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is. The VMM's begins with the first page it is granted, or with
 * new memory that it may have prepared; it ends before a vCPU runs again.
 */
#ifndef HVT_RAM_TURN_H
#define HVT_RAM_TURN_H

#include <signal.h>
#include <time.h>

#include "homes.h"

/*
 * The lock of the room. While a thread of the VMM has it no signal handler may come
 * in, as that might touch guest memory and wait for itself, and nobody may cancel it.
 * With it the ops are called, which take locks of the engine and the recorder; the
 * only lock of this room that is taken under it is that of faults.c.
 */
void hvt_ram_lock(sigset_t *mask);
void hvt_ram_unlock(const sigset_t *mask);

/* For a thread that must never wait for those that have it. */
bool hvt_ram_trylock(void);
void hvt_ram_leave_lock(void);

/* All below under the lock. */

/* fd: of the userfaultfd; ops NULL: it is over, and nothing is followed. */
void hvt_turn_init(const struct hvt_ram_ops *ops, int fd);
const struct hvt_ram_ops *hvt_turn_ops(void);

/*
 * The VMM's turn begins, or goes on, for a thread that is not in the guest:
 * vCPUs are out of it when this returns. True: they had to be taken out, so
 * someone must end the turn soon.
 */
bool hvt_turn_take(pid_t thread);

/* Memory was added that nobody follows yet: at once, if vCPUs are running. */
void hvt_turn_adopted(struct hvt_home *home);

/*
 * A thread waits at a page of h. 0, or -EAGAIN: it is to be done again, when
 * other messages have been read, or later.
 */
int hvt_turn_grant(struct hvt_home *h, uint8_t *page, pid_t thread);

/*
 * The same of all in [start, end) of h, for a thread that does not wait yet. Up to
 * where it is to be done again; end: it is done.
 */
uint8_t *hvt_turn_grant_all(const struct hvt_home *h, uint8_t *start, uint8_t *end,
		pid_t thread);

/* The same where h is not followed: the page is the VMM's as it is. */
int hvt_turn_lend(const struct hvt_home *h, uint8_t *page);

/* [start, end) is not the guest's any more: forgets that it was granted. */
void hvt_turn_forget(uint8_t *start, uint8_t *end);

/* Waits until who holds the turn is through with it, and ends it. */
void hvt_turn_end(void);

/*
 * The same without waiting. True: it has ended, or a thread waits for that; false:
 * it is to be tried again at that time (CLOCK_MONOTONIC).
 */
bool hvt_turn_try_end(struct timespec *again);

/* How many have ended. */
uint64_t hvt_turn_number(void);

/* Until one ends, or some ms. */
void hvt_turn_wait(void);

/* Ends it now. */
void hvt_turn_break(enum hvt_turn_end how);

/*
 * What has been told, without a turn that is on, is one that has ended: a page may
 * be told of once in each.
 */
void hvt_turn_was_one(void);

/* Is it the VMM's, with vCPUs waiting that were taken out for it? */
bool hvt_turn_is_owed(void);

#endif
