/* SPDX-License-Identifier: MIT */
/* What a syndrome says of an access: the decoder's answer, the other way. */
#include <criterion/criterion.h>

#include "access_table.h"
#include "fastpath.h"
#include "rng.h"

/* IL, ISV, SAS, SSE, SRT, SF, AR, CM, WnR (Arm ARM D17.2.37); the status. */
#define IL     (1u << 25)
#define ISV    (1u << 24)
#define OF_ISV (3u << 22 | 1u << 21 | 31u << 16 | 3u << 14)
#define ALWAYS (0x3fu << 26 | IL | ISV | 1u << 8 | 1u << 6)
#define STATUS 0x3fu

static uint32_t there_and_back(uint32_t esr)
{
	struct hvt_access a;

	hvt_syndrome_access(esr, &a);
	return (uint32_t)hvt_access_syndrome(&a, esr & STATUS);
}

/* All of 2^25 and IL; what no access has by itself is not kept. */
Test(syndrome_access, keeps_all_that_is_of_an_access)
{
	for (uint32_t iss = 0; iss < 1u << 26; iss++) {
		uint32_t esr = HVT_EC_DABT_LOWER << 26 | iss;
		uint32_t kept = ALWAYS | STATUS | (esr & ISV ? OF_ISV : 0);

		if (there_and_back(esr) != (esr & kept))
			cr_assert_fail("%08x: %08x, should be %08x", esr,
				there_and_back(esr), esr & kept);
	}
}

Test(syndrome_access, is_what_the_decoder_says_of_the_instruction)
{
	struct rng rng;

	rng_init(&rng);
	for (unsigned i = 0; i < 100 * ACCESS_ROWS; i++) {
		const struct access_row *row = &access_rows[i % ACCESS_ROWS];
		uint32_t insn = row->bits | ((uint32_t)rng_next(&rng) &
			~row->mask);
		struct hvt_access a, b;

		cr_assert(hvt_decode_access(insn, &a));
		hvt_syndrome_access((uint32_t)hvt_access_syndrome(&a, 7), &b);
		cr_assert(b.isv && !b.narrow && b.write == a.write &&
			b.cache == a.cache && b.size == a.size &&
			b.bytes == a.bytes && b.rt == a.rt &&
			b.sign_extend == a.sign_extend && b.wide == a.wide &&
			b.acquire_release == a.acquire_release,
			"%s, %08x", row->name, insn);
	}
}

/* ldrsh w4 of EL0; dc civac; the latter's fields are no fields. */
Test(syndrome_access, reads_what_hardware_has_written)
{
	struct hvt_access a;

	hvt_syndrome_access(0x93640007, &a);
	cr_assert(a.isv && !a.write && !a.cache && !a.narrow);
	cr_assert(a.size == 1 && a.bytes == 2 && a.rt == 4 && a.sign_extend);
	cr_assert(!a.wide && !a.acquire_release);
	hvt_syndrome_access(0x92ff0147, &a);
	cr_assert(!a.isv && a.write && a.cache && !a.narrow);
	cr_assert(!a.size && !a.bytes && !a.rt && !a.sign_extend && !a.wide);
}

/* T32: the length of the instruction is what KVM steps over it by. */
Test(syndrome_access, tells_an_instruction_of_16_bits)
{
	struct hvt_access a;

	hvt_syndrome_access(0x91400007, &a);
	cr_assert(a.isv && a.narrow);
	cr_assert(!(hvt_access_syndrome(&a, 7) & HVT_ESR_IL));
}
