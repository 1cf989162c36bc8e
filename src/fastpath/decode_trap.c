/* SPDX-License-Identifier: MIT */
/*
 * A64 instructions that trap as a whole, whatever they access (Arm ARM C4.1,
 * "Branches, Exception generating and System instructions"): what they are is
 * all that the syndrome says, so it is all in the instruction.
 */
#include "decode.h"

static uint64_t of_class(uint32_t class, uint32_t iss)
{
	return HVT_ESR_EC(class) | HVT_ESR_IL | iss;
}

/* HVC, SMC and BRK, by opc and LL, of a class where nothing else is. */
static bool decode_call(uint32_t insn, uint64_t *syndrome)
{
	static const struct {
		uint32_t bits, class;
	} calls[] = {
		{ 0xd4000002u, HVT_EC_HVC64 },
		{ 0xd4000003u, HVT_EC_SMC64 },
		{ 0xd4200000u, HVT_EC_BRK64 },
	};

	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if ((insn & 0xffe0001fu) != calls[i].bits)
			continue;
		*syndrome = of_class(calls[i].class, field(insn, 5, 16));
		return true;
	}
	return false;
}

/* COND is AL and valid, as A64 has it; RN is with a timeout alone. */
static bool decode_wait(uint32_t insn, uint64_t *syndrome)
{
	const uint32_t always = 1u << 24 | 0xeu << 20, rv = 1u << 2;
	uint32_t wfi, register_of = field(insn, 0, 5) << 5;

	if (insn == 0xd503205fu || insn == 0xd503207fu) {
		wfi = insn == 0xd503207fu;
		*syndrome = of_class(HVT_EC_WFX, always | !wfi);
		return true;
	}
	if ((insn & ~0x3fu) != 0xd5031000u)
		return false;
	wfi = field(insn, 5, 1);
	*syndrome = of_class(HVT_EC_WFX, always | register_of | rv | 2u | !wfi);
	return true;
}

/* MRS, MSR (register), SYS, SYSL: op0 is not 0. */
static bool decode_system(uint32_t insn, uint64_t *syndrome)
{
	uint32_t op0 = field(insn, 19, 2);

	if (field(insn, 22, 10) != 0x354 || !op0)
		return false;
	*syndrome = of_class(HVT_EC_SYS64,
		op0 << 20 | field(insn, 5, 3) << 17 | field(insn, 16, 3) << 14 |
			field(insn, 12, 4) << 10 | field(insn, 0, 5) << 5 |
			field(insn, 8, 4) << 1 | field(insn, 21, 1));
	return true;
}

bool hvt_decode_trap(uint32_t insn, uint64_t *syndrome)
{
	return decode_call(insn, syndrome) || decode_wait(insn, syndrome) ||
		decode_system(insn, syndrome);
}
