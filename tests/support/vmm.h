/* SPDX-License-Identifier: MIT */
/*
 * A VMM of several threads whose every step depends on all answers it got so
 * far, so that a replay which answers otherwise is noticed. It notes when each
 * call began and ended.
 */
#ifndef HVT_TEST_VMM_H
#define HVT_TEST_VMM_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "rng.h"

#define VMM_THREADS   5u /* the first makes the VM, the others a vCPU each */
#define VMM_CALLS_MAX 4096u

struct vmm_thread {
	pthread_t thread;
	unsigned index, steps;
	struct rng rng;
	uint64_t digest; /* of all answers */
	unsigned calls;
	struct {
		uint64_t before, after; /* from one counter */
	} stamps[VMM_CALLS_MAX];
};

struct vmm {
	struct vmm_thread threads[VMM_THREADS];
};

/* The input of a thread's first call, by which it is known in the trace. */
#define VMM_FIRST_INPUT(index) (1000u + (index))

/* Runs it to its end. steps: calls each thread makes, about. */
void vmm_run(struct vmm *vmm, uint64_t seed, unsigned steps);

#endif
