/* SPDX-License-Identifier: MIT */
/*
 * The decoder of loads and stores against tables of them, over all of bits
 * 31:10: what is below names registers only.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "access_table.h"
#include "address_table.h"
#include "rng.h"

static int64_t sign_extend(uint32_t v, unsigned bits)
{
	return v & 1u << (bits - 1) ? (int64_t)v - (1ll << bits) : (int64_t)v;
}

/* A row of any of the three tables: what it matches and what it says. */
struct row {
	uint32_t mask, bits;
	const char *name;
	const struct access_row *access;
	const struct address_row *address;
};

#define ROWS (ACCESS_ROWS + ADDRESS_ROWS + sizeof(cache_rows) / 8)
static struct row rows[ROWS];
static unsigned row_count;
/* By bits 29:24, that all rows have; the first is the number of others. */
static uint16_t lists[64][ROWS + 1];

static void add(const struct row *r)
{
	uint16_t *l = lists[r->bits >> 24 & 63];

	rows[row_count] = *r;
	l[++l[0]] = (uint16_t)row_count++;
}

static void make_rows(void)
{
	for (size_t i = 0; i < ACCESS_ROWS; i++)
		add(&(struct row){ access_rows[i].mask, access_rows[i].bits,
			access_rows[i].name, &access_rows[i], NULL });
	for (size_t i = 0; i < ADDRESS_ROWS; i++)
		add(&(struct row){ address_rows[i].mask, address_rows[i].bits,
			address_rows[i].name, NULL, &address_rows[i] });
	for (size_t i = 0; i < sizeof(cache_rows) / sizeof(cache_rows[0]); i++)
		add(&(struct row){ 0xffffffe0u, cache_rows[i].bits,
			cache_rows[i].name, NULL, NULL });
}

TestSuite(decode, .init = make_rows);

static const struct row *find_row(uint32_t insn)
{
	const struct row *found = NULL;

	for (unsigned i = 0; i < row_count; i++) {
		if ((insn & rows[i].mask) != rows[i].bits)
			continue;
		cr_assert_null(found, "%08x is in two rows, %s and %s", insn,
			rows[i].name, found ? found->name : "");
		found = &rows[i];
	}
	return found;
}

static const struct row *find_row_quickly(uint32_t insn)
{
	const uint16_t *list = lists[insn >> 24 & 63];

	for (unsigned i = 1; i <= list[0]; i++)
		if ((insn & rows[list[i]].mask) == rows[list[i]].bits)
			return &rows[list[i]];
	return NULL;
}

static void expect_index(struct hvt_access *a, uint32_t insn, unsigned shift)
{
	a->address = HVT_ADDRESS_REGISTER;
	a->rm = insn >> 16 & 31;
	a->extend = insn >> 13 & 7;
	a->shift = insn >> 12 & 1 ? (uint8_t)shift : 0;
}

static void expect_signed(struct hvt_access *a, uint32_t insn)
{
	a->address = HVT_ADDRESS_SIGNED;
	a->offset = (int32_t)sign_extend((insn >> 22 & 1) << 9 |
			(insn >> 12 & 0x1ff), 10) * 8;
}

static struct hvt_access expect_access(
	const struct access_row *row, uint32_t insn)
{
	struct hvt_access a = { .isv = true,
		.write = row->write,
		.sign_extend = row->sign,
		.acquire_release = row->ordered,
		.wide = row->wide,
		.size = row->size,
		.bytes = (uint8_t)(1u << row->size),
		.rt = insn & 31,
		.rn = insn >> 5 & 31 };

	switch (row->offset) {
	case OFFSET_NONE:
		break;
	case OFFSET_IMM12:
		a.offset = (int32_t)((insn >> 10 & 0xfff) << row->size);
		break;
	case OFFSET_IMM9:
		a.offset = (int32_t)sign_extend(insn >> 12 & 0x1ff, 9);
		break;
	case OFFSET_IMM19:
		a.address = HVT_ADDRESS_LITERAL;
		a.rn = 0;
		a.offset = (int32_t)sign_extend(insn >> 5 & 0x7ffff, 19) * 4;
		break;
	case OFFSET_REG:
		expect_index(&a, insn, row->size);
		break;
	case OFFSET_IMM10:
		expect_signed(&a, insn);
		break;
	}
	return a;
}

static struct hvt_access expect_address(
	const struct address_row *row, uint32_t insn)
{
	struct hvt_access a = { .write = row->write,
		.bytes = row->bytes,
		.rn = insn >> 5 & 31 };

	switch (row->where) {
	case AT_BASE:
		break;
	case AT_IMM7:
		a.offset = (int32_t)sign_extend(insn >> 15 & 0x7f, 7) *
			row->unit;
		break;
	case AT_IMM9:
		a.offset = (int32_t)sign_extend(insn >> 12 & 0x1ff, 9) *
			row->unit;
		break;
	case AT_IMM12:
		a.offset = (int32_t)(insn >> 10 & 0xfff) * row->unit;
		break;
	case AT_IMM19:
		a.address = HVT_ADDRESS_LITERAL;
		a.rn = 0;
		a.offset = (int32_t)sign_extend(insn >> 5 & 0x7ffff, 19) * 4;
		break;
	case AT_IMM10:
		expect_signed(&a, insn);
		break;
	case AT_REGISTER:
		expect_index(&a, insn, row->unit);
		break;
	case AT_BEFORE:
		a.offset = -row->bytes;
		break;
	case AT_XT:
		a.address = HVT_ADDRESS_XT;
		a.rn = insn & 31;
		break;
	}
	return a;
}

static struct hvt_access expected(const struct row *row, uint32_t insn)
{
	if (row->access)
		return expect_access(row->access, insn);
	if (row->address)
		return expect_address(row->address, insn);
	return (struct hvt_access){ .write = true, .cache = true, .bytes = 1,
		.rn = insn & 31, .address = HVT_ADDRESS_XT };
}

/* All 16 bytes: there is none that says nothing. */
static bool same(const struct hvt_access *a, const struct hvt_access *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool check(uint32_t insn)
{
	const struct row *row = find_row_quickly(insn);
	struct hvt_access got, want;
	bool is = hvt_decode_access(insn, &got);

	if (is != !!row)
		cr_assert_fail("%08x: %s", insn, row ? row->name : "no access");
	if (!row)
		return false;
	want = expected(row, insn);
	if (!same(&got, &want))
		cr_assert_fail("%08x: %s", insn, row->name);
	return true;
}

/* With some of the registers in bits 9:0, or with all of them. */
Test(decode, agrees_with_the_tables_on_all_instructions)
{
	const bool full = test_scale(0, 1);
	struct rng r;
	unsigned accesses = 0;

	rng_init(&r);
	for (uint32_t high = 0; high < 1u << 22; high++) {
		accesses += check(high << 10 | (uint32_t)rng_below(&r, 1024));
		for (uint32_t low = 0; full && low < 1024; low++)
			check(high << 10 | low);
	}
	cr_assert_gt(accesses, 500000);
}

/* Rt tells the cache instructions from others: all of bits 9:0 too. */
Test(decode, agrees_with_the_tables_on_system_instructions)
{
	for (uint32_t insn = 0xd5000000u; insn < 0xd5100000u; insn++)
		cr_assert_eq(hvt_decode_access(insn, &(struct hvt_access){ 0 }),
			!!find_row_quickly(insn), "%08x", insn);
}

Test(decode, is_held_to_tables_whose_rows_do_not_overlap)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 300000; i++) {
		uint32_t insn = (uint32_t)rng_next(&r);

		/* Loads and stores are where bits 27 and 25 are 1 and 0. */
		insn = (insn | 1u << 27) & ~(1u << 25);
		cr_assert_eq(find_row(insn), find_row_quickly(insn));
	}
	for (unsigned i = 0; i < row_count; i++)
		cr_assert_eq(find_row(rows[i].bits), &rows[i], "%s",
			rows[i].name);
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
	{ 0x08df7c06, 0x93060000, "ldlarb w6, [x0]" },
	{ 0xf8200400, 0x93c08000, "ldraa x0, [x0]" },
};

Test(decode, makes_the_syndromes_that_hardware_makes)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct hvt_access a;
		uint64_t got;

		cr_assert(hvt_decode_access(known[i].insn, &a), "%s",
			known[i].text);
		got = hvt_access_syndrome(
			&a, HVT_FSC_TRANSLATION | HVT_FSC_LEVEL3);
		cr_assert_eq(got & 0x3f, 7);
		cr_assert_eq(got & ~0x3full, known[i].syndrome & ~0x3full,
			"%s: %llx", known[i].text, (unsigned long long)got);
	}
}

Test(decode, gives_no_syndrome_to_what_has_none)
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
		{ 0xf8200c00, "ldraa x0, [x0]!" },
		{ 0xd9600000, "ldg x0, [x0]" },
		{ 0xf83f9000, "st64b x0, [x0]" },
		{ 0xd503201f, "nop" },
		{ 0x00000000, "udf #0" },
		{ 0xffffffff, "unallocated" },
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct hvt_access a;

		if (!hvt_decode_access(none[i].insn, &a))
			continue;
		cr_assert_not(a.isv, "%s", none[i].text);
		cr_assert_eq(hvt_access_syndrome(&a, 5) & ~0x140ull,
			0x92000005u, "%s", none[i].text);
	}
}

/* UNDEFINED for their registers (Arm ARM C6.2, the pages named). */
Test(decode, knows_no_access_that_names_registers_it_cannot_have)
{
	static const struct {
		uint32_t insn;
		bool is;
		const char *text;
	} words[] = {
		{ 0x48227c86, true, "casp x2, x3, x6, x7, [x4]" },
		{ 0x48237c86, false, "CASP: Rs is odd" },
		{ 0x48227c87, false, "CASP: Rt is odd" },
		{ 0xf83f9016, true, "st64b x22, [x0]" },
		{ 0xf83f9018, false, "ST64B: Rt is above 22" },
		{ 0xf83fd003, false, "LD64B: Rt is odd" },
		{ 0xf821b005, false, "ST64BV: Rt is odd" },
		{ 0x19221061, true, "ldclrp x1, x2, [x3]" },
		{ 0x193f1061, false, "LDCLRP: Rt2 is XZR" },
		{ 0x1922807f, false, "SWPP: Rt is XZR" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		cr_assert_eq(hvt_decode_access(words[i].insn,
				     &(struct hvt_access){ 0 }),
			words[i].is, "%s", words[i].text);
}

/* Of bytes at va, the one that is at ipa, if one of them can be. */
Test(decode, finds_where_an_access_faulted)
{
	uint64_t far = 0;

	cr_assert(hvt_access_far(0xffff000012345678, 8, 0x9000678, &far));
	cr_assert_eq(far, 0xffff000012345678);
	/* Across the end of a page: faults in the second one. */
	cr_assert(hvt_access_far(0x12345ffc, 8, 0x9000000, &far));
	cr_assert_eq(far, 0x12346000);
	cr_assert(hvt_access_far(0x12345ff1, 16, 0x9000000, &far));
	cr_assert_eq(far, 0x12346000);
	cr_assert_not(hvt_access_far(0x12345ff8, 8, 0x9000000, &far));
	cr_assert_not(hvt_access_far(0x12345678, 8, 0x9000677, &far));
	cr_assert_not(hvt_access_far(0x12345678, 8, 0x9000680, &far));
	/* The end of the address space is followed by its beginning. */
	cr_assert(hvt_access_far(UINT64_MAX - 3, 8, 0x9000000, &far));
	cr_assert_eq(far, 0);
}

Test(decode, tells_what_a_store_has_stored)
{
	const uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	for (uint32_t bytes = 1; bytes <= 8; bytes *= 2) {
		/* The register has more than that, but for the widest. */
		uint64_t above = bytes < 8 ? 0xa5ull << 8 * bytes : 0;
		uint64_t little = 0, big = 0;

		for (uint32_t i = 0; i < bytes; i++) {
			little |= (uint64_t)data[i] << 8 * i;
			big = big << 8 | data[i];
		}
		cr_assert(hvt_access_stores(little | above, bytes, false, data));
		cr_assert(hvt_access_stores(big | above, bytes, true, data));
		cr_assert_eq(hvt_access_stores(big, bytes, false, data),
			bytes == 1);
		for (uint32_t bit = 0; bit < 8 * bytes; bit++) {
			cr_assert_not(hvt_access_stores(little ^ 1ull << bit,
				bytes, false, data));
			cr_assert_not(hvt_access_stores(big ^ 1ull << bit, bytes,
				true, data));
		}
	}
}
