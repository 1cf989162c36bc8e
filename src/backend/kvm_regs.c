/* SPDX-License-Identifier: MIT */
/*
 * Registers: hv_reg_t through a cache that fetches nothing nobody asked for
 * and writes back before the next run; system and SIMD registers straight
 * through. hv_sys_reg_t values are the low half of KVM's register ids, but
 * for the few that KVM keeps elsewhere.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "kvm.h"

#define CORE(field)                                                            \
	(KVM_REG_ARM64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))
#define CORE64(field)  (CORE(field) | KVM_REG_SIZE_U64)
#define CORE32(field)  (CORE(field) | KVM_REG_SIZE_U32)
#define CORE128(field) (CORE(field) | KVM_REG_SIZE_U128)

static int access_reg(struct hvt_engine_vcpu *v, unsigned long request,
		uint64_t id, const void *p)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)(uintptr_t)p };

	return hvt_kvm_sys->ioctl(v->fd, request, &reg);
}

static uint64_t id_of(hv_reg_t reg)
{
	switch (reg) {
	case HV_REG_PC:
		return CORE64(regs.pc);
	case HV_REG_CPSR:
		return CORE64(regs.pstate);
	case HV_REG_FPCR:
		return CORE32(fp_regs.fpcr);
	case HV_REG_FPSR:
		return CORE32(fp_regs.fpsr);
	default:
		/* X0 to X30 follow each other, two words each. */
		return CORE64(regs.regs[0]) + 2 * (uint64_t)reg;
	}
}

int hvt_kvm_get_reg(struct hvt_engine_vcpu *v, hv_reg_t reg, uint64_t *value)
{
	uint64_t bit = 1ull << reg, fetched = 0;
	int err;

	if (!(v->valid & bit)) {
		err = access_reg(v, KVM_GET_ONE_REG, id_of(reg), &fetched);
		if (err)
			return err;
		v->regs[reg] = fetched;
		v->valid |= bit;
	}
	*value = v->regs[reg];
	return 0;
}

int hvt_kvm_set_reg(struct hvt_engine_vcpu *v, hv_reg_t reg, uint64_t value)
{
	uint64_t bit = 1ull << reg;

	/* 32-bit registers read back as such. */
	if (reg == HV_REG_FPCR || reg == HV_REG_FPSR)
		value &= UINT32_MAX;
	v->regs[reg] = value;
	v->valid |= bit;
	v->dirty |= bit;
	return 0;
}

/*
 * KVM refuses modes in CPSR that this guest cannot have. The VMM learns of it
 * here, at the run, as Apple's framework reports impossible states.
 */
int hvt_kvm_flush_regs(struct hvt_engine_vcpu *v)
{
	while (v->dirty) {
		unsigned reg = (unsigned)__builtin_ctzll(v->dirty);
		int err = access_reg(v, KVM_SET_ONE_REG, id_of(reg),
				&v->regs[reg]);

		if (err)
			return reg == HV_REG_CPSR ? -ENOEXEC : err;
		v->dirty &= v->dirty - 1;
	}
	return 0;
}

int hvt_kvm_get_simd(struct hvt_engine_vcpu *v, unsigned n, uint8_t value[16])
{
	return access_reg(v, KVM_GET_ONE_REG,
			CORE128(fp_regs.vregs[0]) + 4 * (uint64_t)n, value);
}

int hvt_kvm_set_simd(
		struct hvt_engine_vcpu *v, unsigned n, const uint8_t value[16])
{
	return access_reg(v, KVM_SET_ONE_REG,
			CORE128(fp_regs.vregs[0]) + 4 * (uint64_t)n, value);
}

static uint64_t sys_id(hv_sys_reg_t reg)
{
	switch (reg) {
	case HV_SYS_REG_SP_EL0:
		return CORE64(regs.sp);
	case HV_SYS_REG_SP_EL1:
		return CORE64(sp_el1);
	case HV_SYS_REG_ELR_EL1:
		return CORE64(elr_el1);
	case HV_SYS_REG_SPSR_EL1:
		return CORE64(spsr[0]);
	/* KVM's id of the compare value; the natural one is its counter. */
	case HV_SYS_REG_CNTV_CVAL_EL0:
		return KVM_REG_ARM_TIMER_CVAL;
	default:
		return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG |
				reg;
	}
}

int hvt_kvm_get_sys_reg(
		struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t *value)
{
	if (reg == HV_SYS_REG_ACTLR_EL1) {
		*value = 0;
		return 0;
	}
	return access_reg(v, KVM_GET_ONE_REG, sys_id(reg), value);
}

/* Apple's switch to the memory order of x86; no other CPU has it. */
#define ACTLR_EN_TSO 2u

int hvt_kvm_set_sys_reg(
		struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t value)
{
	if (reg == HV_SYS_REG_ACTLR_EL1)
		return value & ACTLR_EN_TSO ? -EOPNOTSUPP : 0;
	return access_reg(v, KVM_SET_ONE_REG, sys_id(reg), &value);
}
