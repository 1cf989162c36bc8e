/* SPDX-License-Identifier: MIT */
/* The shortest way from one row of things to another, for small rows. Pure. */
#ifndef HVTRACE_ALIGN_H
#define HVTRACE_ALIGN_H

#include <stdint.h>

#define ALIGN_MAX 256u /* things in a row */

enum align_step {
	ALIGN_BOTH = 0, /* the next of both are the same */
	ALIGN_A,        /* the next of a is not in b */
	ALIGN_B,        /* the next of b is not in a */
};

/*
 * Fills in steps, of which there are at most na + nb, and returns how many:
 * those with the most ALIGN_BOTH, and ALIGN_A before ALIGN_B between them.
 */
unsigned align(const uint64_t *a, unsigned na, const uint64_t *b, unsigned nb,
		uint8_t *steps);

#endif
