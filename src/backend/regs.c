/* SPDX-License-Identifier: MIT */
/* hv_vcpu_get_reg and its kin: selectors are checked here, values below. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "trace.h"
#include "vcpu.h"
#include "vm.h"

int hvt_vcpu_get_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t *value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || reg > HV_REG_CPSR || !value)
		return err ? err : -EINVAL;
	return hvt_engine->get_reg(vcpu->engine, reg, value);
}

int hvt_vcpu_set_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || reg > HV_REG_CPSR)
		return err ? err : -EINVAL;
	return hvt_engine->set_reg(vcpu->engine, reg, value);
}

int hvt_vcpu_get_simd_fp_reg(
		hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t *value)
{
	struct hvt_vcpu *vcpu;
	uint8_t bytes[16];
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || reg > HV_SIMD_FP_REG_Q31 || !value)
		return err ? err : -EINVAL;
	err = hvt_engine->get_simd(vcpu->engine, reg, bytes);
	if (!err)
		memcpy(value, bytes, sizeof(bytes));
	return err;
}

int hvt_vcpu_set_simd_fp_reg(
		hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value)
{
	struct hvt_vcpu *vcpu;
	uint8_t bytes[16];
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || reg > HV_SIMD_FP_REG_Q31)
		return err ? err : -EINVAL;
	memcpy(bytes, &value, sizeof(bytes));
	return hvt_engine->set_simd(vcpu->engine, reg, bytes);
}

/* EL2's own registers: op1 is 4, or 5 and 6 for those of EL1 seen from EL2. */
static bool is_el2(hv_sys_reg_t reg)
{
	return reg >> 14 == 3 && (reg >> 11 & 7) >= 4 &&
			reg != HV_SYS_REG_SP_EL1;
}

static bool is_physical_timer(hv_sys_reg_t reg)
{
	switch (reg) {
	case HV_SYS_REG_CNTP_CTL_EL0:
	case HV_SYS_REG_CNTP_CVAL_EL0:
	case HV_SYS_REG_CNTP_TVAL_EL0:
	case HV_SYS_REG_CNTHP_CTL_EL2:
	case HV_SYS_REG_CNTHP_CVAL_EL2:
	case HV_SYS_REG_CNTHP_TVAL_EL2:
		return true;
	default:
		return false;
	}
}

/*
 * Only what the API names, though engines may know more by the same numbers;
 * and as on a Mac, the physical timer with a GIC and EL2 with EL2 only.
 */
static int check_sys_reg(hv_sys_reg_t reg)
{
	if (!hvt_sys_reg_name(reg) ||
			(is_el2(reg) && !hvt_vm.el2) ||
			(is_physical_timer(reg) && !hvt_vm.has_gic))
		return -EINVAL;
	return 0;
}

int hvt_vcpu_get_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t *value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || !value || check_sys_reg(reg))
		return err ? err : -EINVAL;
	return hvt_engine->get_sys_reg(vcpu->engine, reg, value);
}

int hvt_vcpu_set_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || check_sys_reg(reg))
		return err ? err : -EINVAL;
	return reg == HV_SYS_REG_MPIDR_EL1
			? hvt_gic_affinity_set(vcpu, value)
			: hvt_engine->set_sys_reg(vcpu->engine, reg, value);
}
