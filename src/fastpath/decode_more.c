/* SPDX-License-Identifier: MIT */
/*
 * A64 instructions that access memory and have no syndrome when they abort
 * (Arm ARM C4.1.94): write-back, exclusives, atomics, pairs, SIMD, and the
 * cache instructions. Where they access it is told, so that the address of an
 * abort is known.
 */
#include "decode.h"

/*
 * LDXR, STXR, LDXP, STXP, CAS, CASP. What compares first reads first. CASP's
 * pairs begin with an even register.
 */
bool hvt_decode_exclusive(uint32_t insn, struct hvt_access *a)
{
	uint32_t size = field(insn, 30, 2);
	bool pair = field(insn, 21, 1), compares = field(insn, 23, 1);

	if (pair && !compares && size < 2) {
		a->bytes = (uint8_t)(8u << size);
		return field(insn, 10, 5) == 31 && !field(insn, 16, 1) &&
				!field(insn, 0, 1);
	}
	if (compares) {
		a->bytes = (uint8_t)(1u << size);
		return field(insn, 10, 5) == 31;
	}
	a->bytes = (uint8_t)((pair ? 2u : 1u) << size);
	a->write = !field(insn, 22, 1);
	return true;
}

/* STG, STZG, ST2G, STZ2G, LDG; the offset counts granules of 16 bytes. */
static bool decode_tag(uint32_t insn, struct hvt_access *a)
{
	uint32_t opc = field(insn, 22, 2), mode = field(insn, 10, 2);

	if (mode != MODE_POST)
		a->offset = sign_extended(field(insn, 12, 9), 9) * 16;
	a->write = mode != 0;
	a->bytes = mode && opc & 2 ? 32 : 16;
	return mode || opc == 1;
}

/* LDCLRP, LDSETP, SWPP: atomics of 128 bits, of two registers but XZR. */
static bool decode_atomic_pair(uint32_t insn, struct hvt_access *a)
{
	uint32_t op = field(insn, 12, 4);

	a->bytes = 16;
	return (op == 1 || op == 3 || op == 8) && field(insn, 0, 5) != 31 &&
			field(insn, 16, 5) != 31;
}

/* STILP, LDIAPP, and STLR and LDAPR that write back. */
static bool decode_ordered_more(uint32_t insn, struct hvt_access *a)
{
	uint32_t size = field(insn, 30, 2);
	bool single = field(insn, 23, 1), load = field(insn, 22, 1);

	if (size < 2 || field(insn, 13, 3) ||
			(single && (field(insn, 16, 5) || field(insn, 12, 1))))
		return false;
	a->bytes = (uint8_t)((single ? 1u : 2u) << size);
	a->write = !load;
	if (!load && !field(insn, 12, 1))
		a->offset = -(int32_t)a->bytes;
	return true;
}

bool hvt_decode_tag_or_pair(uint32_t insn, struct hvt_access *a)
{
	uint32_t size = field(insn, 30, 2), mode = field(insn, 10, 2);

	if (field(insn, 21, 1)) {
		if (size == 3)
			return decode_tag(insn, a);
		return size == 0 && mode == 0 && decode_atomic_pair(insn, a);
	}
	return mode == 2 && decode_ordered_more(insn, a);
}

/* LD64B, ST64B, ST64BV, ST64BV0: Xt to Xt+7, t even and below 24. */
static bool is_64_bytes(uint32_t insn)
{
	uint32_t op = field(insn, 12, 3), rt = field(insn, 0, 5);
	bool source = field(insn, 16, 5) != 31;

	return field(insn, 30, 2) == 3 && field(insn, 22, 2) == 0 &&
			!(rt & 1) && rt < 24 &&
			(op == 2 || op == 3 ||
					(!source && (op == 1 || op == 5)));
}

/* LDADD and its kin, SWP. All read; what is not of these is no atomic. */
bool hvt_decode_atomic(uint32_t insn, struct hvt_access *a)
{
	a->bytes = (uint8_t)(1u << field(insn, 30, 2));
	if (!field(insn, 15, 1) || !field(insn, 12, 3))
		return true;
	a->bytes = 64;
	a->write = field(insn, 12, 3) != 5;
	return is_64_bytes(insn);
}

/*
 * LDRAA, LDRAB: ten bits of offset, the sign apart from the others. Without
 * write-back this is a load of one register like any other.
 */
bool hvt_decode_authenticated(uint32_t insn, struct hvt_access *a)
{
	uint32_t offset = field(insn, 22, 1) << 9 | field(insn, 12, 9);

	if (!field(insn, 11, 1))
		a->iss = (uint32_t)(HVT_ESR_ISV | HVT_ESR_SF) | SAS(3) |
				SRT(field(insn, 0, 5));
	a->address = HVT_ADDRESS_SIGNED;
	a->offset = sign_extended(offset, 10) * 8;
	a->bytes = 8;
	return field(insn, 30, 2) == 3;
}

/* LD1 to LD4 and ST1 to ST4 of whole registers. */
static bool decode_structures(uint32_t insn, struct hvt_access *a)
{
	/* By opcode: registers; bit 3: interleaved. */
	static const uint8_t registers[16] = { 4 | 8, 0, 4, 0, 3 | 8, 0, 3, 1,
		2 | 8, 0, 2, 0, 0, 0, 0, 0 };
	uint32_t r = registers[field(insn, 12, 4)], wide = field(insn, 30, 1);

	if (field(insn, 31, 1) || field(insn, 21, 1) || !r ||
			(!field(insn, 23, 1) && field(insn, 16, 5)) ||
			(r & 8 && !wide && field(insn, 10, 2) == 3))
		return false;
	a->bytes = (uint8_t)((r & 7) * (wide ? 16 : 8));
	a->write = !field(insn, 22, 1);
	return true;
}

/* The same of one lane: its log2 in bytes, or -1. */
static int lane_size(uint32_t insn)
{
	uint32_t scale = field(insn, 14, 2), size = field(insn, 10, 2);
	bool s = field(insn, 12, 1);

	switch (scale) {
	case 0:
		return 0;
	case 1:
		return size & 1 ? -1 : 1;
	case 2:
		if (size & 1)
			return size == 1 && !s ? 3 : -1;
		return size == 0 ? 2 : -1;
	default:
		/* Loaded into all lanes. */
		return field(insn, 22, 1) && !s ? (int)size : -1;
	}
}

static bool decode_lane(uint32_t insn, struct hvt_access *a)
{
	uint32_t count = (field(insn, 13, 1) << 1 | field(insn, 21, 1)) + 1;
	int log2 = lane_size(insn);
	/* LDAP1 and STL1 have a 1 where the others have a register or 0. */
	bool ordered = (insn & 0xbfbffc00u) == 0x0d018400u;

	if (field(insn, 31, 1) || log2 < 0 ||
			(!field(insn, 23, 1) && field(insn, 16, 5) && !ordered))
		return false;
	a->bytes = (uint8_t)(count << log2);
	a->write = !field(insn, 22, 1);
	return true;
}

static bool decode_simd_literal(uint32_t insn, struct hvt_access *a)
{
	a->address = HVT_ADDRESS_LITERAL;
	a->rn = 0;
	a->offset = sign_extended(field(insn, 5, 19), 19) * 4;
	a->bytes = (uint8_t)(4u << field(insn, 30, 2));
	return field(insn, 30, 2) != 3;
}

/* Bytes of one of a pair; 0: not allocated. STGP's is not what moves. */
static uint32_t pair_unit(uint32_t insn)
{
	uint32_t opc = field(insn, 30, 2);
	bool no_allocate = !field(insn, 23, 2), load = field(insn, 22, 1);

	if (opc == 3)
		return 0;
	if (field(insn, 26, 1))
		return 4u << opc;
	if (opc == 1)
		return no_allocate ? 0 : load ? 4 : 16;
	return opc ? 8 : 4;
}

static bool decode_pair(uint32_t insn, struct hvt_access *a)
{
	uint32_t unit = pair_unit(insn);
	bool tagged = !field(insn, 26, 1) && unit == 16;

	if (field(insn, 23, 2) != MODE_POST)
		a->offset = sign_extended(field(insn, 15, 7), 7) *
				(int32_t)unit;
	a->bytes = (uint8_t)(tagged ? unit : 2 * unit);
	a->write = !field(insn, 22, 1);
	return unit;
}

/* One SIMD register. size and the upper half of opc are log2 of its bytes. */
static bool decode_simd(uint32_t insn, struct hvt_access *a)
{
	uint32_t log2 = field(insn, 23, 1) << 2 | field(insn, 30, 2);
	uint32_t mode = field(insn, 10, 2);

	if (log2 > 4)
		return false;
	a->bytes = (uint8_t)(1u << log2);
	a->write = !field(insn, 22, 1);
	if (field(insn, 24, 1)) {
		a->offset = (int32_t)(field(insn, 10, 12) << log2);
		return true;
	}
	if (field(insn, 21, 1))
		return mode == 2 && hvt_decode_index(insn, log2, a);
	if (mode != MODE_POST)
		a->offset = sign_extended(field(insn, 12, 9), 9);
	return mode != MODE_UNPRIVILEGED;
}

/* LDAPUR and STLUR of SIMD registers. */
static bool decode_simd_ordered(uint32_t insn, struct hvt_access *a)
{
	if (field(insn, 21, 1) || field(insn, 10, 2) != 2)
		return false;
	/* As LDUR but for these bits. */
	return decode_simd((insn & ~0x01000c00u) | 0x20000000u, a);
}

/*
 * DC and IC by address, Rt apart (Arm ARM C5.3): op1, CRm and op2 of those
 * that EL0 or EL1 have. DC ZVA, GVA and GZVA store.
 */
static bool decode_cache(uint32_t insn, struct hvt_access *a)
{
	static const uint32_t zero[] = { 0xd50b7420u, 0xd50b7460u, 0xd50b7480u };
	static const uint32_t clean[] = { 0xd50b7a20u, 0xd50b7b20u, 0xd50b7c20u,
		0xd50b7d20u, 0xd50b7e20u, 0xd5087620u, 0xd50b7520u };

	a->address = HVT_ADDRESS_XT;
	a->rn = (uint8_t)field(insn, 0, 5);
	a->bytes = 1;
	a->write = true;
	for (unsigned i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		if ((insn & ~31u) == zero[i])
			return true;
	a->cache = true;
	for (unsigned i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
		if ((insn & ~31u) == clean[i])
			return true;
	return false;
}

bool hvt_decode_more(uint32_t insn, struct hvt_access *a)
{
	switch (field(insn, 24, 6)) {
	case 0x0c:
		return decode_structures(insn, a);
	case 0x0d:
		return decode_lane(insn, a);
	case 0x15:
		return decode_cache(insn, a);
	case 0x1c:
		return decode_simd_literal(insn, a);
	case 0x1d:
		return decode_simd_ordered(insn, a);
	case 0x28:
	case 0x29:
	case 0x2c:
	case 0x2d:
		return decode_pair(insn, a);
	case 0x3c:
	case 0x3d:
		return decode_simd(insn, a);
	default:
		return false;
	}
}
