/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <errno.h>

#include "guest_memory.h"

#define SCTLR_M    1ull
#define SCTLR_EE   (1ull << 25) /* big-endian tables */
#define TCR_EPD0   (1ull << 7)
#define TCR_EPD1   (1ull << 23)
#define TCR_TBI0   (1ull << 37)
#define TCR_TBI1   (1ull << 38)
#define TCR_DS     (1ull << 59) /* 52 bits with pages of 4 and 16 KiB */
#define IPS_52     6u
#define DESC_VALID 1ull
#define DESC_TABLE 2ull

/* Half of the address space, as one of the TTBRs translates it. */
struct regime {
	uint64_t ttbr;
	unsigned va_bits;
	unsigned granule; /* log2 */
	bool ds;          /* TCR_EL1.DS */
	bool wide_64k;    /* 52 bits with pages of 64 KiB */
	bool big_endian;
	bool ignores_top; /* TBI */
};

/* TG0 and TG1 number the granules differently. */
static unsigned granule_of(uint64_t tcr, bool high)
{
	static const uint8_t tg0[4] = { 12, 16, 14, 0 };
	static const uint8_t tg1[4] = { 0, 14, 12, 16 };

	return high ? tg1[tcr >> 30 & 3] : tg0[tcr >> 14 & 3];
}

static bool is_high(uint64_t va)
{
	return va >> 55 & 1;
}

/* What of TCR_EL1 is about va; false: there are no tables for it. */
static bool read_tcr(struct regime *r, uint64_t tcr, bool high)
{
	unsigned size = (high ? tcr >> 16 : tcr) & 0x3f, smallest;

	r->granule = granule_of(tcr, high);
	r->ds = tcr & TCR_DS && r->granule < 16;
	r->wide_64k = r->granule == 16 && (tcr >> 32 & 7) == IPS_52;
	r->ignores_top = tcr & (high ? TCR_TBI1 : TCR_TBI0);
	r->va_bits = 64 - size;
	/* FEAT_LVA is not told here: without it there would be no guest. */
	smallest = r->ds || r->granule == 16 ? 12 : 16;
	return r->granule && size >= smallest && size <= 48 &&
			r->va_bits > r->granule && !(tcr & (high ? TCR_EPD1 : TCR_EPD0));
}

/* Bits above the address proper are all as bit 55, or a tag. */
static bool is_canonical(const struct regime *r, uint64_t va)
{
	unsigned top = r->ignores_top ? 56 : 64;
	uint64_t above = (va << (64 - top)) >> (64 - top) >> r->va_bits;
	uint64_t ones = (1ull << (top - r->va_bits)) - 1;

	return above == (is_high(va) ? ones : 0);
}

static uint64_t bits(uint64_t value, unsigned low, unsigned high)
{
	return value >> low << low & (UINT64_MAX >> (63 - high));
}

/* Output address of a descriptor, down to bit low. */
static uint64_t output(const struct regime *r, uint64_t desc, unsigned low)
{
	if (r->ds)
		return bits(desc, low, 49) | (desc >> 8 & 3) << 50;
	if (r->wide_64k)
		return bits(desc, low, 47) | (desc >> 12 & 15) << 48;
	return bits(desc, low, 47);
}

/* A first table is aligned to its size; of 64 bytes at least, with 52 bits. */
static uint64_t first_table(const struct regime *r, unsigned levels)
{
	unsigned shift = r->granule + (r->granule - 3) * (levels - 1);
	unsigned log2_size = r->va_bits - shift + 3;

	if (!r->ds && !r->wide_64k)
		return bits(r->ttbr, log2_size, 47);
	return bits(r->ttbr, log2_size < 6 ? 6 : log2_size, 47) |
			(r->ttbr >> 2 & 15) << 48;
}

/* Is there a block in a table of this level? Pages are at level 3. */
static bool has_block(const struct regime *r, int level)
{
	switch (r->granule) {
	case 12:
		return level == 2 || level == 1 || (level == 0 && r->ds);
	case 14:
		return level == 2 || (level == 1 && r->ds);
	default:
		return level == 2 || (level == 1 && r->wide_64k);
	}
}

/* 1 a block or page is found, 0 the next table, -EFAULT none of them. */
static int step(const struct regime *r, uint64_t desc, int level)
{
	bool table = desc & DESC_TABLE;

	if (!(desc & DESC_VALID))
		return -EFAULT;
	if (level == 3)
		return table ? 1 : -EFAULT;
	if (table)
		return 0;
	return has_block(r, level) ? 1 : -EFAULT;
}

/* *ipa is the entry's address if that is where nothing is mapped. */
static int read_entry(struct hvt_memory_look *look, const struct regime *r,
		uint64_t at, uint64_t *desc, uint64_t *ipa)
{
	*ipa = at;
	if (!hvt_memory_look(look, at, desc, sizeof(*desc)))
		return -ENXIO;
	if (r->big_endian)
		*desc = __builtin_bswap64(*desc);
	return 0;
}

static int walk(struct hvt_memory_look *look, const struct regime *r, uint64_t va,
		uint64_t *ipa)
{
	unsigned stride = r->granule - 3;
	unsigned levels = (r->va_bits - r->granule + stride - 1) / stride;
	uint64_t table = first_table(r, levels), desc = 0;

	for (unsigned left = levels; left--;) {
		unsigned low = r->granule + stride * left;
		unsigned high = low + stride > r->va_bits ? r->va_bits
							  : low + stride;
		uint64_t index = bits(va, low, high - 1) >> low;
		int err = read_entry(look, r, table + index * 8, &desc,
				ipa);

		if (!err)
			err = step(r, desc, 3 - (int)left);
		if (err < 0)
			return err;
		if (err) {
			*ipa = output(r, desc, low) | (va & ((1ull << low) - 1));
			return 0;
		}
		table = output(r, desc, r->granule);
	}
	return -EFAULT;
}

int hvt_walk_within(struct hvt_memory_look *look, const struct hvt_stage1 *regs,
		uint64_t va, uint64_t *ipa)
{
	bool high = is_high(va);
	struct regime r = {
		.ttbr = high ? regs->ttbr1 : regs->ttbr0,
		.big_endian = regs->sctlr & SCTLR_EE,
	};

	*ipa = va;
	if (!(regs->sctlr & SCTLR_M))
		return 0;
	if (!read_tcr(&r, regs->tcr, high) || !is_canonical(&r, va))
		return -EFAULT;
	return walk(look, &r, va, ipa);
}

int hvt_walk(const struct hvt_stage1 *regs, uint64_t va, uint64_t *ipa)
{
	struct hvt_memory_look look;
	int err;

	hvt_memory_look_begin(&look);
	err = hvt_walk_within(&look, regs, va, ipa);
	hvt_memory_look_end();
	return err;
}

uint64_t hvt_walk_unsigned(uint64_t tcr, uint64_t pointer)
{
	bool high = is_high(pointer);
	struct regime r;
	uint64_t mask;

	if (!read_tcr(&r, tcr, high))
		return pointer;
	mask = bits(UINT64_MAX, r.va_bits, r.ignores_top ? 55 : 63);
	return high ? pointer | mask : pointer & ~mask;
}
