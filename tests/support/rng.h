/* SPDX-License-Identifier: MIT */
/* Random numbers for tests: the seed is printed, HVT_SEED sets it. */
#ifndef HVT_TEST_RNG_H
#define HVT_TEST_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

/* Seeds from HVT_SEED, or anew, and prints the seed. */
void rng_init(struct rng *r);

/* A generator that depends on seed alone. */
struct rng rng_from(uint64_t seed);

uint64_t rng_next(struct rng *r);
/* 0 to n - 1; n is not 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
bool rng_bool(struct rng *r);
/* Of random length in bits, so that small and large are equally likely. */
uint64_t rng_any(struct rng *r);
void rng_bytes(struct rng *r, void *p, size_t size);

/* How often: usual, or full if HVT_TEST_FULL is set. */
unsigned test_scale(unsigned usual, unsigned full);

#endif
