/* SPDX-License-Identifier: MIT */
/* Words through the instruction decoder: what it says makes sense. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fastpath.h"

static void check_address(const struct hvt_access *a)
{
	NEED(a->rt < 32 && a->rn < 32 && a->rm < 32);
	NEED(a->address <= HVT_ADDRESS_XT);
	NEED(a->bytes && a->bytes <= 64);
	NEED(a->offset >= -(1 << 20) && a->offset < 1 << 20);
	NEED(a->shift == 0 || 1u << a->shift == a->bytes);
	if (a->address == HVT_ADDRESS_REGISTER)
		NEED(a->offset == 0 && (a->extend & 2));
	else
		NEED(a->rm == 0 && a->extend == 0 && a->shift == 0);
	if (a->address == HVT_ADDRESS_LITERAL)
		NEED(!a->write && a->offset % 4 == 0);
	if (a->address == HVT_ADDRESS_XT)
		NEED(!a->isv && !a->rt);
	NEED(!a->unused);
	NEED(!a->cache || (a->write && a->address == HVT_ADDRESS_XT));
}

static void check_syndrome(const struct hvt_access *a)
{
	uint64_t esr = hvt_access_syndrome(a, 0x07);

	NEED(esr >> 26 == HVT_EC_DABT_LOWER && (esr & 0x3f) == 7);
	NEED((esr >> 6 & 1) == a->write && (esr >> 8 & 1) == a->cache);
	NEED((esr >> 24 & 1) == a->isv);
	if (!a->isv) {
		NEED((esr >> 14 & 0x3ff) == 0);
		return;
	}
	NEED(a->size <= 3 && 1u << a->size == a->bytes);
	NEED(!(a->write && a->sign_extend));
	NEED(!(a->sign_extend && a->size == 3));
	NEED(a->wide || a->size < 3);
	NEED((esr >> 22 & 3) == a->size && (esr >> 16 & 31) == a->rt);
	NEED((esr >> 15 & 1) == a->wide);
	NEED((esr >> 21 & 1) == a->sign_extend);
	NEED((esr >> 14 & 1) == a->acquire_release);
}

static void check(uint32_t insn)
{
	struct hvt_access a, again;

	if (!hvt_decode_access(insn, &a))
		return;
	/* Loads and stores: bits 27 and 25; else DC and IC (Arm ARM C4.1). */
	NEED(a.address == HVT_ADDRESS_XT ? insn >> 24 == 0xd5
					 : (insn >> 25 & 5) == 4);
	NEED(hvt_decode_access(insn, &again) && again.rt == a.rt);
	check_address(&a);
	check_syndrome(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t insn;

	for (; size >= 4; data += 4, size -= 4) {
		memcpy(&insn, data, 4);
		check(insn);
	}
	return 0;
}
