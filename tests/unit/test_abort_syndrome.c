/* SPDX-License-Identifier: MIT */
/* The syndrome of an abort from a record, as the decoder makes it. */
#include <criterion/criterion.h>

#include "access_table.h"
#include "fastpath.h"
#include "rng.h"

/* What a CPU tells of each form of instruction is what is decoded of it. */
Test(abort_syndrome, is_what_the_decoder_says_of_the_instruction)
{
	struct rng rng;

	rng_init(&rng);
	for (unsigned i = 0; i < 100 * ACCESS_ROWS; i++) {
		const struct access_row *row = &access_rows[i % ACCESS_ROWS];
		uint32_t insn = row->bits | ((uint32_t)rng_next(&rng) &
			~row->mask);
		struct hvt_access a;

		cr_assert(hvt_decode_access(insn, &a));
		cr_assert_eq(hvt_esr_of_abort(hvt_access_syndrome(&a, 7) |
				0xabcull << 32),
			hvt_access_syndrome(&a, 0), "%s, %08x", row->name,
			insn);
	}
}
