/* SPDX-License-Identifier: MIT */
#include "random_access.h"

#include "access_table.h"
#include "address_table.h"

#define CACHE_ROWS (sizeof(cache_rows) / sizeof(cache_rows[0]))

unsigned access_forms(void)
{
	return ACCESS_ROWS + ADDRESS_ROWS + CACHE_ROWS;
}

static int64_t field_signed(uint32_t insn, unsigned low, unsigned width)
{
	return (int64_t)((uint64_t)(insn >> low) << (64 - width)) >>
		(64 - width);
}

static void use_index(struct random_access *a, unsigned shift)
{
	a->index = true;
	a->rm = a->insn >> 16 & 31;
	a->extend = a->insn >> 13 & 7;
	a->shift = a->insn >> 12 & 1 ? shift : 0;
}

static int64_t signed_offset(uint32_t insn)
{
	return (field_signed(insn, 22, 1) * 512 +
		(int64_t)(insn >> 12 & 0x1ff)) * 8;
}

static void from_access_row(
	struct random_access *a, const struct access_row *row)
{
	a->name = row->name;
	a->bytes = 1u << row->size;
	switch (row->offset) {
	case OFFSET_NONE:
		break;
	case OFFSET_IMM12:
		a->offset = (int64_t)(a->insn >> 10 & 0xfff) << row->size;
		break;
	case OFFSET_IMM9:
		a->offset = field_signed(a->insn, 12, 9);
		break;
	case OFFSET_IMM19:
		a->literal = true;
		break;
	case OFFSET_REG:
		use_index(a, row->size);
		break;
	case OFFSET_IMM10:
		a->offset = signed_offset(a->insn);
		break;
	}
}

static void from_address_row(
	struct random_access *a, const struct address_row *row)
{
	a->name = row->name;
	a->bytes = row->bytes;
	switch (row->where) {
	case AT_BASE:
		break;
	case AT_IMM7:
		a->offset = field_signed(a->insn, 15, 7) * row->unit;
		break;
	case AT_IMM9:
		a->offset = field_signed(a->insn, 12, 9) * row->unit;
		break;
	case AT_IMM12:
		a->offset = (int64_t)(a->insn >> 10 & 0xfff) * row->unit;
		break;
	case AT_IMM19:
		a->literal = true;
		break;
	case AT_IMM10:
		a->offset = signed_offset(a->insn);
		break;
	case AT_REGISTER:
		use_index(a, row->unit);
		break;
	case AT_BEFORE:
		a->offset = -(int64_t)row->bytes;
		break;
	case AT_XT:
		a->rn = a->insn & 31;
		a->sp = false;
		break;
	}
}

struct random_access access_make(unsigned form, struct rng *rng)
{
	uint32_t random = (uint32_t)rng_next(rng), mask, bits;
	struct random_access a = { .form = form, .sp = true };
	unsigned more = form - ACCESS_ROWS, cache = more - ADDRESS_ROWS;

	if (form < ACCESS_ROWS) {
		mask = access_rows[form].mask;
		bits = access_rows[form].bits;
	} else if (more < ADDRESS_ROWS) {
		mask = address_rows[more].mask;
		bits = address_rows[more].bits;
	} else {
		mask = 0xffffffe0u;
		bits = cache_rows[cache].bits;
	}
	a.insn = bits | (random & ~mask);
	a.rn = a.insn >> 5 & 31;
	if (form < ACCESS_ROWS) {
		from_access_row(&a, &access_rows[form]);
	} else if (more < ADDRESS_ROWS) {
		from_address_row(&a, &address_rows[more]);
	} else {
		a.name = cache_rows[cache].name;
		a.bytes = 1;
		a.rn = a.insn & 31;
		a.sp = false;
	}
	return a;
}

/* An index register counts as that much. */
static uint64_t index_value(const struct random_access *a, uint64_t index)
{
	if (a->rm == 31)
		index = 0;
	if (a->extend == 2)
		index = (uint32_t)index;
	if (a->extend == 6)
		index = (uint64_t)(int64_t)(int32_t)index;
	return index << a->shift;
}

bool access_aim(const struct random_access *a, uint64_t address,
	struct rng *rng, uint64_t *base, uint64_t *index)
{
	*index = 0;
	if (a->literal || (a->rn == 31 && !a->sp))
		return false;
	*base = address - (uint64_t)a->offset;
	if (!a->index)
		return true;
	*index = rng_any(rng);
	*base = address - index_value(a, *index);
	return a->rm != a->rn || a->rm == 31;
}

bool access_aim_literal(struct random_access *a, uint64_t address, uint64_t pc)
{
	int64_t distance = (int64_t)(address - pc);

	if (distance & 3 || distance < -(1 << 20) || distance >= 1 << 20)
		return false;
	a->insn &= ~0x00ffffe0u;
	a->insn |= (uint32_t)(distance >> 2 & 0x7ffff) << 5;
	return true;
}
