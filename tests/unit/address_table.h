/* SPDX-License-Identifier: MIT */
/*
 * Every A64 instruction that accesses memory and whose aborts have no
 * syndrome, typed from the encodings of the Arm ARM (C6.2, C7.2) and from
 * nothing else. An instruction matches a row if (insn & mask) == bits; rows do
 * not overlap, and none is in access_table.h too. Of SVE, SME, memory copies,
 * bulk tag moves and what came after Armv9.4 there are none.
 */
/* clang-format off: a table. */
#ifndef HVT_TEST_ADDRESS_TABLE_H
#define HVT_TEST_ADDRESS_TABLE_H

#include "fastpath.h"

/* The address: where it comes from, and what an offset counts. */
enum where {
	AT_BASE,     /* Xn|SP */
	AT_IMM7,     /* bits 21:15, signed */
	AT_IMM9,     /* bits 20:12, signed */
	AT_IMM12,    /* bits 21:10 */
	AT_IMM19,    /* bits 23:5, signed, from PC */
	AT_IMM10,    /* bits 22 and 20:12, signed, from a signed pointer */
	AT_REGISTER, /* Rm, option, S; the unit is the shift */
	AT_BEFORE,   /* the bytes before Xn|SP */
	AT_XT,       /* Xt */
};

struct address_row {
	uint32_t mask, bits;
	const char *name;
	uint8_t bytes;
	bool write;
	enum where where;
	uint8_t unit;
};

#define SIZED(mask, bits, name, write, where, unit)                            \
	{ mask, bits, name " b", 1, write, where, unit },                      \
	{ mask, bits | 1u << 30, name " h", 2, write, where, unit },           \
	{ mask, bits | 2u << 30, name " w", 4, write, where, unit },           \
	{ mask, bits | 3u << 30, name " x", 8, write, where, unit }

/* Post- and pre-indexed loads and stores of one general register. */
#define INDEXED(size, opc, name, bytes, write)                                 \
	{ 0xffe00c00u, 0x38000400u | (size##u) << 30 | (opc##u) << 22,         \
		name " post", bytes, write, AT_BASE, 0 },                      \
	{ 0xffe00c00u, 0x38000c00u | (size##u) << 30 | (opc##u) << 22,         \
		name " pre", bytes, write, AT_IMM9, 1 }

/* One SIMD register: unscaled, post, pre, register, unsigned, and ordered. */
#define SIMD1(bits, name, log2, write)                                         \
	{ 0xffe00c00u, 0x3c000000u | bits, name " unscaled", 1 << log2, write, \
		AT_IMM9, 1 },                                                  \
	{ 0xffe00c00u, 0x3c000400u | bits, name " post", 1 << log2, write,     \
		AT_BASE, 0 },                                                  \
	{ 0xffe00c00u, 0x3c000c00u | bits, name " pre", 1 << log2, write,      \
		AT_IMM9, 1 },                                                  \
	{ 0xffe04c00u, 0x3c204800u | bits, name " register", 1 << log2, write, \
		AT_REGISTER, log2 },                                           \
	{ 0xffc00000u, 0x3d000000u | bits, name " unsigned", 1 << log2, write, \
		AT_IMM12, 1 << log2 },                                         \
	{ 0xffe00c00u, 0x1d000800u | bits, name " ordered", 1 << log2, write,  \
		AT_IMM9, 1 }

/* Pairs: no-allocate, post, offset, pre. */
#define PAIR(bits, name, one, write)                                           \
	{ 0xffc00000u, 0x28000000u | bits, name " no-allocate", 2 * one,       \
		write, AT_IMM7, one },                                         \
	PAIR3(bits, name, 2 * one, write, one)
#define PAIR3(bits, name, bytes, write, unit)                                  \
	{ 0xffc00000u, 0x28800000u | bits, name " post", bytes, write,         \
		AT_BASE, 0 },                                                  \
	{ 0xffc00000u, 0x29000000u | bits, name " offset", bytes, write,       \
		AT_IMM7, unit },                                               \
	{ 0xffc00000u, 0x29800000u | bits, name " pre", bytes, write,          \
		AT_IMM7, unit }

/* Structures in whole registers, without and with post-index, load, store. */
#define WHOLE(op, mask, size, name, q, bytes)                                  \
	{ 0xfffff000u | mask, 0x0c000000u | q##u << 30 | (op##u) << 12 | size, \
		"st" name, bytes, true, AT_BASE, 0 },                          \
	{ 0xfffff000u | mask, 0x0c400000u | q##u << 30 | (op##u) << 12 | size, \
		"ld" name, bytes, false, AT_BASE, 0 },                         \
	{ 0xffe0f000u | mask, 0x0c800000u | q##u << 30 | (op##u) << 12 | size, \
		"st" name " post", bytes, true, AT_BASE, 0 },                  \
	{ 0xffe0f000u | mask, 0x0cc00000u | q##u << 30 | (op##u) << 12 | size, \
		"ld" name " post", bytes, false, AT_BASE, 0 }
/* Interleaved ones have no doublewords in half registers. */
#define INTERLEAVED(op, name, registers)                                       \
	WHOLE(op, 0x800, 0, name " half bhs", 0, 8 * registers),               \
	WHOLE(op, 0xc00, 0x800, name " half s", 0, 8 * registers),             \
	WHOLE(op, 0, 0, name " full", 1, 16 * registers)
#define CONSECUTIVE(op, name, registers)                                       \
	WHOLE(op, 0, 0, name " half", 0, 8 * registers),                       \
	WHOLE(op, 0, 0, name " full", 1, 16 * registers)

/* Of one lane; bits has opcode, S and size, r is bit 21. */
#define LANE_LOAD(mask, bits, name, r, bytes)                                  \
	{ 0xbfff0000u | mask, 0x0d400000u | r##u << 21 | bits, "ld" name,      \
		bytes, false, AT_BASE, 0 },                                    \
	{ 0xbfe00000u | mask, 0x0dc00000u | r##u << 21 | bits,                 \
		"ld" name " post", bytes, false, AT_BASE, 0 }
#define LANE(mask, bits, name, r, bytes)                                       \
	{ 0xbfff0000u | mask, 0x0d000000u | r##u << 21 | bits, "st" name,      \
		bytes, true, AT_BASE, 0 },                                     \
	{ 0xbfe00000u | mask, 0x0d800000u | r##u << 21 | bits,                 \
		"st" name " post", bytes, true, AT_BASE, 0 },                  \
	LANE_LOAD(mask, bits, name, r, bytes)
#define LANES(name, r, op, n)                                                  \
	LANE(0xe000u, (op##u) << 13, name " b", r, n),                         \
	LANE(0xe400u, (op##u | 2) << 13, name " h", r, 2 * n),                 \
	LANE(0xec00u, (op##u | 4) << 13, name " s", r, 4 * n),                 \
	LANE(0xfc00u, (op##u | 4) << 13 | 1u << 10, name " d", r, 8 * n),      \
	LANE_LOAD(0xfc00u, (op##u | 6) << 13, name "r b", r, n),               \
	LANE_LOAD(0xfc00u, (op##u | 6) << 13 | 1u << 10, name "r h", r, 2 * n),\
	LANE_LOAD(0xfc00u, (op##u | 6) << 13 | 2u << 10, name "r s", r, 4 * n),\
	LANE_LOAD(0xfc00u, (op##u | 6) << 13 | 3u << 10, name "r d", r, 8 * n)

#define TAGS(opc, name, bytes)                                                 \
	{ 0xffe00c00u, 0xd9200400u | opc##u << 22, name " post", bytes, true,  \
		AT_BASE, 0 },                                                  \
	{ 0xffe00c00u, 0xd9200800u | opc##u << 22, name " offset", bytes,      \
		true, AT_IMM9, 16 },                                           \
	{ 0xffe00c00u, 0xd9200c00u | opc##u << 22, name " pre", bytes, true,   \
		AT_IMM9, 16 }

/* Rt<0> is 0, and Rt<4:3> not 3: else UNDEFINED. */
#define LS64(mask, bits, name, write)                                          \
	{ (mask) | 0x11, bits, name " x0 to x14", 64, write, AT_BASE, 0 },     \
	{ (mask) | 0x19, bits | 0x10, name " x16 to x22", 64, write, AT_BASE, 0 }

/* Neither Rt nor Rt2 is 31: their highest bit that is 0 may be any of five. */
#define NOT_RT2(rt, rt_bits, bits, name)                                       \
	{ 0xff30fc00u | rt, bits | rt_bits, name, 16, false, AT_BASE, 0 },     \
	{ 0xff38fc00u | rt, bits | rt_bits | 0x100000, name, 16, false,        \
		AT_BASE, 0 },                                                  \
	{ 0xff3cfc00u | rt, bits | rt_bits | 0x180000, name, 16, false,        \
		AT_BASE, 0 },                                                  \
	{ 0xff3efc00u | rt, bits | rt_bits | 0x1c0000, name, 16, false,        \
		AT_BASE, 0 },                                                  \
	{ 0xff3ffc00u | rt, bits | rt_bits | 0x1e0000, name, 16, false,        \
		AT_BASE, 0 }
#define NOT_XZR(bits, name)                                                    \
	NOT_RT2(0x10u, 0u, bits, name), NOT_RT2(0x18u, 0x10u, bits, name),     \
	NOT_RT2(0x1cu, 0x18u, bits, name), NOT_RT2(0x1eu, 0x1cu, bits, name),  \
	NOT_RT2(0x1fu, 0x1eu, bits, name)

/* mask, bits, name, bytes, write, where, unit */
static const struct address_row address_rows[] = {
	SIZED(0xffe00000u, 0x08000000u, "stxr", true, AT_BASE, 0),
	SIZED(0xffe00000u, 0x08400000u, "ldxr", false, AT_BASE, 0),
	{ 0xffe00000u, 0x88200000u, "stxp w", 8, true, AT_BASE, 0 },
	{ 0xffe00000u, 0xc8200000u, "stxp x", 16, true, AT_BASE, 0 },
	{ 0xffe00000u, 0x88600000u, "ldxp w", 8, false, AT_BASE, 0 },
	{ 0xffe00000u, 0xc8600000u, "ldxp x", 16, false, AT_BASE, 0 },
	SIZED(0xffa07c00u, 0x08a07c00u, "cas", false, AT_BASE, 0),
	{ 0xffa17c01u, 0x08207c00u, "casp w", 8, false, AT_BASE, 0 },
	{ 0xffa17c01u, 0x48207c00u, "casp x", 16, false, AT_BASE, 0 },

	SIZED(0xff208c00u, 0x38200000u, "ldadd and kin", false, AT_BASE, 0),
	SIZED(0xff20fc00u, 0x38208000u, "swp", false, AT_BASE, 0),
	LS64(0xfffffc00u, 0xf83fd000u, "ld64b", false),
	LS64(0xfffffc00u, 0xf83f9000u, "st64b", true),
	LS64(0xffe0fc00u, 0xf820b000u, "st64bv", true),
	LS64(0xffe0fc00u, 0xf820a000u, "st64bv0", true),
	NOT_XZR(0x19201000u, "ldclrp"),
	NOT_XZR(0x19203000u, "ldsetp"),
	NOT_XZR(0x19208000u, "swpp"),

	INDEXED(0, 0, "strb", 1, true), INDEXED(0, 1, "ldrb", 1, false),
	INDEXED(0, 2, "ldrsb x", 1, false), INDEXED(0, 3, "ldrsb w", 1, false),
	INDEXED(1, 0, "strh", 2, true), INDEXED(1, 1, "ldrh", 2, false),
	INDEXED(1, 2, "ldrsh x", 2, false), INDEXED(1, 3, "ldrsh w", 2, false),
	INDEXED(2, 0, "str w", 4, true), INDEXED(2, 1, "ldr w", 4, false),
	INDEXED(2, 2, "ldrsw", 4, false),
	INDEXED(3, 0, "str x", 8, true), INDEXED(3, 1, "ldr x", 8, false),

	{ 0xff200c00u, 0xf8200c00u, "ldraa, ldrab pre", 8, false, AT_IMM10, 8 },
	{ 0xffe0fc00u, 0x99000800u, "stilp w", 8, true, AT_BEFORE, 0 },
	{ 0xffe0fc00u, 0xd9000800u, "stilp x", 16, true, AT_BEFORE, 0 },
	{ 0xffe0fc00u, 0x99001800u, "stilp w offset", 8, true, AT_BASE, 0 },
	{ 0xffe0fc00u, 0xd9001800u, "stilp x offset", 16, true, AT_BASE, 0 },
	{ 0xffe0ec00u, 0x99400800u, "ldiapp w", 8, false, AT_BASE, 0 },
	{ 0xffe0ec00u, 0xd9400800u, "ldiapp x", 16, false, AT_BASE, 0 },
	{ 0xfffffc00u, 0x99800800u, "stlr w pre", 4, true, AT_BEFORE, 0 },
	{ 0xfffffc00u, 0xd9800800u, "stlr x pre", 8, true, AT_BEFORE, 0 },
	{ 0xfffffc00u, 0x99c00800u, "ldapr w post", 4, false, AT_BASE, 0 },
	{ 0xfffffc00u, 0xd9c00800u, "ldapr x post", 8, false, AT_BASE, 0 },

	PAIR(0x00000000u, "stp w", 4, true),
	PAIR(0x00400000u, "ldp w", 4, false),
	PAIR3(0x40000000u, "stgp", 16, true, 16),
	PAIR3(0x40400000u, "ldpsw", 8, false, 4),
	PAIR(0x80000000u, "stp x", 8, true),
	PAIR(0x80400000u, "ldp x", 8, false),
	PAIR(0x04000000u, "stp s", 4, true),
	PAIR(0x04400000u, "ldp s", 4, false),
	PAIR(0x44000000u, "stp d", 8, true),
	PAIR(0x44400000u, "ldp d", 8, false),
	PAIR(0x84000000u, "stp q", 16, true),
	PAIR(0x84400000u, "ldp q", 16, false),

	SIMD1(0x00000000u, "str b", 0, true),
	SIMD1(0x00400000u, "ldr b", 0, false),
	SIMD1(0x40000000u, "str h", 1, true),
	SIMD1(0x40400000u, "ldr h", 1, false),
	SIMD1(0x80000000u, "str s", 2, true),
	SIMD1(0x80400000u, "ldr s", 2, false),
	SIMD1(0xc0000000u, "str d", 3, true),
	SIMD1(0xc0400000u, "ldr d", 3, false),
	SIMD1(0x00800000u, "str q", 4, true),
	SIMD1(0x00c00000u, "ldr q", 4, false),
	{ 0xff000000u, 0x1c000000u, "ldr s, literal", 4, false, AT_IMM19, 4 },
	{ 0xff000000u, 0x5c000000u, "ldr d, literal", 8, false, AT_IMM19, 4 },
	{ 0xff000000u, 0x9c000000u, "ldr q, literal", 16, false, AT_IMM19, 4 },

	INTERLEAVED(0, "4", 4), INTERLEAVED(4, "3", 3), INTERLEAVED(8, "2", 2),
	CONSECUTIVE(2, "1 of four", 4), CONSECUTIVE(6, "1 of three", 3),
	CONSECUTIVE(7, "1 of one", 1), CONSECUTIVE(10, "1 of two", 2),
	LANES("1", 0, 0, 1), LANES("2", 1, 0, 2),
	LANES("3", 0, 1, 3), LANES("4", 1, 1, 4),
	{ 0xbffffc00u, 0x0d018400u, "stl1", 8, true, AT_BASE, 0 },
	{ 0xbffffc00u, 0x0d418400u, "ldap1", 8, false, AT_BASE, 0 },

	{ 0xffe00c00u, 0xd9600000u, "ldg", 16, false, AT_IMM9, 16 },
	TAGS(0, "stg", 16), TAGS(1, "stzg", 16),
	TAGS(2, "st2g", 32), TAGS(3, "stz2g", 32),
	{ 0xffffffe0u, 0xd50b7420u, "dc zva", 1, true, AT_XT, 0 },
	{ 0xffffffe0u, 0xd50b7460u, "dc gva", 1, true, AT_XT, 0 },
	{ 0xffffffe0u, 0xd50b7480u, "dc gzva", 1, true, AT_XT, 0 },
};

#define ADDRESS_ROWS (sizeof(address_rows) / sizeof(address_rows[0]))

/* Cache maintenance by address: mask 0xffffffe0. */
static const struct {
	uint32_t bits;
	const char *name;
} cache_rows[] = {
	{ 0xd5087620u, "dc ivac" }, { 0xd50b7a20u, "dc cvac" },
	{ 0xd50b7b20u, "dc cvau" }, { 0xd50b7c20u, "dc cvap" },
	{ 0xd50b7d20u, "dc cvadp" }, { 0xd50b7e20u, "dc civac" },
	{ 0xd50b7520u, "ic ivau" },
};

#endif
