/* SPDX-License-Identifier: MIT */
/*
 * A64 loads and stores of one general register (Arm ARM C4.1.94, "Loads and
 * Stores"): the forms whose aborts have a syndrome. Bits 29:24 tell the class;
 * classes that have no such form are in decode_more.c.
 */
#include "decode.h"

/*
 * size and opc as the plain forms have them: what moves, and how. False for
 * PRFM and for what is not allocated.
 */
static bool decode_size(uint32_t insn, struct hvt_access *a)
{
	uint32_t opc = field(insn, 22, 2);

	a->isv = true;
	a->size = (uint8_t)field(insn, 30, 2);
	a->bytes = (uint8_t)(1u << a->size);
	a->write = opc == 0;
	a->sign_extend = opc >= 2;
	a->wide = opc == 2 || (opc < 2 && a->size == 3);
	return !(opc == 2 && a->size == 3) && !(opc == 3 && a->size >= 2);
}

static bool decode_literal(uint32_t insn, struct hvt_access *a)
{
	uint32_t opc = field(insn, 30, 2);

	a->isv = true;
	a->address = HVT_ADDRESS_LITERAL;
	a->offset = sign_extended(field(insn, 5, 19), 19) * 4;
	a->size = opc == 1 ? 3 : 2;
	a->bytes = (uint8_t)(1u << a->size);
	a->wide = opc != 0;
	a->sign_extend = opc == 2;
	return opc != 3;
}

/*
 * LDAR, STLR, LDLAR, STLLR; the exclusives and CAS are beside them. The order
 * of LDLAR and STLLR, within a region, is not what AR tells.
 */
static bool decode_ordered(uint32_t insn, struct hvt_access *a)
{
	if (!field(insn, 23, 1) || field(insn, 21, 1))
		return hvt_decode_exclusive(insn, a);
	a->isv = true;
	a->size = (uint8_t)field(insn, 30, 2);
	a->bytes = (uint8_t)(1u << a->size);
	a->write = !field(insn, 22, 1);
	a->wide = a->size == 3;
	a->acquire_release = field(insn, 15, 1);
	return true;
}

/* LDAPUR, STLUR and their kin. */
static bool decode_ordered_unscaled(uint32_t insn, struct hvt_access *a)
{
	if (field(insn, 10, 2) || field(insn, 21, 1))
		return hvt_decode_tag_or_pair(insn, a);
	a->offset = sign_extended(field(insn, 12, 9), 9);
	a->acquire_release = true;
	return decode_size(insn, a);
}

static bool decode_register_offset(uint32_t insn, struct hvt_access *a)
{
	if (!decode_size(insn, a))
		return false;
	return hvt_decode_index(insn, a->size, a);
}

/* Among the atomics: LDAPR is a plain load with acquire semantics. */
static bool decode_ldapr(uint32_t insn, struct hvt_access *a)
{
	if ((insn & 0x3ffffc00u) != 0x38bfc000u)
		return hvt_decode_atomic(insn, a);
	a->isv = true;
	a->size = (uint8_t)field(insn, 30, 2);
	a->bytes = (uint8_t)(1u << a->size);
	a->wide = a->size == 3;
	a->acquire_release = true;
	return true;
}

/* LDUR and LDTR; those that write back have no syndrome. */
static bool decode_unscaled(uint32_t insn, struct hvt_access *a)
{
	uint32_t mode = field(insn, 10, 2);

	if (!decode_size(insn, a))
		return false;
	a->isv = mode == MODE_UNSCALED || mode == MODE_UNPRIVILEGED;
	if (mode != MODE_POST)
		a->offset = sign_extended(field(insn, 12, 9), 9);
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
	return decode_size(insn, a);
}

bool hvt_decode_access(uint32_t insn, struct hvt_access *access)
{
	struct hvt_access a = {
		.rt = (uint8_t)field(insn, 0, 5),
		.rn = (uint8_t)field(insn, 5, 5),
	};
	bool ok;

	switch (field(insn, 24, 6)) {
	case 0x08:
		ok = decode_ordered(insn, &a);
		break;
	case 0x18:
		ok = decode_literal(insn, &a);
		break;
	case 0x19:
		ok = decode_ordered_unscaled(insn, &a);
		break;
	case 0x38:
		ok = decode_register(insn, &a);
		break;
	case 0x39:
		ok = decode_unsigned_offset(insn, &a);
		break;
	default:
		ok = hvt_decode_more(insn, &a);
	}
	*access = a;
	return ok;
}

uint64_t hvt_access_syndrome(const struct hvt_access *a, uint32_t fsc)
{
	uint64_t esr = HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | fsc |
			(a->write ? HVT_ESR_WNR : 0) |
			(a->cache ? HVT_ESR_CM : 0);

	if (a->narrow)
		esr &= ~HVT_ESR_IL;
	if (!a->isv)
		return esr;
	return esr | HVT_ESR_ISV | (uint64_t)a->size << 22 |
			(uint64_t)a->sign_extend << 21 | (uint64_t)a->rt << 16 |
			(uint64_t)a->wide << 15 |
			(uint64_t)a->acquire_release << 14;
}

bool hvt_access_far(uint64_t va, uint32_t bytes, uint64_t ipa, uint64_t *far)
{
	uint64_t ahead = (ipa - va) & 0xfff;

	*far = va + ahead;
	return ahead < bytes;
}
