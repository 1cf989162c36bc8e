/* SPDX-License-Identifier: MIT */
/*
 * Paths that take several threads: getting a vCPU out of its guest, and going
 * from one vCPU to another. How the vCPU is run is the program's, as what the
 * two programs measure must differ in nothing else.
 */
#ifndef HVT_BENCH_MATES_H
#define HVT_BENCH_MATES_H

#include <stdint.h>

#include "guest_code.h"

#define MATES_KICKERS 4u

/* A vCPU that belongs to a thread of its own. */
struct mate {
	void (*open)(enum guest_loop loop); /* in that thread, as the next two */
	void (*run)(void);  /* to its exit, or until it is got out */
	void (*close)(void);
	void (*kick)(void); /* gets it out; any thread */
	volatile struct guest_flags *flags; /* of the guest */
};

/*
 * A guest runs at loop (GUEST_SPIN or GUEST_DOZE) until kicks_end(). A sample:
 * from before the first of count threads gets it out until the last of them
 * knows that its run has ended.
 */
void kicks_begin(const struct mate *m, enum guest_loop loop);
uint64_t kicks_sample(unsigned count);
void kicks_end(void);

/*
 * The mate waits at GUEST_CALL. A sample is two changes: the own vCPU is run by
 * run(), then the mate's, and its thread hands back.
 */
void turns_begin(const struct mate *m);
uint64_t turns_sample(void (*run)(void));
void turns_end(void);

#endif
