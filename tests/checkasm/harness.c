/* SPDX-License-Identifier: MIT */
/* Calls with junk in all that is free, and what was not kept. */
#include "checkasm.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TOLD 20 /* failures of one claim that are told */

static_assert(offsetof(struct checkasm_kept, d) == 88, "KEPT_D");
static_assert(offsetof(struct checkasm_kept, fpcr) == 152, "KEPT_FPCR");
static_assert(offsetof(struct checkasm_kept, sp) == 160, "KEPT_SP");
static_assert(offsetof(struct checkasm_kept, above) == 168, "KEPT_ABOVE");

void checkasm_fail(struct checkasm *c, const char *format, ...)
{
	va_list list;

	if (c->failures++ >= TOLD || c->quiet)
		return;
	printf("# %s: ", c->name);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
}

void checkasm_claim(struct checkasm *c)
{
	printf("%s %s\n", c->failures ? "not ok" : "ok", c->name);
	if (c->failures)
		printf("# %" PRIu64 " failures\n", c->failures);
	c->failed |= c->failures;
	c->failures = 0;
	fflush(stdout);
}

static void compare(struct checkasm *c, const char *what, unsigned first,
	const uint64_t *before, const uint64_t *after, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (before[i] != after[i])
			checkasm_fail(c,
				"%s%u was %#" PRIx64 " and is %#" PRIx64, what,
				first + i, before[i], after[i]);
}

uint64_t checkasm_call(struct checkasm *c, const void *function,
	const uint64_t args[8])
{
	/* FPCR's rounding mode and FZ: what every CPU has. */
	const uint64_t fpcr_bits = 7u << 22;
	struct checkasm_kept before, after;
	uint64_t result;

	rng_bytes(&c->rng, &before, sizeof(before));
	before.fpcr &= fpcr_bits;
	before.sp = 0;
	result = checkasm_trampoline(args, &before, &after, function);
	if (!memcmp(&before, &after, sizeof(before)))
		return result;
	compare(c, "x", 19, before.x, after.x, 11);
	compare(c, "d", 8, before.d, after.d, 8);
	compare(c, "fpcr ", 0, &before.fpcr, &after.fpcr, 1);
	compare(c, "sp ", 0, &before.sp, &after.sp, 1);
	compare(c, "stack ", 0, before.above, after.above, 8);
	return result;
}

void checkasm_memory_create(
	struct checkasm *c, struct checkasm_memory *m, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *p;

	size = (size + page - 1) & ~(page - 1);
	p = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	m->copy = malloc(size);
	if (p == MAP_FAILED || !m->copy ||
		mprotect(p + page, size, PROT_READ | PROT_WRITE)) {
		puts("Bail out! no memory");
		exit(2);
	}
	m->start = p + page;
	m->end = m->start + size;
	rng_bytes(&c->rng, m->start, size);
	memcpy(m->copy, m->start, size);
}

void checkasm_memory_destroy(struct checkasm_memory *m)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	munmap(m->start - page, (size_t)(m->end - m->start) + 2 * page);
	free(m->copy);
}

void checkasm_memory_check(struct checkasm *c, struct checkasm_memory *m,
	const void *p, size_t size)
{
	size_t at = (size_t)((const uint8_t *)p - m->start);
	size_t all = (size_t)(m->end - m->start);

	memcpy(m->start + at, m->copy + at, size);
	if (!memcmp(m->start, m->copy, all))
		return;
	for (size_t i = 0; i < all; i++)
		if (m->start[i] != m->copy[i])
			checkasm_fail(c, "wrote at %+td of what it was given",
				(ptrdiff_t)i - (ptrdiff_t)at);
	memcpy(m->start, m->copy, all);
}
