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

/* 0 or -errno. */
int hvt_faults_start(int uffd);

/* Ends both, and closes uffd, which lets go whoever waits. Without the lock. */
void hvt_faults_stop(void);

/*
 * Waits until what has been read from the kernel so far has been told apart
 * into what concerns whom. Any thread but the reader.
 */
void hvt_faults_settle(void);

/* A turn is to be ended. */
void hvt_faults_wake_keeper(void);

/* Is a thread waiting to be granted a page? Any thread. */
bool hvt_faults_are_waiting(void);

#endif
