/* SPDX-License-Identifier: MIT */
/*
 * Functions in assembly against their twins in C: what they return and write,
 * and that they keep what a function must keep (AAPCS64 6.1 and 6.2). A test
 * of a twin is a function in main.c's table; it makes up arguments, calls the
 * twin in C as it likes and the one in assembly through checkasm_call(), and
 * compares. Single-threaded.
 */
#ifndef HVT_CHECKASM_H
#define HVT_CHECKASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rng.h"

/* What a function leaves as it found it; offsets are known to call.S. */
struct checkasm_kept {
	uint64_t x[11]; /* x19 to x29 */
	uint64_t d[8];  /* d8 to d15: the lower halves of v8 to v15 */
	uint64_t fpcr;
	uint64_t sp;       /* how far it is from where it was: 0 */
	uint64_t above[8]; /* its caller's stack, from sp on */
};

struct checkasm {
	struct rng rng;
	const char *name; /* of the claim being tested */
	uint64_t failures; /* of it */
	bool quiet;  /* the harness tests itself: counts, says nothing */
	bool failed; /* any claim */
};

/* Memory that ends where nothing may be accessed, on both sides. */
struct checkasm_memory {
	uint8_t *start, *end;
	uint8_t *copy;
};

/* A failure of c->name: counted, and told unless there were many. */
void checkasm_fail(struct checkasm *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Calls function with these in x0 to x7, and other registers, flags, FPCR and
 * the stack below full of what may be there. Returns x0. What was not kept is
 * a failure.
 */
uint64_t checkasm_call(struct checkasm *c, const void *function,
	const uint64_t args[8]);

/* Random bytes, at least size of them. Ends the program if it cannot. */
void checkasm_memory_create(
	struct checkasm *c, struct checkasm_memory *m, size_t size);
void checkasm_memory_destroy(struct checkasm_memory *m);
/* Nothing but size bytes at p was written since; and makes it so again. */
void checkasm_memory_check(struct checkasm *c, struct checkasm_memory *m,
	const void *p, size_t size);

/* The claim was tested: prints its line, and there are no failures yet. */
void checkasm_claim(struct checkasm *c);

/* The tests: each sets c->name and ends with checkasm_claim(). */
void checkasm_self(struct checkasm *c);
void checkasm_decode(struct checkasm *c);
void checkasm_run(struct checkasm *c);

/* call.S. The function is the last argument, and gets none of these. */
uint64_t checkasm_trampoline(const uint64_t args[8],
	const struct checkasm_kept *before, struct checkasm_kept *after,
	const void *function);

#endif
