/* SPDX-License-Identifier: MIT */
/*
 * What the guests of full_memory.c write, by one computation: in their code, and
 * here, for those that judge.
 */
#ifndef HVT_TEST_FULL_MEMORY_H
#define HVT_TEST_FULL_MEMORY_H

#include <stdint.h>

#define FULL_IPA   0x80000000ull
#define FULL_PAGES 64u
#define FULL_CPUS  4u

/* Of every page, a vCPU writes words in one lane, and its VMM in the next one. */
#define LANE_WORDS   32u
#define LANE_SIZE    (8u * LANE_WORDS)
#define GUEST_LANE(n) (2u * (n)*LANE_SIZE)
#define VMM_LANE(n)   (GUEST_LANE(n) + LANE_SIZE)

/* The numbers that say where a store goes, and are what it stores. */
static inline uint64_t full_next(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

static inline unsigned full_page(uint64_t x)
{
	return (unsigned)(x >> 8) % FULL_PAGES;
}

static inline unsigned full_word(uint64_t x)
{
	return (unsigned)(x >> 20) % LANE_WORDS;
}

static inline uint64_t full_seed(unsigned cpu)
{
	return 0x9e3779b97f4a7c15u * (cpu + 1);
}

/* Runs of a vCPU, and stores in each of them: one of the VMM, behind it. */
#define FULL_ROUNDS 40u
#define FULL_STORES 24u

/* A VMM of so many vCPUs; returns what main() is to. */
int vmm_of_writers(unsigned cpus);

#endif
