/* SPDX-License-Identifier: MIT */
/*
 * hv_gic_*_icc_reg, _ich_reg and _icv_reg: a vCPU's CPU interface, its guest
 * hypervisor's control of virtual interrupts, and what that hypervisor's guest
 * sees as its CPU interface (gic_virtual.c has the last two).
 */
#include "gic_cpu.h"

#include <errno.h>

#include "api.h"
#include "gic.h"

/* AP0R1 to 3 and AP1R1 to 3 follow those that the API names. */
#define NEIGHBOURS 4u

#define RPR_IDLE 0xffull
/* All of it, as KVM has it: system registers, no bypass, EL1 may have them. */
#define SRE_EL2_ALL 15ull
#define CTLR_SETTABLE (HVT_ICC_CTLR_CBPR | HVT_ICC_CTLR_EOIMODE)

int hvt_gic_cpu_get(const struct hvt_vcpu *v, uint32_t reg, uint64_t *value)
{
	return hvt_engine->gic_get(HVT_GIC_CPU, v->id, reg, value);
}

int hvt_gic_cpu_set(const struct hvt_vcpu *v, uint32_t reg, uint64_t value)
{
	return hvt_engine->gic_set(HVT_GIC_CPU, v->id, reg, value);
}

bool hvt_gic_is_active_priorities(
		uint32_t reg, uint32_t group0, uint32_t group1)
{
	return reg - group0 < NEIGHBOURS || reg - group1 < NEIGHBOURS;
}

/* One bit for each priority that can preempt; the first one counts. */
int hvt_gic_running_priority(const struct hvt_vcpu *v, uint32_t ap0,
		uint32_t ap1, unsigned bits, uint64_t *value)
{
	unsigned count = bits > 5 ? 1u << (bits - 5) : 1;

	*value = RPR_IDLE;
	for (unsigned i = 0; i < count; i++) {
		uint64_t group0, group1, active;
		int err = hvt_gic_cpu_get(v, ap0 + i, &group0);

		if (!err)
			err = hvt_gic_cpu_get(v, ap1 + i, &group1);
		if (err)
			return err;
		active = (group0 | group1) & UINT32_MAX;
		if (!active)
			continue;
		*value = (i * 32 + (unsigned)__builtin_ctzll(active))
				<< (8 - bits);
		return 0;
	}
	return 0;
}

/* ICC_CTLR_EL1.PRIbits is one less. */
static unsigned priority_bits(uint64_t ctlr)
{
	return (ctlr >> 8 & 7) + 1;
}

static int get_icc(const struct hvt_vcpu *v, uint32_t reg, uint64_t *value)
{
	uint64_t ctlr;
	int err;

	switch (reg) {
	case HV_GIC_ICC_REG_RPR_EL1:
		err = hvt_gic_cpu_get(v, HV_GIC_ICC_REG_CTLR_EL1, &ctlr);
		return err ? err
			   : hvt_gic_running_priority(v,
					     HV_GIC_ICC_REG_AP0R0_EL1,
					     HV_GIC_ICC_REG_AP1R0_EL1,
					     priority_bits(ctlr), value);
	case HV_GIC_ICC_REG_SRE_EL2:
		*value = SRE_EL2_ALL;
		return 0;
	default:
		return hvt_gic_cpu_get(v, reg, value);
	}
}

static int set_icc(const struct hvt_vcpu *v, uint32_t reg, uint64_t value)
{
	uint64_t ctlr;
	int err;

	switch (reg) {
	case HV_GIC_ICC_REG_RPR_EL1:
		return -EINVAL;
	case HV_GIC_ICC_REG_SRE_EL1:
	case HV_GIC_ICC_REG_SRE_EL2:
		/* There are none but the system registers. */
		return value & HVT_ICC_SRE ? 0 : -EINVAL;
	case HV_GIC_ICC_REG_CTLR_EL1:
		err = hvt_gic_cpu_get(v, reg, &ctlr);
		if (err)
			return err;
		ctlr = (ctlr & ~CTLR_SETTABLE) | (value & CTLR_SETTABLE);
		return hvt_gic_cpu_set(v, reg, ctlr);
	default:
		return hvt_gic_cpu_set(v, reg, value);
	}
}

static int check_icc(const struct hvt_vcpu *v, uint32_t reg)
{
	(void)v;
	switch (reg) {
	case HV_GIC_ICC_REG_PMR_EL1:
	case HV_GIC_ICC_REG_BPR0_EL1:
	case HV_GIC_ICC_REG_RPR_EL1:
	case HV_GIC_ICC_REG_BPR1_EL1:
	case HV_GIC_ICC_REG_CTLR_EL1:
	case HV_GIC_ICC_REG_SRE_EL1:
	case HV_GIC_ICC_REG_IGRPEN0_EL1:
	case HV_GIC_ICC_REG_IGRPEN1_EL1:
		return 0;
	case HV_GIC_ICC_REG_SRE_EL2:
		return hvt_vm.el2 ? 0 : -EINVAL;
	default:
		return hvt_gic_is_active_priorities(reg,
				       HV_GIC_ICC_REG_AP0R0_EL1,
				       HV_GIC_ICC_REG_AP1R0_EL1)
				? 0
				: -EINVAL;
	}
}

/* How many active priorities there are depends on the host. */
static int reset_active_priorities(const struct hvt_vcpu *v, uint32_t first)
{
	int err = hvt_gic_cpu_set(v, first, 0);

	for (unsigned i = 1; i < NEIGHBOURS && !err; i++)
		if (hvt_gic_cpu_set(v, first + i, 0))
			break;
	return err;
}

int hvt_gic_cpu_reset(const struct hvt_vcpu *v)
{
	static const uint32_t regs[] = { HV_GIC_ICC_REG_CTLR_EL1,
		HV_GIC_ICC_REG_PMR_EL1, HV_GIC_ICC_REG_BPR0_EL1,
		HV_GIC_ICC_REG_BPR1_EL1, HV_GIC_ICC_REG_IGRPEN0_EL1,
		HV_GIC_ICC_REG_IGRPEN1_EL1 };
	int err = reset_active_priorities(v, HV_GIC_ICC_REG_AP0R0_EL1);

	if (!err)
		err = reset_active_priorities(v, HV_GIC_ICC_REG_AP1R0_EL1);
	for (unsigned i = 0; i < sizeof(regs) / sizeof(regs[0]) && !err; i++)
		err = set_icc(v, regs[i], 0);
	return err;
}

static const struct hvt_gic_view icc = { check_icc, get_icc, set_icc };

/* Takes the lock if the calling thread's vCPU has that register. */
static int enter(hv_vcpu_t id, const struct hvt_gic_view *view, uint32_t reg,
		struct hvt_vcpu **vcpu)
{
	int err = hvt_vcpu_mine(id, vcpu);

	if (!err)
		err = hvt_gic_enter();
	if (err)
		return err;
	err = view->check(*vcpu, reg);
	if (err)
		hvt_gic_leave();
	return err;
}

static int get_reg(hv_vcpu_t id, const struct hvt_gic_view *view, uint32_t reg,
		uint64_t *value)
{
	struct hvt_vcpu *vcpu;
	int err;

	if (!value)
		return -EINVAL;
	err = enter(id, view, reg, &vcpu);
	if (err)
		return err;
	err = view->get(vcpu, reg, value);
	hvt_gic_leave();
	return err;
}

static int set_reg(hv_vcpu_t id, const struct hvt_gic_view *view, uint32_t reg,
		uint64_t value)
{
	struct hvt_vcpu *vcpu;
	int err = enter(id, view, reg, &vcpu);

	if (err)
		return err;
	err = view->set(vcpu, reg, value);
	hvt_gic_leave();
	return err;
}

int hvt_gic_get_icc_reg(hv_vcpu_t id, hv_gic_icc_reg_t reg, uint64_t *value)
{
	return get_reg(id, &icc, reg, value);
}

int hvt_gic_set_icc_reg(hv_vcpu_t id, hv_gic_icc_reg_t reg, uint64_t value)
{
	return set_reg(id, &icc, reg, value);
}

int hvt_gic_get_ich_reg(hv_vcpu_t id, hv_gic_ich_reg_t reg, uint64_t *value)
{
	return get_reg(id, &hvt_gic_ich, reg, value);
}

int hvt_gic_set_ich_reg(hv_vcpu_t id, hv_gic_ich_reg_t reg, uint64_t value)
{
	return set_reg(id, &hvt_gic_ich, reg, value);
}

int hvt_gic_get_icv_reg(hv_vcpu_t id, hv_gic_icv_reg_t reg, uint64_t *value)
{
	return get_reg(id, &hvt_gic_icv, reg, value);
}

int hvt_gic_set_icv_reg(hv_vcpu_t id, hv_gic_icv_reg_t reg, uint64_t value)
{
	return set_reg(id, &hvt_gic_icv, reg, value);
}
