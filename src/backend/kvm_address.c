/* SPDX-License-Identifier: MIT */
/*
 * Where an instruction of a vCPU that is outside the guest accesses memory:
 * its operands, read from the registers.
 */
#include "fastpath.h"
#include "kvm.h"

#define MODE_EL1H 5u

static uint64_t reg_or_zero(struct hvt_engine_vcpu *v, unsigned n)
{
	uint64_t value = 0;

	if (n < 31)
		(void)hvt_kvm_get_reg(v, HV_REG_X0 + n, &value);
	return value;
}

static uint64_t stack_pointer(struct hvt_engine_vcpu *v)
{
	uint64_t cpsr = 0, value = 0;

	(void)hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr);
	(void)hvt_kvm_get_sys_reg(v,
			(cpsr & 0xf) == MODE_EL1H ? HV_SYS_REG_SP_EL1
						  : HV_SYS_REG_SP_EL0,
			&value);
	return value;
}

static uint64_t extended(uint64_t value, unsigned option)
{
	switch (option) {
	case 2: /* UXTW */
		return (uint32_t)value;
	case 6: /* SXTW */
		return (uint64_t)(int64_t)(int32_t)value;
	default:
		return value;
	}
}

uint64_t hvt_kvm_address(struct hvt_engine_vcpu *v, const struct hvt_access *a,
		uint64_t pc)
{
	uint64_t offset = (uint64_t)(int64_t)a->offset, base;

	if (a->address == HVT_ADDRESS_LITERAL)
		return pc + offset;
	if (a->address == HVT_ADDRESS_XT)
		return reg_or_zero(v, a->rn);
	base = a->rn == 31 ? stack_pointer(v) : reg_or_zero(v, a->rn);
	if (a->address == HVT_ADDRESS_SIGNED)
		base = hvt_kvm_unsigned(v, base);
	if (a->address == HVT_ADDRESS_REGISTER)
		offset = extended(reg_or_zero(v, a->rm), a->extend) << a->shift;
	return base + offset;
}
