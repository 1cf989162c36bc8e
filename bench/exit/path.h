/* SPDX-License-Identifier: MIT */
/*
 * A path: something that a VMM and its guest do again and again, each time of
 * which is measured by itself, in ticks of CNTVCT_EL0. So there is a median,
 * and there are the slowest of a hundred and of a thousand.
 */
#ifndef HVT_BENCH_PATH_H
#define HVT_BENCH_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "bench.h"

struct path {
	const char *name;
	unsigned batch;          /* done so often in a sample; 0: once */
	void (*begin)(void);     /* once before, or NULL */
	uint64_t (*sample)(void);
	void (*end)(void);       /* once after, or NULL */
};

/* The paths of a file. */
struct path_group {
	const struct path *paths;
	size_t count;
};
#define PATH_GROUP(array) { array, sizeof(array) / sizeof((array)[0]) }

/* The counter of host and guest; all before it is done. */
static inline uint64_t path_now(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
	return now;
}

/* Of it. */
static inline uint64_t path_hz(void)
{
	uint64_t hz;

	__asm__("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

/*
 * A row for each path, or for the one that is the program's operand: ns for
 * one time, and how long a tick is. With --steps, instead of all that, one
 * sample between two BRK instructions, for bench_exit_steps.
 */
void path_measure_all(struct bench *b, const struct path_group *const *groups,
		size_t count);

/* A round of nothing: what measuring adds to a sample. */
uint64_t path_sample_nothing(void);

#endif
