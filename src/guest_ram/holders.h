/* SPDX-License-Identifier: MIT */
/*
 * The threads that were granted pages in this turn and have not made a call
 * since: until they do, sleep or end they may be in the middle of something.
 */
#ifndef HVT_RAM_HOLDERS_H
#define HVT_RAM_HOLDERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* How many there are; to be read without the lock. */
extern atomic_uint hvt_holders;

pid_t hvt_thread_id(void);

void hvt_holders_add(pid_t thread);

/* True: it was the last one. */
bool hvt_holders_remove(pid_t thread);

/*
 * Forgets those that sleep or are gone, unless is_waiting() says that some may
 * do so only until they are granted another page; how many remain.
 */
unsigned hvt_holders_prune(bool (*is_waiting)(void));

void hvt_holders_clear(void);

#endif
