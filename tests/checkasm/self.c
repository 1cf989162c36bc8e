/* SPDX-License-Identifier: MIT */
/* The harness sees each thing that a function must not do. */
#include <stdio.h>

#include "checkasm.h"

#define EACH_BROKEN(X)                                                         \
	X(x19) X(x20) X(x21) X(x22) X(x23) X(x24) X(x25) X(x26) X(x27) X(x28)  \
	X(x29) X(d8) X(d9) X(d10) X(d11) X(d12) X(d13) X(d14) X(d15) X(fpcr)   \
	X(sp) X(stack) X(memory_behind) X(memory_before)

/* broken.S */
uint64_t checkasm_good(void *place);
#define DECLARE(name) uint64_t checkasm_breaks_##name(void *place);
EACH_BROKEN(DECLARE)

static const struct {
	const char *name;
	uint64_t (*function)(void *place);
} broken[] = {
#define ROW(name) { #name, checkasm_breaks_##name },
	EACH_BROKEN(ROW)
};

static uint64_t failures_of(struct checkasm *c, struct checkasm_memory *m,
	uint64_t (*function)(void *place))
{
	struct checkasm inner = { .rng = c->rng, .quiet = true };
	uint8_t *place = m->start + 64;
	const uint64_t args[8] = { (uintptr_t)place };

	checkasm_call(&inner, (const void *)(uintptr_t)function, args);
	checkasm_memory_check(&inner, m, place, 16);
	c->rng = inner.rng;
	return inner.failures;
}

void checkasm_self(struct checkasm *c)
{
	struct checkasm_memory m;

	checkasm_memory_create(c, &m, 4096);
	c->name = "harness/sees_each_thing_that_is_not_kept";
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (failures_of(c, &m, broken[i].function) != 1)
			checkasm_fail(c, "%s is not seen", broken[i].name);
	checkasm_claim(c);
	c->name = "harness/has_nothing_against_a_good_function";
	if (failures_of(c, &m, checkasm_good))
		checkasm_fail(c, "it has");
	checkasm_claim(c);
	checkasm_memory_destroy(&m);
}
