/* SPDX-License-Identifier: MIT */
/*
 * Registers: hv_reg_t through a cache that fetches nothing nobody asked for
 * and writes back before the next run; system and SIMD registers straight
 * through. hv_sys_reg_t values are the low half of KVM's register ids, but
 * for the few that KVM keeps elsewhere.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"
#include "trace.h"

#define CORE(field)                                                            \
	(KVM_REG_ARM64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))
#define CORE64(field)  (CORE(field) | KVM_REG_SIZE_U64)
#define CORE32(field)  (CORE(field) | KVM_REG_SIZE_U32)
#define CORE128(field) (CORE(field) | KVM_REG_SIZE_U128)

int hvt_kvm_one_reg(int fd, unsigned long request, uint64_t id, const void *p)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)(uintptr_t)p };

	return hvt_ioctl(fd, request, (uintptr_t)&reg);
}

static int access_reg(struct hvt_engine_vcpu *v, unsigned long request,
		uint64_t id, const void *p)
{
	return hvt_kvm_one_reg(v->fast.fd, request, id, p);
}

uint64_t hvt_kvm_reg_id(hv_reg_t reg)
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

void hvt_kvm_forget_regs(struct hvt_engine_vcpu *v)
{
	v->fast.valid = 0;
}

int hvt_kvm_get_reg(struct hvt_engine_vcpu *v, hv_reg_t reg, uint64_t *value)
{
	uint64_t bit = 1ull << reg, fetched = 0;
	int err;

	if (!((v->fast.valid | v->fast.dirty) & bit)) {
		err = access_reg(v, KVM_GET_ONE_REG, hvt_kvm_reg_id(reg),
				&fetched);
		if (err)
			return err;
		v->fast.record->regs[reg] = fetched;
		v->fast.valid |= bit;
	}
	*value = v->fast.record->regs[reg];
	return 0;
}

int hvt_kvm_set_reg(struct hvt_engine_vcpu *v, hv_reg_t reg, uint64_t value)
{
	uint64_t bit = 1ull << reg;

	/* 32-bit registers read back as such. */
	if (reg >= HV_REG_FPCR)
		value &= UINT32_MAX;
	v->fast.record->regs[reg] = value;
	v->fast.dirty |= bit;
	return 0;
}

/*
 * KVM refuses modes in CPSR that this guest cannot have. The VMM learns of it
 * here, at the run, as Apple's framework reports impossible states.
 */
int hvt_kvm_flush_regs(struct hvt_engine_vcpu *v)
{
	while (v->fast.dirty) {
		unsigned reg = (unsigned)__builtin_ctzll(v->fast.dirty);
		int err = access_reg(v, KVM_SET_ONE_REG, hvt_kvm_reg_id(reg),
				&v->fast.record->regs[reg]);

		if (err)
			return reg == HV_REG_CPSR ? -ENOEXEC : err;
		v->fast.dirty &= v->fast.dirty - 1;
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

uint64_t hvt_kvm_sys_id(hv_sys_reg_t reg)
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

/* Of the physical timer: compare value less counter, 32 bits of it. */
static int get_tval(struct hvt_engine_vcpu *v, uint64_t *value)
{
	uint64_t now = hvt_tick() - hvt_kvm.vtimer_offset, cval;
	int err = access_reg(v, KVM_GET_ONE_REG,
			hvt_kvm_sys_id(HV_SYS_REG_CNTP_CVAL_EL0), &cval);

	*value = (uint32_t)(cval - now);
	return err;
}

static int set_tval(struct hvt_engine_vcpu *v, uint64_t value)
{
	uint64_t now = hvt_tick() - hvt_kvm.vtimer_offset;
	uint64_t cval = now + (uint64_t)(int64_t)(int32_t)value;

	return access_reg(v, KVM_SET_ONE_REG,
			hvt_kvm_sys_id(HV_SYS_REG_CNTP_CVAL_EL0), &cval);
}

/*
 * Every Mac has pointer authentication. Where the CPU has none its keys do
 * nothing, but VMMs save and restore them.
 */
static uint64_t *pauth_key(struct hvt_engine_vcpu *v, hv_sys_reg_t reg)
{
	return reg >= HV_SYS_REG_APIAKEYLO_EL1 &&
					reg <= HV_SYS_REG_APGAKEYHI_EL1
			? &v->pauth_keys[reg - HV_SYS_REG_APIAKEYLO_EL1]
			: NULL;
}

int hvt_kvm_get_sys_reg(
		struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t *value)
{
	const uint64_t *kept = hvt_kvm_debug_reg(v, reg), *key;
	int err;

	if (reg == HV_SYS_REG_ACTLR_EL1 || kept) {
		*value = kept ? *kept : 0;
		return 0;
	}
	if (hvt_kvm_id_get(v, reg, value, &err))
		return err;
	if (reg == HV_SYS_REG_CNTP_TVAL_EL0)
		return get_tval(v, value);
	err = access_reg(v, KVM_GET_ONE_REG, hvt_kvm_sys_id(reg), value);
	key = err == -ENOENT ? pauth_key(v, reg) : NULL;
	if (!key)
		return err;
	*value = *key;
	return 0;
}

/* Apple's switch to the memory order of x86; no other CPU has it. */
#define ACTLR_EN_TSO 2u

int hvt_kvm_set_sys_reg(
		struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t value)
{
	uint64_t *kept = hvt_kvm_debug_reg(v, reg);
	int err;

	/* KVM's way to complete an access may depend on it. */
	v->fast.fold = 0;
	if (kept) {
		*kept = value;
		return 0;
	}
	if (reg == HV_SYS_REG_ACTLR_EL1)
		return value & ACTLR_EN_TSO ? -EOPNOTSUPP : 0;
	if (hvt_kvm_id_set(v, reg, value))
		return 0;
	if (reg == HV_SYS_REG_CNTP_TVAL_EL0)
		return set_tval(v, value);
	err = access_reg(v, KVM_SET_ONE_REG, hvt_kvm_sys_id(reg), &value);
	kept = err == -ENOENT ? pauth_key(v, reg) : NULL;
	if (!kept)
		return err;
	*kept = value;
	return 0;
}

/* Registers of 64 bits with an encoding that the API does not name. */
static bool is_other(uint64_t id)
{
	const uint64_t kind = KVM_REG_ARM64 | KVM_REG_SIZE_U64 |
			KVM_REG_ARM64_SYSREG;

	return (id & ~0xffffull) == kind && !hvt_sys_reg_name(id & 0xffff);
}

int hvt_kvm_other_sys_regs(struct hvt_engine_vcpu *v, hv_sys_reg_t *regs,
		size_t *count)
{
	struct kvm_reg_list size = { 0 }, *list;
	size_t room = *count;
	int err = hvt_kvm_sys->ioctl(v->fast.fd, KVM_GET_REG_LIST, &size);

	if (err != -E2BIG)
		return err ? err : -EIO;
	list = malloc(sizeof(*list) + size.n * sizeof(list->reg[0]));
	if (!list)
		return -ENOMEM;
	list->n = size.n;
	err = hvt_kvm_sys->ioctl(v->fast.fd, KVM_GET_REG_LIST, list);
	*count = 0;
	for (uint64_t i = 0; i < list->n && !err; i++) {
		if (!is_other(list->reg[i]))
			continue;
		if (*count == room)
			err = -E2BIG;
		else
			regs[(*count)++] = (hv_sys_reg_t)(list->reg[i] & 0xffff);
	}
	free(list);
	return err;
}

/*
 * A Mac's framework starts vCPUs with zeroes: at EL0, and SCTLR_EL1 without
 * its RES1 bits. KVM starts them at EL1h, with a pattern in registers whose
 * reset value is unknown, and some as the vCPU before has left them.
 */
int hvt_kvm_reset_regs(struct hvt_engine_vcpu *v)
{
	static const hv_sys_reg_t zero[] = { HV_SYS_REG_SCTLR_EL1,
		HV_SYS_REG_TTBR0_EL1, HV_SYS_REG_TTBR1_EL1,
		HV_SYS_REG_AFSR0_EL1, HV_SYS_REG_AFSR1_EL1,
		HV_SYS_REG_ESR_EL1, HV_SYS_REG_FAR_EL1, HV_SYS_REG_PAR_EL1,
		HV_SYS_REG_MAIR_EL1, HV_SYS_REG_AMAIR_EL1,
		HV_SYS_REG_CSSELR_EL1, HV_SYS_REG_TPIDR_EL0,
		HV_SYS_REG_TPIDRRO_EL0, HV_SYS_REG_TPIDR_EL1,
		HV_SYS_REG_SP_EL1, HV_SYS_REG_ELR_EL1, HV_SYS_REG_SPSR_EL1,
		HV_SYS_REG_CNTV_CVAL_EL0, HV_SYS_REG_APIAKEYLO_EL1,
		HV_SYS_REG_APIAKEYHI_EL1, HV_SYS_REG_APIBKEYLO_EL1,
		HV_SYS_REG_APIBKEYHI_EL1, HV_SYS_REG_APDAKEYLO_EL1,
		HV_SYS_REG_APDAKEYHI_EL1, HV_SYS_REG_APDBKEYLO_EL1,
		HV_SYS_REG_APDBKEYHI_EL1, HV_SYS_REG_APGAKEYLO_EL1,
		HV_SYS_REG_APGAKEYHI_EL1 };
	int err = 0;

	for (unsigned i = 0; i < sizeof(zero) / sizeof(zero[0]) && !err; i++)
		err = hvt_kvm_set_sys_reg(v, zero[i], 0);
	/* With EL2 it starts there, as KVM has it. */
	return err || hvt_kvm.el2 ? err : hvt_kvm_set_reg(v, HV_REG_CPSR, 0);
}
