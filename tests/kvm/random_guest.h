/* SPDX-License-Identifier: MIT */
/*
 * A guest for random accesses (random_access.h): at EL0 or EL1, by translation
 * tables of all shapes or none, to memory that is there, is not, or may not be
 * accessed so. What it is like depends on the random numbers alone.
 */
#ifndef HVT_TEST_RANDOM_GUEST_H
#define HVT_TEST_RANDOM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "conformance.h"
#include "random_access.h"
#include "rng.h"
#include "stage1.h"

/* Stage 1 pages of the window, which is what is between RAM and the void. */
#define WINDOW_PAGES 8u

/* How code runs, and by which tables. */
struct random_setting {
	bool mmu, el0, sp_el0, tbi;
	bool code_high, data_high; /* translated by TTBR1 */
	int far_level;             /* of the leaf that the far window has */
	struct stage1 tables[2];   /* TTBR0, TTBR1 */
	uint64_t code, near, far;  /* virtual addresses */
	uint64_t far_ipa, far_size;
	unsigned order[WINDOW_PAGES];
};

/* The VM; random numbers come from rng from now on. */
void random_guest_start(struct rng *rng);

/* Another setting for the vCPU. */
void random_guest_set(struct cpu *cpu, struct random_setting *s);

/*
 * Has the vCPU about to do the access, and a call behind it. False: it cannot
 * be aimed anywhere.
 */
bool random_guest_aim(struct cpu *cpu, const struct random_setting *s,
	struct random_access *a);

/* Is something mapped at ipa, whatever it may be accessed for? */
bool random_guest_has(uint64_t ipa);

#endif
