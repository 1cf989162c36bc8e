/* SPDX-License-Identifier: MIT */
/*
 * A GIC that interrupts nobody: the registers that enum hvt_gic_file promises,
 * with the pairs that set and clear bits of one thing, and latches that are
 * replaced. What it has not reads as zero and ignores writes, as KVM has it.
 */
#include <errno.h>
#include <string.h>

#include "fake_engine.h"

#define INTIDS	   992u /* as KVM's largest */
#define PRI_BITS   5u
#define VTR	   ((PRI_BITS - 1) << 29 | (PRI_BITS - 1) << 26 | 1u << 20 | 3u)
#define PRIORITIES 0xf8f8f8f8u

void fake_gic_reset(struct fake_gic *gic)
{
	memset(gic, 0, sizeof(*gic));
	for (unsigned i = 1; i < INTIDS / 32; i++)
		gic->distributor[(0x80 + 4 * i) / 4] = UINT32_MAX;
	for (unsigned i = 0; i < HVT_VCPU_MAX; i++) {
		uint32_t *r = gic->redistributors[i];

		r[0x8 / 4] = i << 8;
		r[0xc / 4] = 0x100 + i; /* the affinity, more or less */
		r[0xffe8 / 4] = 0x3b;
		r[0x10080 / 4] = UINT32_MAX;
		r[0x10100 / 4] = 0xffff;
		r[0x10c00 / 4] = 0xaaaaaaaa;
		(void)fake_gic_set(gic, HVT_GIC_CPU, i,
			HV_GIC_ICC_REG_CTLR_EL1, (PRI_BITS - 1) << 8);
		(void)fake_gic_set(
			gic, HVT_GIC_CPU, i, HV_GIC_ICC_REG_SRE_EL1, 7);
		(void)fake_gic_set(
			gic, HVT_GIC_CPU, i, HV_GIC_ICH_REG_VTR_EL2, VTR);
	}
	gic->distributor[0x4 / 4] = INTIDS / 32 - 1;
	gic->distributor[0xffe8 / 4] = 0x3b;
	gic->changed_unpaused = 0;
}

static int cpu_reg(
	struct fake_gic *gic, uint32_t vcpu, uint32_t reg, uint64_t **value)
{
	/* With so few priorities there is one register of each group. */
	if ((reg > 0xc644 && reg < 0xc648) || (reg > 0xc648 && reg < 0xc64c) ||
		(reg > 0xe640 && reg < 0xe648) ||
		(reg > 0xe648 && reg < 0xe64c))
		return -EINVAL;
	for (unsigned i = 0; i < gic->cpu_count; i++) {
		if (gic->cpu[i].vcpu != vcpu || gic->cpu[i].reg != reg)
			continue;
		*value = &gic->cpu[i].value;
		return 0;
	}
	if (gic->cpu_count == FAKE_GIC_CPU_REGS * HVT_VCPU_MAX)
		return -ENOSPC;
	gic->cpu[gic->cpu_count].vcpu = vcpu;
	gic->cpu[gic->cpu_count].reg = reg;
	*value = &gic->cpu[gic->cpu_count++].value;
	return 0;
}

/* The word of a GICD or of an SGI frame that holds what reg shows. */
static uint32_t home(uint32_t reg)
{
	uint32_t offset = reg & 0xffff;

	/* ICENABLER and ICACTIVER show their twins. */
	if ((offset >= 0x180 && offset < 0x200) ||
		(offset >= 0x380 && offset < 0x400))
		return reg - 0x80;
	return reg;
}

static bool is_one_of(uint32_t reg, uint32_t first)
{
	return (reg & 0xffff) >= first && (reg & 0xffff) < first + 0x80;
}

static bool is_there(enum hvt_gic_file file, uint32_t reg)
{
	uint32_t offset = reg & 0xffff;

	if (file == HVT_GIC_REDISTRIBUTOR)
		return reg >= 0x10000 || offset < 0x10 || offset == 0xffe8;
	if (offset >= 0x6000 && offset < 0x8000)
		return offset < 0x6000 + 8 * INTIDS && !(offset & 4);
	if (offset >= 0x80 && offset < 0x400)
		return (offset & 0x7f) < INTIDS / 8 && offset & 0x7f;
	if (offset >= 0x400 && offset < 0x800)
		return offset >= 0x420 && offset < 0x400 + INTIDS;
	if (offset >= 0xc00 && offset < 0xd00)
		return offset >= 0xc08 && offset < 0xc00 + INTIDS / 4;
	return offset < 8 || offset == 0xffe8;
}

static bool is_read_only(enum hvt_gic_file file, uint32_t reg)
{
	uint32_t offset = reg & 0xffff;

	if (file == HVT_GIC_REDISTRIBUTOR &&
		(reg < 0x10000 || reg == 0x10c00 || reg == 0x10c04))
		return true;
	return offset == 0x4 || offset == 0xffe8;
}

static uint32_t *bank(
	struct fake_gic *gic, enum hvt_gic_file file, uint32_t vcpu)
{
	return file == HVT_GIC_DISTRIBUTOR ? gic->distributor
					   : gic->redistributors[vcpu];
}

int fake_gic_get(struct fake_gic *gic, enum hvt_gic_file file, uint32_t vcpu,
	uint32_t reg, uint64_t *value)
{
	uint64_t *wide;
	int err;

	switch (file) {
	case HVT_GIC_CPU:
		err = cpu_reg(gic, vcpu, reg, &wide);
		if (!err)
			*value = *wide;
		return err;
	case HVT_GIC_LINES:
		*value = gic->lines[reg < 32 ? vcpu : 0][reg / 32];
		return 0;
	default:
		break;
	}
	/* Nothing asks for an ICPENDR. */
	if (is_one_of(reg, 0x280) && reg != 0xffe8)
		return -EIO;
	*value = is_there(file, reg) ? bank(gic, file, vcpu)[home(reg) / 4] : 0;
	return 0;
}

static void set_word(uint32_t *word, uint32_t reg, uint32_t value)
{
	if (is_one_of(reg, 0x100) || is_one_of(reg, 0x300))
		*word |= value;
	else if (is_one_of(reg, 0x180) || is_one_of(reg, 0x380))
		*word &= ~value;
	else if ((reg & 0xffff) >= 0x400 && (reg & 0xffff) < 0x800)
		*word = value & PRIORITIES;
	else if ((reg & 0xffff) >= 0xc00 && (reg & 0xffff) < 0xd00)
		*word = value & 0xaaaaaaaa;
	else if ((reg & 0xffff) >= 0x6000 && (reg & 0xffff) < 0x8000)
		*word = value & 0xffffff;
	else if (reg == 0)
		*word = value & 2;
	else
		*word = value;
}

int fake_gic_set(struct fake_gic *gic, enum hvt_gic_file file, uint32_t vcpu,
	uint32_t reg, uint64_t value)
{
	uint64_t *wide;
	int err;

	gic->changed_unpaused += !fake.paused;
	switch (file) {
	case HVT_GIC_CPU:
		err = cpu_reg(gic, vcpu, reg, &wide);
		if (!err)
			*wide = value;
		return err;
	case HVT_GIC_LINES:
		gic->lines[reg < 32 ? vcpu : 0][reg / 32] = (uint32_t)value &
			(reg < 32 ? 0xffff0000u : UINT32_MAX);
		return 0;
	default:
		break;
	}
	if (is_one_of(reg, 0x280) && reg != 0xffe8)
		return -EIO;
	if (is_there(file, reg) && !is_read_only(file, reg))
		set_word(&bank(gic, file, vcpu)[home(reg) / 4], reg,
			(uint32_t)value);
	return 0;
}
