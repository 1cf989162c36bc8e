/* SPDX-License-Identifier: MIT */
/* hvt_decode_access(): the assembly against the C. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checkasm.h"
#include "fastpath.h"

static void compare(struct checkasm *c, uint32_t insn, uint64_t result,
	const struct hvt_access *got)
{
	struct hvt_access want;
	bool is = hvt_decode_access_c(insn, &want);
	uint64_t a[2], b[2];

	if ((result & 0xff) != is)
		checkasm_fail(c, "%08" PRIx32 ": %s an access", insn,
			is ? "is not" : "is");
	if (!is || !memcmp(got, &want, sizeof(want)))
		return;
	memcpy(a, &want, sizeof(a));
	memcpy(b, got, sizeof(b));
	checkasm_fail(c,
		"%08" PRIx32 ": %016" PRIx64 " %016" PRIx64 " in C, %016" PRIx64
		" %016" PRIx64 " in assembly", insn, a[0], a[1], b[0], b[1]);
}

/* At either end of the memory, so that no byte too many goes unseen. */
static void check(struct checkasm *c, struct checkasm_memory *m, uint32_t insn)
{
	struct hvt_access *a = rng_bool(&c->rng)
		? (struct hvt_access *)m->start
		: (struct hvt_access *)m->end - 1;
	uint64_t args[8];

	rng_bytes(&c->rng, args, sizeof(args));
	args[0] = args[0] << 32 | insn;
	args[1] = (uintptr_t)a;
	compare(c, insn,
		checkasm_call(c, (const void *)(uintptr_t)hvt_decode_access_asm,
			args), a);
	checkasm_memory_check(c, m, a, sizeof(*a));
}

/* Forms are told apart by bits 31:21 and 15:10; the others at their ends. */
static void check_forms(struct checkasm *c)
{
	struct checkasm_memory m;

	c->name = "decode/keeps_what_it_must_in_every_form";
	checkasm_memory_create(c, &m, 4096);
	for (uint32_t form = 0; form < 1u << 17; form++) {
		uint32_t fixed = form >> 6 << 21 | (form & 63) << 10;
		uint32_t rest = (uint32_t)rng_next(&c->rng) & 0x1f03ffu;

		/* Where loads and stores, and system instructions, are. */
		if ((fixed & 0x0a000000u) != 0x08000000u &&
			fixed >> 24 != 0xd5 && form % 16)
			continue;
		check(c, &m, fixed);
		check(c, &m, fixed | 0x1f03ffu);
		check(c, &m, fixed | rest);
		check(c, &m, fixed | 0x1f0000u | rest);
	}
	for (unsigned i = 0; i < 20000; i++)
		check(c, &m, (uint32_t)rng_next(&c->rng));
	checkasm_memory_destroy(&m);
	checkasm_claim(c);
}

static void compare_words(struct checkasm *c, uint32_t high, uint32_t low)
{
	struct hvt_access a;
	uint32_t insn = high << 10 | low;

	compare(c, insn, hvt_decode_access_asm(insn, &a), &a);
}

/* All of bits 31:10, with some of the registers in 9:0, or with all. */
static void check_words(struct checkasm *c)
{
	bool full = test_scale(0, 1);

	c->name = full ? "decode/does_what_its_twin_does_with_all_words"
		       : "decode/does_what_its_twin_does";
	for (uint32_t high = 0; high < 1u << 22; high++) {
		compare_words(c, high, (uint32_t)rng_next(&c->rng) & 0x3ff);
		for (uint32_t low = 0; full && low < 1024; low++)
			compare_words(c, high, low);
	}
	checkasm_claim(c);
}

void checkasm_decode(struct checkasm *c)
{
	check_forms(c);
	check_words(c);
}
