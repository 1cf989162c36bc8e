/* SPDX-License-Identifier: MIT */
/*
 * The decoder of loads and stores against a table of them, over all of bits
 * 31:10: what is below names registers only.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "access_table.h"
#include "rng.h"

static int64_t sign_extend(uint32_t v, unsigned bits)
{
	return v & 1u << (bits - 1) ? (int64_t)v - (1ll << bits) : (int64_t)v;
}

static const struct access_row *find_row(uint32_t insn)
{
	const struct access_row *found = NULL;

	for (size_t i = 0; i < ACCESS_ROWS; i++) {
		if ((insn & access_rows[i].mask) != access_rows[i].bits)
			continue;
		cr_assert_null(found, "%08x is in two rows", insn);
		found = &access_rows[i];
	}
	return found;
}

/* The row by way of a list of those that share bits 29:24. */
static const struct access_row *find_row_quickly(uint32_t insn)
{
	static uint8_t lists[64][ACCESS_ROWS + 1];
	static bool made;
	const uint8_t *list;

	if (!made)
		for (uint8_t i = 0; i < ACCESS_ROWS; i++) {
			uint8_t *l = lists[access_rows[i].bits >> 24 & 63];

			l[++l[0]] = i;
		}
	made = true;
	list = lists[insn >> 24 & 63];
	for (uint8_t i = 1; i <= list[0]; i++)
		if ((insn & access_rows[list[i]].mask) ==
			access_rows[list[i]].bits)
			return &access_rows[list[i]];
	return NULL;
}

static struct hvt_access expected(const struct access_row *row, uint32_t insn)
{
	struct hvt_access a = { .write = row->write,
		.sign_extend = row->sign,
		.acquire_release = row->ordered,
		.wide = row->wide,
		.size = row->size,
		.rt = insn & 31,
		.rn = insn >> 5 & 31 };

	switch (row->offset) {
	case OFFSET_NONE:
		break;
	case OFFSET_IMM12:
		a.offset = (int64_t)(insn >> 10 & 0xfff) << row->size;
		break;
	case OFFSET_IMM9:
		a.offset = sign_extend(insn >> 12 & 0x1ff, 9);
		break;
	case OFFSET_IMM19:
		a.address = HVT_ADDRESS_LITERAL;
		a.offset = sign_extend(insn >> 5 & 0x7ffff, 19) * 4;
		break;
	case OFFSET_REG:
		a.address = HVT_ADDRESS_REGISTER;
		a.rm = insn >> 16 & 31;
		a.extend = insn >> 13 & 7;
		a.shift = insn >> 12 & 1 ? row->size : 0;
		break;
	}
	return a;
}

static bool same(const struct hvt_access *a, const struct hvt_access *b)
{
	return a->write == b->write && a->sign_extend == b->sign_extend &&
		a->acquire_release == b->acquire_release &&
		a->wide == b->wide && a->size == b->size && a->rt == b->rt &&
		a->address == b->address &&
		/* A literal has no base: those bits are its offset. */
		(a->address == HVT_ADDRESS_LITERAL || a->rn == b->rn) &&
		a->rm == b->rm && a->extend == b->extend &&
		a->shift == b->shift && a->offset == b->offset;
}

Test(decode, agrees_with_the_table_on_all_instructions)
{
	struct rng r;
	unsigned accesses = 0;

	rng_init(&r);
	for (uint32_t high = 0; high < 1u << 22; high++) {
		uint32_t insn = high << 10 | (uint32_t)rng_below(&r, 1024);
		const struct access_row *row = find_row_quickly(insn);
		struct hvt_access got, want;
		bool is = hvt_decode_access(insn, &got);

		if (is != !!row)
			cr_assert_fail("%08x: %s", insn,
				row ? row->name : "no access");
		if (!row)
			continue;
		accesses++;
		want = expected(row, insn);
		if (!same(&got, &want))
			cr_assert_fail("%08x: %s", insn, row->name);
	}
	cr_assert_gt(accesses, 100000);
}

Test(decode, is_held_to_a_table_whose_rows_do_not_overlap)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 300000; i++) {
		uint32_t insn = (uint32_t)rng_next(&r);

		/* Loads and stores are where bits 27 and 25 are 1 and 0. */
		insn = (insn | 1u << 27) & ~(1u << 25);
		cr_assert_eq(find_row(insn), find_row_quickly(insn));
	}
	for (size_t i = 0; i < ACCESS_ROWS; i++)
		cr_assert_eq(find_row(access_rows[i].bits), &access_rows[i]);
}

/* Instruction words as an assembler makes them. */
static const struct {
	uint32_t insn;
	uint64_t syndrome;
	const char *text;
} known[] = {
	{ 0xb9000007, 0x93870040, "str w7, [x0]" },
	{ 0x39800009, 0x93298000, "ldrsb x9, [x0]" },
	{ 0x79400003, 0x93430000, "ldrh w3, [x0]" },
	{ 0xf9000007, 0x93c78040, "str x7, [x0]" },
	{ 0xf900001f, 0x93df8040, "str xzr, [x0]" },
	{ 0x39000001, 0x93010040, "strb w1, [x0]" },
	{ 0x39c00002, 0x93220000, "ldrsb w2, [x0]" },
	{ 0xb9800004, 0x93a48000, "ldrsw x4, [x0]" },
	{ 0xb9400005, 0x93850000, "ldr w5, [x0]" },
	{ 0x88dffc06, 0x93864000, "ldar w6, [x0]" },
	{ 0xc89ffc08, 0x93c8c040, "stlr x8, [x0]" },
};

Test(decode, makes_the_syndromes_that_hardware_makes)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct hvt_access a;
		uint64_t got;

		cr_assert(hvt_decode_access(known[i].insn, &a), "%s",
			known[i].text);
		got = hvt_access_syndrome(&a);
		cr_assert_eq(got & 0x3f, HVT_DFSC_TRANSLATION);
		cr_assert_eq(got & ~0x3full, known[i].syndrome & ~0x3full,
			"%s: %llx", known[i].text, (unsigned long long)got);
	}
}

Test(decode, declines_what_has_no_syndrome)
{
	static const struct {
		uint32_t insn;
		const char *text;
	} none[] = {
		{ 0xa9400400, "ldp x0, x1, [x0]" },
		{ 0xa9000400, "stp x0, x1, [x0]" },
		{ 0xf8408400, "ldr x0, [x0], #8" },
		{ 0xf8408c00, "ldr x0, [x0, #8]!" },
		{ 0x3dc00000, "ldr q0, [x0]" },
		{ 0xbd400000, "ldr s0, [x0]" },
		{ 0x4c407000, "ld1 {v0.16b}, [x0]" },
		{ 0x885f7c00, "ldxr w0, [x0]" },
		{ 0x88007c20, "stxr w0, w0, [x1]" },
		{ 0x885ffc00, "ldaxr w0, [x0]" },
		{ 0x88a07c20, "cas w0, w0, [x1]" },
		{ 0xb8200020, "ldadd w0, w0, [x1]" },
		{ 0xb8208020, "swp w0, w0, [x1]" },
		{ 0xf9800000, "prfm pldl1keep, [x0]" },
		{ 0xd8000000, "prfm pldl1keep, literal" },
		{ 0xd50b7420, "dc zva, x0" },
		{ 0xf8200400, "ldraa x0, [x0]" },
		{ 0xd9600000, "ldg x0, [x0]" },
		{ 0xf83f9000, "st64b x0, [x0]" },
		{ 0xd503201f, "nop" },
		{ 0x00000000, "udf #0" },
		{ 0xffffffff, "unallocated" },
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct hvt_access a;

		cr_assert_not(hvt_decode_access(none[i].insn, &a), "%s",
			none[i].text);
	}
}
