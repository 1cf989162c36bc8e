/* SPDX-License-Identifier: MIT */
/*
 * Finding the instruction at a guest virtual address: the stage 1 tables of
 * the EL1&0 regime (Arm ARM D8.2), walked in guest memory. They are hostile
 * input: the walk has at most four levels, and reads only through the memory
 * slots. 52-bit addresses are not walked: the caller then has no instruction
 * and says so in the syndrome.
 */
#include "guest_memory.h"
#include "kvm.h"

#define SCTLR_M     1ull
#define SCTLR_EE    (1ull << 25) /* big-endian tables */
#define TCR_DS      (1ull << 59)
#define DESC_VALID  1ull
#define DESC_TABLE  2ull
#define ADDR_MASK   0x0000fffffffff000ull
#define TTBR_MASK   0x0000ffffffffffc0ull

struct regime {
	uint64_t table;
	unsigned va_bits;
	unsigned granule; /* log2 */
};

static uint64_t sys(struct hvt_engine_vcpu *v, hv_sys_reg_t reg)
{
	uint64_t value = 0;

	(void)hvt_kvm_get_sys_reg(v, reg, &value);
	return value;
}

/* TG0 and TG1 number the granules differently. */
static unsigned granule_of(uint64_t tcr, bool high)
{
	static const uint8_t tg0[4] = { 12, 16, 14, 0 };
	static const uint8_t tg1[4] = { 0, 14, 12, 16 };

	return high ? tg1[tcr >> 30 & 3] : tg0[tcr >> 14 & 3];
}

static bool find_regime(struct hvt_engine_vcpu *v, uint64_t va,
		struct regime *r)
{
	bool high = va >> 55 & 1;
	uint64_t tcr = sys(v, HV_SYS_REG_TCR_EL1);
	unsigned size = (high ? tcr >> 16 : tcr) & 0x3f;

	if (tcr & TCR_DS || size < 16 || size > 48)
		return false;
	r->va_bits = 64 - size;
	r->granule = granule_of(tcr, high);
	r->table = sys(v, high ? HV_SYS_REG_TTBR1_EL1 : HV_SYS_REG_TTBR0_EL1);
	return r->granule;
}

/* One level: 1 a block or page is found, 0 go on at *table, -1 none. */
static int step(uint64_t desc, unsigned level, unsigned granule)
{
	bool table = desc & DESC_TABLE;

	if (!(desc & DESC_VALID))
		return -1;
	if (level == 3)
		return table ? 1 : -1;
	if (table)
		return 0;
	/* Blocks: level 1 with 4 KiB granules, level 2 with all. */
	return level == 2 || (level == 1 && granule == 12) ? 1 : -1;
}

/* A first table is aligned to its size, of 64 bytes at least. */
static uint64_t first_table(const struct regime *r, unsigned levels)
{
	unsigned shift = r->granule + (r->granule - 3) * (levels - 1);
	unsigned log2_size = r->va_bits - shift + 3;

	return r->table & TTBR_MASK &
			~((1ull << (log2_size < 6 ? 6 : log2_size)) - 1);
}

static bool walk(const struct regime *r, uint64_t va, uint64_t *ipa)
{
	unsigned stride = r->granule - 3;
	unsigned levels = (r->va_bits - r->granule + stride - 1) / stride;
	uint64_t table = first_table(r, levels);

	for (unsigned level = 4 - levels; level < 4; level++) {
		unsigned shift = r->granule + stride * (3 - level);
		unsigned bits = shift + stride > r->va_bits
				? r->va_bits - shift
				: stride;
		uint64_t index = va >> shift & ((1ull << bits) - 1);
		uint64_t desc, mask = (1ull << shift) - 1;
		int found;

		if (!hvt_memory_read(table + index * 8, &desc, 8))
			return false;
		found = step(desc, level, r->granule);
		if (found < 0)
			return false;
		if (found) {
			*ipa = (desc & ADDR_MASK & ~mask) | (va & mask);
			return true;
		}
		table = desc & ADDR_MASK & ~((1ull << r->granule) - 1);
	}
	return false;
}

bool hvt_kvm_fetch(struct hvt_engine_vcpu *v, uint64_t va, uint32_t *insn)
{
	uint64_t ipa = va, sctlr = sys(v, HV_SYS_REG_SCTLR_EL1);
	struct regime r;

	if (va & 3)
		return false;
	if (sctlr & SCTLR_M && (sctlr & SCTLR_EE || !find_regime(v, va, &r) ||
					       !walk(&r, va, &ipa)))
		return false;
	return hvt_memory_read(ipa, insn, sizeof(*insn));
}
