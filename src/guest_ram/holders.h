/* SPDX-License-Identifier: MIT */
/*
 * The threads that were granted pages in this turn and have not made a call
 * since: until they do, sleep or end they may be in the middle of something.
 */
#ifndef HVT_RAM_HOLDERS_H
#define HVT_RAM_HOLDERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How many there are; to be read without the lock. */
extern atomic_uint hvt_holders;

pid_t hvt_thread_id(void);

/* It may be one already: then it has got on, and counts as new. */
void hvt_holders_add(pid_t thread);

/* Was it one? */
bool hvt_holders_remove(pid_t thread);

/*
 * Forgets those that wait for other threads or are gone, unless is_waiting()
 * says that some may do so only until they are granted another page; how many
 * remain. now: in ns, of any clock. *spent: ns of CPU that one of them has used
 * since it was first looked at, or got on.
 */
unsigned hvt_holders_prune(uint64_t now, bool (*is_waiting)(void),
		uint64_t *spent);

void hvt_holders_clear(void);

#endif
