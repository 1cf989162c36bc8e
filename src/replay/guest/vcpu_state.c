/* SPDX-License-Identifier: MIT */
/*
 * Registers by way of the API, as a VMM saves them, and those besides that the
 * engine alone knows. Not among them: what tells what a CPU is (the VMM's calls
 * set it, and are made again), and what is another value at any time, counters
 * and what is computed from them.
 */
#include "vcpu_state.h"

#include <errno.h>
#include <string.h>

#include "backend.h"
#include "judge.h"

#define OTHERS_MAX 1024u
#define SYS_MAX	   0x10000u

/* op0, op1, CRn, CRm, op2 of the MRS instruction. */
static unsigned op1_of(uint32_t reg)
{
	return reg >> 11 & 7;
}

static unsigned crn_of(uint32_t reg)
{
	return reg >> 7 & 15;
}

static bool is_identity(uint32_t reg)
{
	return reg >> 14 == 3 && !crn_of(reg) && op1_of(reg) != 2 &&
			op1_of(reg) != 4;
}

static bool is_state(uint32_t reg)
{
	return !is_identity(reg) && hvt_judge_clock_bits(reg) != UINT64_MAX;
}

static bool get_simd(hv_vcpu_t vcpu, struct hvt_keyframe_reg *r)
{
	hv_simd_fp_uchar16_t value;

	if (hv_vcpu_get_simd_fp_reg(vcpu, (hv_simd_fp_reg_t)r->number, &value))
		return false;
	memcpy(&r->low, &value, 8);
	memcpy(&r->high, (const uint8_t *)&value + 8, 8);
	return true;
}

static bool set_simd(hv_vcpu_t vcpu, const struct hvt_keyframe_reg *r)
{
	hv_simd_fp_uchar16_t value;

	memcpy(&value, &r->low, 8);
	memcpy((uint8_t *)&value + 8, &r->high, 8);
	return !hv_vcpu_set_simd_fp_reg(
			vcpu, (hv_simd_fp_reg_t)r->number, value);
}

static bool get_sys(hv_vcpu_t vcpu, struct hvt_keyframe_reg *r)
{
	if (hv_vcpu_get_sys_reg(vcpu, (hv_sys_reg_t)r->number, &r->low))
		return false;
	r->low &= ~hvt_judge_clock_bits(r->number);
	return true;
}

static bool get_line(hv_vcpu_t vcpu, struct hvt_keyframe_reg *r)
{
	bool pending = false;

	if (hv_vcpu_get_pending_interrupt(vcpu, r->number, &pending))
		return false;
	r->low = pending;
	return true;
}

static bool get_vtimer(hv_vcpu_t vcpu, struct hvt_keyframe_reg *r)
{
	bool masked = false;

	if (r->number)
		return !hv_vcpu_get_vtimer_offset(vcpu, &r->low);
	if (hv_vcpu_get_vtimer_mask(vcpu, &masked))
		return false;
	r->low = masked;
	return true;
}

static bool get_serror(hv_vcpu_t vcpu, struct hvt_keyframe_reg *r)
{
	bool pending = false;

	if (hv_vcpu_get_serror(vcpu, &pending))
		return false;
	r->low = pending;
	return true;
}

/* False: there is no such register, or it cannot be read now. */
static bool get(hv_vcpu_t vcpu, struct hvt_keyframe_reg *r)
{
	r->low = r->high = 0;
	switch ((enum hvt_state_kind)r->kind) {
	case HVT_STATE_REG:
		return !hv_vcpu_get_reg(vcpu, (hv_reg_t)r->number, &r->low);
	case HVT_STATE_SIMD:
		return get_simd(vcpu, r);
	case HVT_STATE_SYS:
		return get_sys(vcpu, r);
	case HVT_STATE_OTHER:
		return !hvt_backend_get_other(
				vcpu, (hv_sys_reg_t)r->number, &r->low);
	case HVT_STATE_ICC:
		return !hv_gic_get_icc_reg(
				vcpu, (hv_gic_icc_reg_t)r->number, &r->low);
	case HVT_STATE_ICH:
		return !hv_gic_get_ich_reg(
				vcpu, (hv_gic_ich_reg_t)r->number, &r->low);
	case HVT_STATE_LINE:
		return get_line(vcpu, r);
	case HVT_STATE_VTIMER:
		return get_vtimer(vcpu, r);
	case HVT_STATE_SERROR:
		return get_serror(vcpu, r);
	}
	return false;
}

static bool set(hv_vcpu_t vcpu, const struct hvt_keyframe_reg *r)
{
	switch ((enum hvt_state_kind)r->kind) {
	case HVT_STATE_REG:
		return !hv_vcpu_set_reg(vcpu, (hv_reg_t)r->number, r->low);
	case HVT_STATE_SIMD:
		return set_simd(vcpu, r);
	case HVT_STATE_SYS:
		return !hv_vcpu_set_sys_reg(
				vcpu, (hv_sys_reg_t)r->number, r->low);
	case HVT_STATE_OTHER:
		return !hvt_backend_set_other(
				vcpu, (hv_sys_reg_t)r->number, r->low);
	case HVT_STATE_ICC:
		return !hv_gic_set_icc_reg(
				vcpu, (hv_gic_icc_reg_t)r->number, r->low);
	case HVT_STATE_ICH:
		return !hv_gic_set_ich_reg(
				vcpu, (hv_gic_ich_reg_t)r->number, r->low);
	case HVT_STATE_LINE:
		return !hv_vcpu_set_pending_interrupt(vcpu, r->number, r->low);
	case HVT_STATE_VTIMER:
		return r->number ? !hv_vcpu_set_vtimer_offset(vcpu, r->low)
				 : !hv_vcpu_set_vtimer_mask(vcpu, r->low);
	case HVT_STATE_SERROR:
		return !hv_vcpu_set_serror(vcpu, r->low);
	}
	return false;
}

/* Numbers from first to last, those that there are. */
static int take(hv_vcpu_t vcpu, enum hvt_state_kind kind, uint32_t first,
		uint32_t last, struct hvt_keyframe *k)
{
	for (uint32_t n = first; n <= last; n++) {
		struct hvt_keyframe_reg r = { .vcpu = (uint16_t)vcpu,
			.kind = (uint16_t)kind, .number = n };
		int err;

		if (!get(vcpu, &r)) {
			if (kind <= HVT_STATE_SIMD)
				return -EIO;
			continue;
		}
		err = hvt_keyframe_add_reg(k, &r);
		if (err)
			return err;
	}
	return 0;
}

static int take_sys(hv_vcpu_t vcpu, struct hvt_keyframe *k)
{
	int err = 0;

	for (uint32_t n = 0; n < SYS_MAX && !err; n++)
		if (hvt_sys_reg_name(n) && is_state(n))
			err = take(vcpu, HVT_STATE_SYS, n, n, k);
	return err;
}

static int take_others(hv_vcpu_t vcpu, struct hvt_keyframe *k)
{
	hv_sys_reg_t regs[OTHERS_MAX];
	size_t count = OTHERS_MAX;
	int err = hvt_backend_other_sys_regs(vcpu, regs, &count);

	for (size_t i = 0; i < count && !err; i++)
		if (!is_identity(regs[i]) && crn_of(regs[i]) != 14)
			err = take(vcpu, HVT_STATE_OTHER, regs[i], regs[i], k);
	return err;
}

/* The CPU interface, with as many active priorities as the host has. */
static int take_gic(hv_vcpu_t vcpu, struct hvt_keyframe *k)
{
	static const struct {
		enum hvt_state_kind kind;
		uint32_t first, last;
	} regs[] = {
		{ HVT_STATE_ICC, HV_GIC_ICC_REG_PMR_EL1, HV_GIC_ICC_REG_PMR_EL1 },
		{ HVT_STATE_ICC, HV_GIC_ICC_REG_BPR0_EL1,
			HV_GIC_ICC_REG_AP1R0_EL1 + 3 },
		{ HVT_STATE_ICC, HV_GIC_ICC_REG_BPR1_EL1,
			HV_GIC_ICC_REG_CTLR_EL1 },
		{ HVT_STATE_ICC, HV_GIC_ICC_REG_IGRPEN0_EL1,
			HV_GIC_ICC_REG_IGRPEN1_EL1 },
		{ HVT_STATE_ICH, HV_GIC_ICH_REG_AP0R0_EL2,
			HV_GIC_ICH_REG_HCR_EL2 },
		{ HVT_STATE_ICH, HV_GIC_ICH_REG_VMCR_EL2,
			HV_GIC_ICH_REG_LR15_EL2 },
	};
	int err = 0;

	for (unsigned i = 0; i < sizeof(regs) / sizeof(*regs) && !err; i++)
		err = take(vcpu, regs[i].kind, regs[i].first, regs[i].last, k);
	return err;
}

int hvt_vcpu_state_take(hv_vcpu_t vcpu, struct hvt_keyframe *k)
{
	int err = take(vcpu, HVT_STATE_REG, HV_REG_X0, HV_REG_CPSR, k);

	if (!err)
		err = take(vcpu, HVT_STATE_SIMD, HV_SIMD_FP_REG_Q0,
				HV_SIMD_FP_REG_Q31, k);
	if (!err)
		err = take_sys(vcpu, k);
	if (!err)
		err = take_others(vcpu, k);
	if (!err)
		err = take_gic(vcpu, k);
	if (!err)
		err = take(vcpu, HVT_STATE_LINE, HV_INTERRUPT_TYPE_IRQ,
				HV_INTERRUPT_TYPE_FIQ, k);
	if (!err)
		err = take(vcpu, HVT_STATE_VTIMER, 0, 1, k);
	return err ? err : take(vcpu, HVT_STATE_SERROR, 0, 0, k);
}

static bool is_same(const struct hvt_keyframe_reg *a,
		const struct hvt_keyframe_reg *b)
{
	return a->vcpu == b->vcpu && a->kind == b->kind &&
			a->number == b->number;
}

/* Those that differ from what they are now, which have to be the same ones. */
static int put(hv_vcpu_t vcpu, const struct hvt_keyframe_reg *regs,
		size_t count, const struct hvt_keyframe *now)
{
	if (count != now->reg_count)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++)
		if (!is_same(&regs[i], &now->regs[i]))
			return -EBADMSG;
	for (size_t i = 0; i < count; i++)
		if ((regs[i].low != now->regs[i].low ||
				regs[i].high != now->regs[i].high) &&
				!set(vcpu, &regs[i]))
			return -EIO;
	return 0;
}

int hvt_vcpu_state_put(hv_vcpu_t vcpu, const struct hvt_keyframe_reg *regs,
		size_t count)
{
	struct hvt_keyframe now = { 0 };
	int err = hvt_vcpu_state_take(vcpu, &now);

	if (!err)
		err = put(vcpu, regs, count, &now);
	hvt_keyframe_fini(&now);
	return err;
}
