/* SPDX-License-Identifier: MIT */
/*
 * Random A64 instructions that access memory, of all forms in the tables of
 * tests/unit, and the registers by which they access what is wanted.
 */
#ifndef HVT_TEST_RANDOM_ACCESS_H
#define HVT_TEST_RANDOM_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"

struct random_access {
	unsigned form;
	const char *name;
	uint32_t insn;
	unsigned bytes;   /* 1 for cache instructions */
	bool literal;     /* the address is PC + offset */
	unsigned rn, rm;  /* 31: SP or XZR; rm none if index is false */
	bool sp;          /* rn 31 is SP */
	bool index;
	unsigned extend, shift;
	int64_t offset;
};

unsigned access_forms(void);
/* An instruction of that form, other fields random. */
struct random_access access_make(unsigned form, struct rng *rng);

/*
 * Base and index registers with which it accesses address; false: it cannot.
 * With XZR as a base or index the register is not used.
 */
bool access_aim(const struct random_access *a, uint64_t address,
	struct rng *rng, uint64_t *base, uint64_t *index);
/* For literals: an instruction at pc that accesses address. */
bool access_aim_literal(struct random_access *a, uint64_t address, uint64_t pc);

#endif
