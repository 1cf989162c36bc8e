/* SPDX-License-Identifier: MIT */
/*
 * Instructions that trap as a whole: syndromes as CPUs make them, and proof
 * that there are no others. tests/kvm/el2_oracle.c asks a guest's EL2.
 */
#include <criterion/criterion.h>

#include "fastpath.h"
#include "rng.h"

/* Words as an assembler makes them. */
static const struct {
	uint32_t insn, syndrome;
	const char *text;
} known[] = {
	{ 0xd4000002, 0x5a000000, "hvc #0" },
	{ 0xd4024682, 0x5a001234, "hvc #0x1234" },
	{ 0xd4000003, 0x5e000000, "smc #0" },
	{ 0xd41fffe3, 0x5e00ffff, "smc #0xffff" },
	{ 0xd4200000, 0xf2000000, "brk #0" },
	{ 0xd43e0000, 0xf200f000, "brk #0xf000" },
	{ 0xd503207f, 0x07e00000, "wfi" },
	{ 0xd503205f, 0x07e00001, "wfe" },
	{ 0xd5031027, 0x07e000e6, "wfit x7" },
	{ 0xd503101f, 0x07e003e7, "wfet xzr" },
	{ 0xd5381000, 0x62300401, "mrs x0, sctlr_el1" },
	{ 0xd5181005, 0x623004a0, "msr sctlr_el1, x5" },
	{ 0xd53be041, 0x6234f821, "mrs x1, cntvct_el0" },
	{ 0xd518d09f, 0x623837e0, "msr tpidr_el1, xzr" },
	{ 0xd5033fdf, 0, "isb" },
	{ 0xd503201f, 0, "nop" },
	{ 0xd50342df, 0, "msr daifset, #2" },
	{ 0xd4000001, 0, "svc #0" },
	{ 0xd4400000, 0, "hlt #0" },
	{ 0xd4a00001, 0, "dcps1" },
	{ 0xd65f03c0, 0, "ret" },
};

Test(decode_trap, makes_the_syndromes_that_hardware_makes)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint64_t got = 0;
		bool is = hvt_decode_trap(known[i].insn, &got);

		cr_assert_eq(is, known[i].syndrome != 0, "%s", known[i].text);
		cr_assert_eq(got, known[i].syndrome, "%s: %llx", known[i].text,
			(unsigned long long)got);
	}
}

static uint32_t bits(uint64_t esr, unsigned low, unsigned width)
{
	return (uint32_t)(esr >> low) & ((1u << width) - 1);
}

/* The one instruction that has a syndrome. */
static uint32_t encode(uint64_t esr)
{
	uint32_t immediate = bits(esr, 0, 16) << 5, ti = bits(esr, 0, 2);

	switch (esr >> 26) {
	case 0x16:
		return 0xd4000002u | immediate;
	case 0x17:
		return 0xd4000003u | immediate;
	case 0x3c:
		return 0xd4200000u | immediate;
	case 0x18:
		return 0xd5000000u | bits(esr, 0, 1) << 21 |
			bits(esr, 20, 2) << 19 | bits(esr, 14, 3) << 16 |
			bits(esr, 10, 4) << 12 | bits(esr, 1, 4) << 8 |
			bits(esr, 17, 3) << 5 | bits(esr, 5, 5);
	case 0x01:
		if (bits(esr, 2, 1))
			return 0xd5031000u | (ti == 2) << 5 | bits(esr, 5, 5);
		return ti ? 0xd503205fu : 0xd503207fu;
	default:
		return 0;
	}
}

/* All of bits 24:0 of where they are: as many as there are, each its own. */
Test(decode_trap, knows_each_instruction_and_no_other)
{
	const unsigned calls = 3 * 65536, waits = 2 + 2 * 32,
		       systems = 3 * 2 * 8 * 16 * 16 * 8 * 32;
	unsigned count = 0;
	struct rng r;

	for (uint32_t insn = 0xd4000000u; insn < 0xd6000000u; insn++) {
		uint64_t esr;

		if (!hvt_decode_trap(insn, &esr))
			continue;
		count++;
		cr_assert_eq(encode(esr), insn, "%08x", insn);
		cr_assert_eq(esr >> 25 & 1, 1, "%08x", insn);
	}
	cr_assert_eq(count, calls + waits + systems);
	rng_init(&r);
	for (unsigned i = 0; i < 1000000; i++) {
		uint32_t insn = (uint32_t)rng_next(&r);

		if (insn >> 25 != 0xd4 >> 1)
			cr_assert_not(hvt_decode_trap(insn, &(uint64_t){ 0 }));
	}
}
