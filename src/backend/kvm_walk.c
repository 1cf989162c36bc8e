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

int hvt_kvm_translate(struct hvt_engine_vcpu *v, uint64_t va, uint64_t *ipa)
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
	return hvt_walk(&regs, va, ipa);
}

bool hvt_kvm_fetch(struct hvt_engine_vcpu *v, uint64_t va, uint32_t *insn)
{
	uint64_t ipa;

	return !(va & 3) && !hvt_kvm_translate(v, va, &ipa) &&
			hvt_memory_read(ipa, insn, sizeof(*insn));
}

uint64_t hvt_kvm_unsigned(struct hvt_engine_vcpu *v, uint64_t pointer)
{
	return hvt_walk_unsigned(sys(v, HV_SYS_REG_TCR_EL1), pointer);
}
