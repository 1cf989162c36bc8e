/* SPDX-License-Identifier: MIT */
/*
 * A64 loads and stores of one general register (Arm ARM C4.1.94, "Loads and
 * Stores"): the forms whose aborts have a syndrome. Bits 29:24 tell the class;
 * classes that have no such form are in decode_more.c.
 */
#include "decode.h"

#include <string.h>

#define LOAD(log2)  (HVT_ESR_ISV | SAS(log2))
#define STORE(log2) (LOAD(log2) | HVT_ESR_WNR)

/*
 * What the plain forms say, by size and opc: what moves, and how. 0: PRFM, and
 * what is not allocated.
 */
static const uint32_t plain[4][4] = {
	{ STORE(0), LOAD(0), LOAD(0) | HVT_ESR_SSE | HVT_ESR_SF,
		LOAD(0) | HVT_ESR_SSE },
	{ STORE(1), LOAD(1), LOAD(1) | HVT_ESR_SSE | HVT_ESR_SF,
		LOAD(1) | HVT_ESR_SSE },
	{ STORE(2), LOAD(2), LOAD(2) | HVT_ESR_SSE | HVT_ESR_SF, 0 },
	{ STORE(3) | HVT_ESR_SF, LOAD(3) | HVT_ESR_SF, 0, 0 },
};

/* Those that always extend with zeros. */
static uint32_t unsigned_load(uint32_t insn)
{
	return plain[field(insn, 30, 2)][1];
}

static bool is(struct hvt_access *a, uint32_t insn, uint32_t iss)
{
	a->iss = iss | SRT(field(insn, 0, 5));
	a->bytes = (uint8_t)(1u << HVT_ESR_SAS(iss));
	return iss;
}

static bool is_plain(struct hvt_access *a, uint32_t insn)
{
	return is(a, insn, plain[field(insn, 30, 2)][field(insn, 22, 2)]);
}

static bool decode_literal(uint32_t insn, struct hvt_access *a)
{
	static const uint32_t iss[4] = { LOAD(2), LOAD(3) | HVT_ESR_SF,
		LOAD(2) | HVT_ESR_SSE | HVT_ESR_SF, 0 };

	a->address = HVT_ADDRESS_LITERAL;
	a->rn = 0;
	a->offset = sign_extended(field(insn, 5, 19), 19) * 4;
	return is(a, insn, iss[field(insn, 30, 2)]);
}

/*
 * LDAR, STLR, LDLAR, STLLR; the exclusives and CAS are beside them. The order
 * of LDLAR and STLLR, within a region, is not what AR tells.
 */
static bool decode_ordered(uint32_t insn, struct hvt_access *a)
{
	uint32_t iss = unsigned_load(insn);

	if (!field(insn, 23, 1) || field(insn, 21, 1))
		return hvt_decode_exclusive(insn, a);
	if (!field(insn, 22, 1))
		iss |= HVT_ESR_WNR;
	if (field(insn, 15, 1))
		iss |= HVT_ESR_AR;
	return is(a, insn, iss);
}

/* LDAPUR, STLUR and their kin. */
static bool decode_ordered_unscaled(uint32_t insn, struct hvt_access *a)
{
	if (field(insn, 10, 2) || field(insn, 21, 1))
		return hvt_decode_tag_or_pair(insn, a);
	a->offset = sign_extended(field(insn, 12, 9), 9);
	if (!is_plain(a, insn))
		return false;
	a->acquire_release = true;
	return true;
}

static bool decode_register_offset(uint32_t insn, struct hvt_access *a)
{
	return is_plain(a, insn) && hvt_decode_index(insn, a->size, a);
}

/* Among the atomics: LDAPR is a plain load with acquire semantics. */
static bool decode_ldapr(uint32_t insn, struct hvt_access *a)
{
	if ((insn & 0x3ffffc00u) != 0x38bfc000u)
		return hvt_decode_atomic(insn, a);
	return is(a, insn, unsigned_load(insn) | HVT_ESR_AR);
}

/* LDUR and LDTR; those that write back have no syndrome. */
static bool decode_unscaled(uint32_t insn, struct hvt_access *a)
{
	uint32_t mode = field(insn, 10, 2);

	if (!is_plain(a, insn))
		return false;
	if (mode != MODE_POST)
		a->offset = sign_extended(field(insn, 12, 9), 9);
	if (mode == MODE_POST || mode == MODE_PRE)
		a->iss &= HVT_ESR_WNR;
	return true;
}

static bool decode_register(uint32_t insn, struct hvt_access *a)
{
	if (!field(insn, 21, 1))
		return decode_unscaled(insn, a);
	switch (field(insn, 10, 2)) {
	case 0:
		return decode_ldapr(insn, a);
	case 2:
		return decode_register_offset(insn, a);
	default:
		return hvt_decode_authenticated(insn, a);
	}
}

static bool decode_unsigned_offset(uint32_t insn, struct hvt_access *a)
{
	a->offset = (int32_t)(field(insn, 10, 12) << field(insn, 30, 2));
	return is_plain(a, insn);
}

bool hvt_decode_access_c(uint32_t insn, struct hvt_access *a)
{
	*a = (struct hvt_access){ .rn = (uint8_t)field(insn, 5, 5) };
	switch (field(insn, 24, 6)) {
	case 0x08:
		return decode_ordered(insn, a);
	case 0x18:
		return decode_literal(insn, a);
	case 0x19:
		return decode_ordered_unscaled(insn, a);
	case 0x38:
		return decode_register(insn, a);
	case 0x39:
		return decode_unsigned_offset(insn, a);
	default:
		return hvt_decode_more(insn, a);
	}
}

uint64_t hvt_access_syndrome(const struct hvt_access *a, uint32_t fsc)
{
	return HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | a->iss | fsc;
}

bool hvt_access_far(uint64_t va, uint32_t bytes, uint64_t ipa, uint64_t *far)
{
	uint64_t ahead = (ipa - va) & 0xfff;

	*far = va + ahead;
	return ahead < bytes;
}

bool hvt_access_stores(
	uint64_t value, uint32_t bytes, bool big_endian, const uint8_t *data)
{
	if (big_endian)
		value = __builtin_bswap64(value << (64 - 8 * bytes));
	return !memcmp(&value, data, bytes);
}
