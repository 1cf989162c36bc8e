/* SPDX-License-Identifier: MIT */
/*
 * Two threads of ours. One reads what the kernel tells of the VMM's memory, and
 * must never wait for the lock: who has it may be waiting for it to read. What
 * it cannot do at once it leaves to the other, the keeper, which also ends
 * turns for which vCPUs were taken out of the guest.
 */
#ifndef HVT_RAM_FAULTS_H
#define HVT_RAM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* 0 or -errno. */
int hvt_faults_start(int uffd);

/* Ends both, and closes uffd, which lets go whoever waits. Without the lock. */
void hvt_faults_stop(void);

/*
 * A thread that unmaps or moves memory goes on when the reader has read of it,
 * and may have other memory there long before the homes say so. Under the lock,
 * which keeps the reader from dealing with it; any thread but the reader.
 *
 * settle() waits until what has been read so far is dealt with or left for later.
 * took() has all read and left, and says whether a part of [start, end) is among
 * what is left, as not being ours any more. catch_up() does all of that: now the
 * homes are what the VMM has.
 */
void hvt_faults_settle(void);
bool hvt_faults_took(const uint8_t *start, const uint8_t *end);
void hvt_faults_catch_up(void);

/* A turn is to be ended. */
void hvt_faults_wake_keeper(void);

/* Is a thread waiting to be granted a page? Any thread. */
bool hvt_faults_are_waiting(void);

#endif
