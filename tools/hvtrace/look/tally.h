/* SPDX-License-Identifier: MIT */
/*
 * The most frequent of many numbers, in bounded memory: those that occur least
 * are dropped when there are too many, which a count then tells.
 */
#ifndef HVTRACE_TALLY_H
#define HVTRACE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

struct tally_entry {
	uint64_t key, count;
};

struct tally {
	struct tally_entry *slots;
	uint32_t size; /* a power of two, or 0 */
	uint32_t used, limit;
	uint64_t total;   /* counted in all */
	uint64_t dropped; /* of these, under keys that were dropped */
	uint64_t error;   /* no key is counted too low by more than this */
};

/* At most limit keys are kept. */
void tally_init(struct tally *t, uint32_t limit);
void tally_fini(struct tally *t);

/* 0 or -ENOMEM. */
int tally_add(struct tally *t, uint64_t key);

/*
 * The most frequent, at most count of them, the most frequent one first; of
 * equal ones the lower key. Returns how many there are.
 */
uint32_t tally_top(const struct tally *t, struct tally_entry *top,
		uint32_t count);

#endif
