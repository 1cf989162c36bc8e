/* SPDX-License-Identifier: MIT */
/*
 * Every A64 load and store of one general register, one row per instruction,
 * typed from the encodings of the Arm ARM (C6.2) and from nothing else. An
 * instruction matches a row if (insn & mask) == bits; rows do not overlap.
 */
/* clang-format off: a table. */
#ifndef HVT_TEST_ACCESS_TABLE_H
#define HVT_TEST_ACCESS_TABLE_H

#include "fastpath.h"

/* Where the offset of the address comes from. */
enum offset_kind {
	OFFSET_NONE,
	OFFSET_IMM12, /* bits 21:10, times the size */
	OFFSET_IMM9,  /* bits 20:12, signed */
	OFFSET_IMM19, /* bits 23:5, signed, times 4, from PC */
	OFFSET_REG,   /* Rm, option, S */
	OFFSET_IMM10, /* bits 22 and 20:12, signed, times 8, signed pointer */
};

struct access_row {
	uint32_t mask, bits;
	const char *name;
	uint8_t size; /* log2 */
	bool write, sign, wide, ordered;
	enum offset_kind offset;
};

/* The eleven combinations of size and opc: suffix, size, write, sign, wide. */
#define FORMS(M, base, mask, name, ordered, kind)                              \
	M(base, 0, 0, mask, "str" name "b", 0, 1, 0, 0, ordered, kind),        \
		M(base, 0, 1, mask, "ldr" name "b", 0, 0, 0, 0, ordered,       \
			kind),                                                 \
		M(base, 0, 2, mask, "ldr" name "sb x", 0, 0, 1, 1, ordered,    \
			kind),                                                 \
		M(base, 0, 3, mask, "ldr" name "sb w", 0, 0, 1, 0, ordered,    \
			kind),                                                 \
		M(base, 1, 0, mask, "str" name "h", 1, 1, 0, 0, ordered,       \
			kind),                                                 \
		M(base, 1, 1, mask, "ldr" name "h", 1, 0, 0, 0, ordered,       \
			kind),                                                 \
		M(base, 1, 2, mask, "ldr" name "sh x", 1, 0, 1, 1, ordered,    \
			kind),                                                 \
		M(base, 1, 3, mask, "ldr" name "sh w", 1, 0, 1, 0, ordered,    \
			kind),                                                 \
		M(base, 2, 0, mask, "str" name " w", 2, 1, 0, 0, ordered,      \
			kind),                                                 \
		M(base, 2, 1, mask, "ldr" name " w", 2, 0, 0, 0, ordered,      \
			kind),                                                 \
		M(base, 2, 2, mask, "ldr" name "sw", 2, 0, 1, 1, ordered,      \
			kind),                                                 \
		M(base, 3, 0, mask, "str" name " x", 3, 1, 0, 1, ordered,      \
			kind),                                                 \
		M(base, 3, 1, mask, "ldr" name " x", 3, 0, 0, 1, ordered,      \
			kind)

#define ROW(                                                                   \
	base, size, opc, mask, name, log, write, sign, wide, ordered, kind)    \
	{                                                                      \
		mask, (base) | (uint32_t)(size) << 30 | (opc) << 22, name,     \
			log, write, sign, wide, ordered, kind                  \
	}

/* LDAR and its kin: size in bits 31:30, nothing signed. */
#define ORDERED(base, name, write, ordered)                                    \
	{ 0xffe08000u, (base), name "b", 0, write, 0, 0, ordered,              \
		OFFSET_NONE },                                                 \
		{ 0xffe08000u, (base) | 1u << 30, name "h", 1, write, 0, 0,    \
			ordered, OFFSET_NONE },                                \
		{ 0xffe08000u, (base) | 2u << 30, name " w", 2, write, 0, 0,   \
			ordered, OFFSET_NONE },                                \
	{                                                                      \
		0xffe08000u, (base) | 3u << 30, name " x", 3, write, 0, 1,     \
			ordered, OFFSET_NONE                                   \
	}

#define LDAPR(size, name, wide)                                                \
	{                                                                      \
		0xfffffc00u, 0x38bfc000u | (uint32_t)(size) << 30, name, size, \
			0, 0, wide, 1, OFFSET_NONE                             \
	}

static const struct access_row access_rows[] = {
	/* LDR (immediate, unsigned offset) */
	FORMS(ROW, 0x39000000u, 0xffc00000u, "", 0, OFFSET_IMM12),
	/* LDUR */
	FORMS(ROW, 0x38000000u, 0xffe00c00u, "(ldur)", 0, OFFSET_IMM9),
	/* LDTR */
	FORMS(ROW, 0x38000800u, 0xffe00c00u, "(ldtr)", 0, OFFSET_IMM9),
	/* LDR (register): option<1> is 1 */
	FORMS(ROW, 0x38204800u, 0xffe04c00u, "(register)", 0, OFFSET_REG),
	/* LDAPUR, STLUR */
	FORMS(ROW, 0x19000000u, 0xffe00c00u, "(ordered)", 1, OFFSET_IMM9),
	/* LDR (literal) */
	{ 0xff000000u, 0x18000000u, "ldr w, literal", 2, 0, 0, 0, 0,
		OFFSET_IMM19 },
	{ 0xff000000u, 0x58000000u, "ldr x, literal", 3, 0, 0, 1, 0,
		OFFSET_IMM19 },
	{ 0xff000000u, 0x98000000u, "ldrsw, literal", 2, 0, 1, 1, 0,
		OFFSET_IMM19 },
	ORDERED(0x08800000u, "stllr", 1, 0),
	ORDERED(0x08808000u, "stlr", 1, 1),
	ORDERED(0x08c00000u, "ldlar", 0, 0),
	ORDERED(0x08c08000u, "ldar", 0, 1),
	LDAPR(0, "ldaprb", 0),
	LDAPR(1, "ldaprh", 0),
	LDAPR(2, "ldapr w", 0),
	LDAPR(3, "ldapr x", 1),
	{ 0xff200c00u, 0xf8200400u, "ldraa, ldrab", 3, 0, 0, 1, 0,
		OFFSET_IMM10 },
};

#define ACCESS_ROWS (sizeof(access_rows) / sizeof(access_rows[0]))

#endif
