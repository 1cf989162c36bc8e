/* SPDX-License-Identifier: MIT */
/*
 * Stage 1 translation tables for test guests, after the tables of levels in
 * the Arm ARM (D8.2, "Translation table lookup levels"): all granules, sizes
 * from 16 to 52 bits, pages and blocks.
 */
#ifndef HVT_TEST_STAGE1_H
#define HVT_TEST_STAGE1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stage1_granule { STAGE1_4K, STAGE1_16K, STAGE1_64K };

/* Memory that tables are made in, and how they are to be made. */
struct stage1 {
	enum stage1_granule granule;
	unsigned va_bits;
	bool wide;       /* 52 bits: TCR_EL1.DS, or IPS 6 with 64 KiB */
	bool big_endian;
	uint64_t table_attributes; /* bits 63:59 of table descriptors */
	uint8_t *memory; /* zeroed */
	uint64_t ipa;    /* of memory */
	size_t first;    /* offset of the first table, all of it in a page */
	size_t size, used;
};

/* Bits of the address below an entry of that level; 0: no such level. */
unsigned stage1_shift(enum stage1_granule granule, int level);
/* Is there a block (a page with level 3) at that level? */
bool stage1_has_leaf(const struct stage1 *s, int level);
/* Levels go from the first to 3. */
int stage1_first_level(const struct stage1 *s);
/* Bytes of the first table, to which it is aligned; 64 at least if wide. */
size_t stage1_first_size(const struct stage1 *s);

/*
 * Maps the page or block at va to ipa by a leaf of that level with those
 * attributes: bits 11:2 and 63:52 of the descriptor. False: out of memory, or
 * there is a block in the way.
 */
bool stage1_map(struct stage1 *s, uint64_t va, uint64_t ipa, int level,
	uint64_t attributes);

/* The table's address as TTBRn_EL1 has it; ASID 0. */
uint64_t stage1_ttbr(const struct stage1 *s);
/* TnSZ, TGn and what goes with them, for TTBR1 if high; with IPS and DS. */
uint64_t stage1_tcr(const struct stage1 *s, bool high);

#endif
