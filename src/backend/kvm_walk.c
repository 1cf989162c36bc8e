/* SPDX-License-Identifier: MIT */
/* Virtual addresses of a vCPU that is outside the guest. */
#include "guest_memory.h"
#include "kvm.h"
#include "walk.h"

static uint64_t sys(struct hvt_engine_vcpu *v, hv_sys_reg_t reg)
{
	uint64_t value = 0;

	(void)hvt_kvm_get_sys_reg(v, reg, &value);
	return value;
}

static struct hvt_stage1 stage1_of(struct hvt_engine_vcpu *v, uint64_t va)
{
	struct hvt_stage1 regs = { .sctlr = sys(v, HV_SYS_REG_SCTLR_EL1) };

	v->fast.record->sctlr = regs.sctlr;

	/* Bit 55 chooses between the tables. */
	if (regs.sctlr & 1) {
		regs.tcr = sys(v, HV_SYS_REG_TCR_EL1);
		if (va >> 55 & 1)
			regs.ttbr1 = sys(v, HV_SYS_REG_TTBR1_EL1);
		else
			regs.ttbr0 = sys(v, HV_SYS_REG_TTBR0_EL1);
	}
	return regs;
}

/*
 * The tables are walked anew each time, as nothing tells of it when the guest
 * changes them: docs/ARCHITECTURE.md.
 */
bool hvt_kvm_fetch(struct hvt_engine_vcpu *v, uint64_t va, uint32_t *insn)
{
	const struct hvt_stage1 regs = stage1_of(v, va);
	struct hvt_memory_look look;
	uint64_t ipa;
	bool there;

	if (va & 3)
		return false;
	hvt_memory_look_begin(&look);
	there = !hvt_walk_within(&look, &regs, va, &ipa) &&
			hvt_memory_look(&look, ipa, insn, sizeof(*insn));
	hvt_memory_look_end();
	return there;
}

uint64_t hvt_kvm_unsigned(struct hvt_engine_vcpu *v, uint64_t pointer)
{
	return hvt_walk_unsigned(sys(v, HV_SYS_REG_TCR_EL1), pointer);
}
