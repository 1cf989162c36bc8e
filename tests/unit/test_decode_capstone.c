/* SPDX-License-Identifier: MIT */
/*
 * The decoder of loads and stores against a disassembler that others wrote.
 * Capstone 4 does not know LDAPR, LDAPUR, LDRAA and LDLAR: the table in
 * access_table.h vouches for those alone.
 */
#include <capstone/capstone.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fastpath.h"
#include "rng.h"

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

/*
 * Made since Capstone 4; encodings whose unused bits it insists on; and LDTR
 * into its base register, which it takes for a write-back.
 */
static bool beyond_capstone(uint32_t insn)
{
	bool ordered = (insn & 0x3f000000u) == 0x08000000u;
	bool into_base = (insn & 31) == (insn >> 5 & 31);

	return (insn & 0x3f000000u) == 0x19000000u ||
		(insn & 0xff200c00u) == 0xf8200400u ||
		(insn & 0x3ffffc00u) == 0x38bfc000u ||
		((insn & 0x3f200c00u) == 0x38000800u && into_base) ||
		(ordered && (insn & 0x1f7c00u) != 0x1f7c00u) ||
		(ordered && !(insn & 0x8000u));
}

/* The same for what has no syndrome. Registers that must differ may not. */
static bool address_beyond_capstone(uint32_t insn)
{
	uint32_t class = insn >> 24 & 63, rt = insn & 31;
	bool same_pair = rt == (insn >> 10 & 31);
	bool into_base = rt == (insn >> 5 & 31);

	switch (class) {
	case 0x08: /* CAS, CASP; LDXP */
		return (insn & 0x00207c00u) == 0x00207c00u || same_pair;
	case 0x0d: /* STL1, LDAP1 */
		return (insn & 0xbfbffc00u) == 0x0d018400u;
	case 0x15: /* named otherwise */
	case 0x19: /* since Armv8.4 */
	case 0x1c: /* literals: an immediate there */
	case 0x1d:
		return true;
	case 0x28:
	case 0x29: /* LDP; STGP */
		return same_pair || insn >> 30 == 1 || into_base ||
			(insn >> 5 & 31) == (insn >> 10 & 31);
	case 0x2c:
	case 0x2d:
		return same_pair;
	case 0x38: /* atomics, LDRAA; write-back */
		return insn & 1u << 21 || into_base;
	default:
		return false;
	}
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

/* The operand in memory; NULL: none. Prefetches do not abort. */
static const cs_arm64_op *memory_operand(const cs_insn *i)
{
	const cs_arm64 *d = i ? &i->detail->arm64 : NULL;

	if (!i || !strncmp(i->mnemonic, "prf", 3))
		return NULL;
	for (unsigned n = 0; n < d->op_count; n++)
		if (d->operands[n].type == ARM64_OP_MEM)
			return &d->operands[n];
	return NULL;
}

/* What has no syndrome: base and offset at the time of the access. */
static void check_address(
	uint32_t insn, const cs_insn *i, const struct hvt_access *a)
{
	const cs_arm64 *d = &i->detail->arm64;
	const cs_arm64_op *m = memory_operand(i);
	bool wide, post = m < &d->operands[d->op_count - 1];

	cr_assert_eq(a->rn, general(m->mem.base, &wide), "%08x", insn);
	if (m->mem.index != ARM64_REG_INVALID && !post)
		cr_assert_eq(a->rm, general(m->mem.index, &wide), "%08x", insn);
	else
		cr_assert_eq(a->offset, post ? 0 : m->mem.disp, "%08x: %s %s",
			insn, i->mnemonic, i->op_str);
}

static bool check(csh handle, uint32_t insn)
{
	struct hvt_access a;
	bool known = hvt_decode_access(insn, &a), is = known && a.isv;
	uint8_t bytes[4] = { (uint8_t)insn, (uint8_t)(insn >> 8),
		(uint8_t)(insn >> 16), (uint8_t)(insn >> 24) };
	cs_insn *i = NULL;
	size_t n = cs_disasm(handle, bytes, 4, 0, 1, &i);

	if (is != is_access(i) && !(is && beyond_capstone(insn)))
		cr_assert_fail("%08x: %s %s", insn,
			i ? i->mnemonic : "unallocated", i ? i->op_str : "");
	if (is && is_access(i))
		check_operands(insn, i, &a);
	if (!is && known != !!memory_operand(i) &&
		!(known && address_beyond_capstone(insn)))
		cr_assert_fail("%08x: %s %s", insn,
			i ? i->mnemonic : "unallocated", i ? i->op_str : "");
	if (!is && known && memory_operand(i))
		check_address(insn, i, &a);
	cs_free(i, n);
	return is;
}

Test(decode, agrees_with_a_disassembler)
{
	unsigned accesses = 0, rounds = 16;
	struct rng r;
	csh handle;

	rng_init(&r);
	cr_assert_eq(cs_open(CS_ARCH_ARM64, CS_MODE_ARM, &handle), CS_ERR_OK);
	cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	/* Classes are told apart by bits 31:21 and 15:10; the rest varies. */
	for (uint32_t class = 0; class < 1u << 17; class ++) {
		uint32_t fixed = class >> 6 << 21 | (class & 63) << 10;

		/* op0 x1x0: loads and stores. Others once only. */
		for (unsigned k = 0; k < rounds; k++) {
			uint32_t free = (uint32_t)rng_next(&r) & 0x1f03ffu;
			bool memory = (fixed & 0x0a000000u) == 0x08000000u;

			/* Rs all ones is what LDAR has. */
			if (k % 2)
				free |= 0x1f0000u;
			if (!memory && k)
				break;
			accesses += check(handle, fixed | free);
		}
	}
	cr_assert_gt(accesses, 5000);
	cs_close(&handle);
}
