/* SPDX-License-Identifier: MIT */
/*
 * A64 loads and stores of one general register (Arm ARM C4.1.94, "Loads and
 * Stores"). Everything else that accesses memory (pairs, SIMD, exclusives,
 * atomics, write-back) has no syndrome in hardware and is not decoded here.
 */
#include "fastpath.h"

static uint32_t field(uint32_t insn, unsigned low, unsigned width)
{
	return insn >> low & ((1u << width) - 1);
}

static int64_t sign_extended(uint32_t value, unsigned width)
{
	return (int64_t)((uint64_t)value << (64 - width)) >> (64 - width);
}

/*
 * size and opc as the plain forms have them: what moves, and how. False for
 * PRFM and for what is not allocated.
 */
static bool decode_size(uint32_t insn, struct hvt_access *a)
{
	uint32_t opc = field(insn, 22, 2);

	a->size = (uint8_t)field(insn, 30, 2);
	a->write = opc == 0;
	a->sign_extend = opc >= 2;
	a->wide = opc == 2 || (opc < 2 && a->size == 3);
	return !(opc == 2 && a->size == 3) && !(opc == 3 && a->size >= 2);
}

static bool decode_literal(uint32_t insn, struct hvt_access *a)
{
	uint32_t opc = field(insn, 30, 2);

	if (opc == 3)
		return false;
	a->address = HVT_ADDRESS_LITERAL;
	a->offset = sign_extended(field(insn, 5, 19), 19) * 4;
	a->size = opc == 1 ? 3 : 2;
	a->wide = opc != 0;
	a->sign_extend = opc == 2;
	return true;
}

/* LDAR, STLR, LDLAR, STLLR; the exclusives and CAS beside them are not. */
static bool decode_ordered(uint32_t insn, struct hvt_access *a)
{
	if (!field(insn, 23, 1) || field(insn, 21, 1))
		return false;
	a->size = (uint8_t)field(insn, 30, 2);
	a->write = !field(insn, 22, 1);
	a->wide = a->size == 3;
	a->acquire_release = true;
	return true;
}

/* LDAPUR, STLUR and their kin. */
static bool decode_ordered_unscaled(uint32_t insn, struct hvt_access *a)
{
	if (field(insn, 10, 2) || field(insn, 21, 1) || !decode_size(insn, a))
		return false;
	a->offset = sign_extended(field(insn, 12, 9), 9);
	a->acquire_release = true;
	return true;
}

static bool decode_register_offset(uint32_t insn, struct hvt_access *a)
{
	/* Option 0xx with bit 1 clear is not allocated. */
	if (!field(insn, 14, 1) || !decode_size(insn, a))
		return false;
	a->address = HVT_ADDRESS_REGISTER;
	a->rm = (uint8_t)field(insn, 16, 5);
	a->extend = (uint8_t)field(insn, 13, 3);
	a->shift = field(insn, 12, 1) ? a->size : 0;
	return true;
}

/* Among the atomics: LDAPR is a plain load with acquire semantics. */
static bool decode_ldapr(uint32_t insn, struct hvt_access *a)
{
	if ((insn & 0x3ffffc00u) != 0x38bfc000u)
		return false;
	a->size = (uint8_t)field(insn, 30, 2);
	a->wide = a->size == 3;
	a->acquire_release = true;
	return true;
}

static bool decode_register(uint32_t insn, struct hvt_access *a)
{
	if (field(insn, 24, 1)) {
		a->offset = (int64_t)field(insn, 10, 12)
				<< field(insn, 30, 2);
		return decode_size(insn, a);
	}
	if (field(insn, 21, 1)) {
		if (field(insn, 10, 2) == 2)
			return decode_register_offset(insn, a);
		return decode_ldapr(insn, a);
	}
	/* LDUR and LDTR; the write-back forms beside them have bit 10 set. */
	if (field(insn, 10, 1) || !decode_size(insn, a))
		return false;
	a->offset = sign_extended(field(insn, 12, 9), 9);
	return true;
}

bool hvt_decode_access(uint32_t insn, struct hvt_access *access)
{
	struct hvt_access a = {
		.rt = (uint8_t)field(insn, 0, 5),
		.rn = (uint8_t)field(insn, 5, 5),
	};
	bool ok;

	if ((insn & 0x3f000000u) == 0x18000000u)
		ok = decode_literal(insn, &a);
	else if ((insn & 0x3f000000u) == 0x08000000u)
		ok = decode_ordered(insn, &a);
	else if ((insn & 0x3f000000u) == 0x19000000u)
		ok = decode_ordered_unscaled(insn, &a);
	else if ((insn & 0x3e000000u) == 0x38000000u)
		ok = decode_register(insn, &a);
	else
		ok = false;
	*access = a;
	return ok;
}

uint64_t hvt_access_syndrome(const struct hvt_access *a)
{
	return HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | 1ull << 24 |
			(uint64_t)a->size << 22 |
			(uint64_t)a->sign_extend << 21 | (uint64_t)a->rt << 16 |
			(uint64_t)a->wide << 15 |
			(uint64_t)a->acquire_release << 14 |
			(a->write ? HVT_ESR_WNR : 0) | HVT_DFSC_TRANSLATION;
}
