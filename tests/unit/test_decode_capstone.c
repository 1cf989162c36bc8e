/* SPDX-License-Identifier: MIT */
/*
 * The decoder of loads and stores against a disassembler that others wrote,
 * over some of the registers and offsets of all instructions; with
 * HVT_TEST_FULL=1 over all 2^32 words (run this program itself then: ctest
 * stops it). What Capstone does not know is in capstone_gaps.h, by name.
 */
#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "capstone_gaps.h"
#include "fastpath.h"
#include "rng.h"

#define GAPS (sizeof(gaps) / sizeof(gaps[0]))

struct oracle {
	csh handle;
	cs_insn *insn; /* what it says of a word, if it says anything */
	uint64_t accesses;
	uint64_t met[GAPS];
};

struct form {
	bool is, write, sign;
	uint8_t size;
};

/* By mnemonic: the loads and stores of one general register. */
static const struct {
	const char *name;
	struct form form;
} forms[] = {
	{ "ldr", { 1, 0, 0, 4 } },
	{ "ldrb", { 1, 0, 0, 0 } },
	{ "ldrh", { 1, 0, 0, 1 } },
	{ "ldrsb", { 1, 0, 1, 0 } },
	{ "ldrsh", { 1, 0, 1, 1 } },
	{ "ldrsw", { 1, 0, 1, 2 } },
	{ "ldur", { 1, 0, 0, 4 } },
	{ "ldurb", { 1, 0, 0, 0 } },
	{ "ldurh", { 1, 0, 0, 1 } },
	{ "ldursb", { 1, 0, 1, 0 } },
	{ "ldursh", { 1, 0, 1, 1 } },
	{ "ldursw", { 1, 0, 1, 2 } },
	{ "ldtr", { 1, 0, 0, 4 } },
	{ "ldtrb", { 1, 0, 0, 0 } },
	{ "ldtrh", { 1, 0, 0, 1 } },
	{ "ldtrsb", { 1, 0, 1, 0 } },
	{ "ldtrsh", { 1, 0, 1, 1 } },
	{ "ldtrsw", { 1, 0, 1, 2 } },
	{ "ldar", { 1, 0, 0, 4 } },
	{ "ldarb", { 1, 0, 0, 0 } },
	{ "ldarh", { 1, 0, 0, 1 } },
	{ "str", { 1, 1, 0, 4 } },
	{ "strb", { 1, 1, 0, 0 } },
	{ "strh", { 1, 1, 0, 1 } },
	{ "stur", { 1, 1, 0, 4 } },
	{ "sturb", { 1, 1, 0, 0 } },
	{ "sturh", { 1, 1, 0, 1 } },
	{ "sttr", { 1, 1, 0, 4 } },
	{ "sttrb", { 1, 1, 0, 0 } },
	{ "sttrh", { 1, 1, 0, 1 } },
	{ "stlr", { 1, 1, 0, 4 } },
	{ "stlrb", { 1, 1, 0, 0 } },
	{ "stlrh", { 1, 1, 0, 1 } },
};

static struct form form_of(const char *mnemonic)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strcmp(forms[i].name, mnemonic))
			return forms[i].form;
	return (struct form){ 0 };
}

/* The number of a general register, *wide; -1 for any other. */
static int general(unsigned reg, bool *wide)
{
	*wide = true;
	if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28)
		return (int)(reg - ARM64_REG_X0);
	if (reg == ARM64_REG_X29 || reg == ARM64_REG_X30)
		return 29 + (reg == ARM64_REG_X30);
	if (reg == ARM64_REG_XZR || reg == ARM64_REG_SP)
		return 31;
	*wide = false;
	if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30)
		return (int)(reg - ARM64_REG_W0);
	if (reg == ARM64_REG_WZR || reg == ARM64_REG_WSP)
		return 31;
	return -1;
}

static bool is_gap(const struct gap_row *gap, uint32_t insn)
{
	uint32_t rt = insn & 31, rn = insn >> 5 & 31, rt2 = insn >> 10 & 31;

	if ((insn & gap->mask) != gap->bits)
		return false;
	switch (gap->gap) {
	case GAP_RT_RN:
		return rt == rn && rn != 31;
	case GAP_RT_RT2:
		return rt == rt2;
	case GAP_PAIR_RN:
		return rn != 31 && (rt == rn || rt2 == rn);
	default:
		return true;
	}
}

/* Of all that are true: another one may be met by other words alone. */
static bool in_gaps(struct oracle *o, uint32_t insn)
{
	bool is = false;

	for (size_t i = 0; i < GAPS; i++) {
		if (!is_gap(&gaps[i], insn))
			continue;
		o->met[i]++;
		is = true;
	}
	return is;
}

static void check_operands(
	uint32_t insn, const cs_insn *i, const struct hvt_access *a)
{
	const cs_arm64 *d = &i->detail->arm64;
	const struct form f = form_of(i->mnemonic);
	const cs_arm64_op *m = &d->operands[1];
	bool wide, index_wide;
	int rt = general(d->operands[0].reg, &wide);
	uint8_t size = f.size == 4 ? (wide ? 3 : 2) : f.size;

	cr_assert_eq(a->rt, rt, "%08x", insn);
	cr_assert_eq(a->wide, wide, "%08x", insn);
	cr_assert_eq(a->size, size, "%08x", insn);
	cr_assert_eq(a->write, f.write, "%08x", insn);
	cr_assert_eq(a->sign_extend, f.sign, "%08x", insn);
	if (m->type == ARM64_OP_IMM) {
		/* Disassembled at address 0: the target is the offset. */
		cr_assert_eq(a->address, HVT_ADDRESS_LITERAL, "%08x", insn);
		cr_assert_eq(a->offset, m->imm, "%08x", insn);
		return;
	}
	cr_assert_eq(m->type, ARM64_OP_MEM, "%08x", insn);
	cr_assert_eq(a->rn, general(m->mem.base, &index_wide), "%08x", insn);
	if (m->mem.index == ARM64_REG_INVALID) {
		cr_assert_eq(a->address, HVT_ADDRESS_BASE, "%08x", insn);
		cr_assert_eq(a->offset, m->mem.disp, "%08x", insn);
		return;
	}
	cr_assert_eq(a->address, HVT_ADDRESS_REGISTER, "%08x", insn);
	cr_assert_eq(a->rm, general(m->mem.index, &index_wide), "%08x", insn);
	/* option<0>: X or W register. */
	cr_assert_eq(a->extend & 1, index_wide, "%08x", insn);
	if (m->ext == ARM64_EXT_SXTW || m->ext == ARM64_EXT_SXTX)
		cr_assert_eq(a->extend & 4, 4, "%08x", insn);
	if (m->ext == ARM64_EXT_UXTW)
		cr_assert_eq(a->extend, 2, "%08x", insn);
	cr_assert_eq(a->shift,
		m->shift.type == ARM64_SFT_INVALID ? 0 : m->shift.value, "%08x",
		insn);
}

static bool is_access(const cs_insn *i)
{
	bool wide;

	return i && form_of(i->mnemonic).is && !i->detail->arm64.writeback &&
		i->detail->arm64.op_count == 2 &&
		general(i->detail->arm64.operands[0].reg, &wide) >= 0;
}

/* DC and IC by address, by the name of the operation. */
static bool is_cache(const cs_insn *i)
{
	static const char *const names[] = { "zva, ", "ivac, ", "cvac, ",
		"cvau, ", "civac, ", "ivau, " };

	if (strcmp(i->mnemonic, "dc") && strcmp(i->mnemonic, "ic"))
		return false;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		if (!strncmp(i->op_str, names[n], strlen(names[n])))
			return true;
	return false;
}

/* The operand that is an address; NULL: none. Prefetches do not abort. */
static const cs_arm64_op *memory_operand(const cs_insn *i)
{
	const cs_arm64 *d = i ? &i->detail->arm64 : NULL;

	if (!i || !strncmp(i->mnemonic, "prf", 3))
		return NULL;
	for (unsigned n = 0; n < d->op_count; n++)
		if (d->operands[n].type == ARM64_OP_MEM)
			return &d->operands[n];
	if (is_cache(i))
		return &d->operands[1];
	/* Literals. */
	return !strncmp(i->mnemonic, "ldr", 3) ? &d->operands[1] : NULL;
}

/* What has no syndrome: base and offset at the time of the access. */
static void check_address(
	uint32_t insn, const cs_insn *i, const struct hvt_access *a)
{
	const cs_arm64 *d = &i->detail->arm64;
	const cs_arm64_op *m = memory_operand(i);
	bool wide, post = m < &d->operands[d->op_count - 1];

	if (m->type == ARM64_OP_REG) {
		cr_assert_eq(a->address, HVT_ADDRESS_XT, "%08x", insn);
		cr_assert_eq(a->rn, general(m->reg, &wide), "%08x", insn);
		return;
	}
	if (m->type == ARM64_OP_IMM) {
		cr_assert_eq(a->address, HVT_ADDRESS_LITERAL, "%08x", insn);
		cr_assert_eq(a->offset, m->imm, "%08x", insn);
		return;
	}
	cr_assert_eq(a->rn, general(m->mem.base, &wide), "%08x", insn);
	if (m->mem.index != ARM64_REG_INVALID && !post)
		cr_assert_eq(a->rm, general(m->mem.index, &wide), "%08x", insn);
	else
		cr_assert_eq(a->offset, post ? 0 : m->mem.disp, "%08x: %s %s",
			insn, i->mnemonic, i->op_str);
}

static void check(struct oracle *o, uint32_t insn)
{
	struct hvt_access a;
	bool known = hvt_decode_access(insn, &a), is = known && a.isv;
	uint8_t bytes[4] = { (uint8_t)insn, (uint8_t)(insn >> 8),
		(uint8_t)(insn >> 16), (uint8_t)(insn >> 24) };
	const uint8_t *p = bytes;
	uint64_t address = 0;
	size_t size = sizeof(bytes);
	const cs_insn *i = NULL;

	if (cs_disasm_iter(o->handle, &p, &size, &address, o->insn))
		i = o->insn;
	o->accesses += is;
	if (is != is_access(i) || known != !!memory_operand(i)) {
		if (!known || memory_operand(i) || !in_gaps(o, insn))
			cr_assert_fail("%08x: %s %s", insn,
				i ? i->mnemonic : "unallocated",
				i ? i->op_str : "");
	} else if (is) {
		check_operands(insn, i, &a);
	} else if (known) {
		check_address(insn, i, &a);
	}
}

static void start(struct oracle *o)
{
	memset(o, 0, sizeof(*o));
	cr_assert_eq(cs_open(CS_ARCH_ARM64, CS_MODE_ARM, &o->handle),
		CS_ERR_OK);
	cs_option(o->handle, CS_OPT_DETAIL, CS_OPT_ON);
	o->insn = cs_malloc(o->handle);
	cr_assert_not_null(o->insn);
}

static void stop(struct oracle *o)
{
	cs_free(o->insn, 1);
	cs_close(&o->handle);
}

/*
 * Forms are told apart by bits 31:21 and 15:10; the rest is at its ends, or
 * random, or names one register twice, or Rs is all ones, as LDAR has it, or
 * 1, as STL1.
 */
static void check_form(struct oracle *o, struct rng *r, uint32_t fixed)
{
	uint32_t one = (uint32_t)rng_below(r, 32);

	check(o, fixed);
	check(o, fixed | 0x1f03ffu);
	check(o, fixed | 1u << 16);
	check(o, fixed | one | one << 5);
	check(o, fixed | (fixed >> 10 & 31) | one << 5);
	check(o, fixed | one | (fixed >> 10 & 31) << 5);
	for (unsigned k = 0; k < 12; k++)
		check(o, fixed | ((uint32_t)rng_next(r) & 0x1f03ffu) |
				(k % 2 ? 0x1f0000u : 0));
}

/* Loads and stores (Arm ARM C4.1: op0 x1x0). */
Test(decode, agrees_with_a_disassembler_on_loads_and_stores)
{
	struct oracle o;
	struct rng r;

	rng_init(&r);
	start(&o);
	for (uint32_t form = 0; form < 1u << 17; form++) {
		uint32_t fixed = form >> 6 << 21 | (form & 63) << 10;

		if ((fixed & 0x0a000000u) == 0x08000000u)
			check_form(&o, &r, fixed);
	}
	cr_assert_gt(o.accesses, 5000);
	for (size_t i = 0; i < GAPS; i++)
		cr_assert(o.met[i] || gaps[i].bits >> 24 == 0xd5,
			"%s is no gap", gaps[i].name);
	stop(&o);
}

Test(decode, agrees_with_a_disassembler_on_system_instructions)
{
	struct oracle o;
	struct rng r;

	rng_init(&r);
	start(&o);
	for (uint32_t insn = 0xd5080000u; insn < 0xd5100000u; insn += 32)
		check(&o, insn | (uint32_t)rng_below(&r, 32));
	for (size_t i = 0; i < GAPS; i++)
		cr_assert(o.met[i] || gaps[i].bits >> 24 != 0xd5,
			"%s is no gap", gaps[i].name);
	stop(&o);
}

/* A quarter of all words, or some; in four tests, which run side by side. */
static void check_quarter(uint32_t top)
{
	const uint32_t quarter = 1u << 30, count = test_scale(100000, quarter);
	struct oracle o;
	struct rng r;

	rng_init(&r);
	start(&o);
	for (uint32_t n = 0; n < count; n++)
		check(&o, top << 30 | (count == quarter
				? n : (uint32_t)rng_below(&r, quarter)));
	stop(&o);
}

Test(decode, agrees_with_a_disassembler_on_words_of_quarter_0)
{
	check_quarter(0);
}

Test(decode, agrees_with_a_disassembler_on_words_of_quarter_1)
{
	check_quarter(1);
}

Test(decode, agrees_with_a_disassembler_on_words_of_quarter_2)
{
	check_quarter(2);
}

Test(decode, agrees_with_a_disassembler_on_words_of_quarter_3)
{
	check_quarter(3);
}
