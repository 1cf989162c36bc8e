/* SPDX-License-Identifier: MIT */
/*
 * Virtual interrupts (Arm IHI 0069, 12.4): the registers by which a guest
 * hypervisor controls them, and the CPU interface that its own guest sees. The
 * second is another view of the first: its fields are kept in ICH_VMCR_EL2 and
 * in the ICH_AP registers.
 */
#include <errno.h>

#include "gic_cpu.h"

#define LIST_REGISTERS_MAX 16u

#define SRE_EL1_ALL 7ull

/* ICH_LRn_EL2 */
#define LR_STATE(lr) ((lr) >> 62)
#define LR_HW        (1ull << 61)
#define LR_EOI       (1ull << 41) /* where HW is 0 */
#define LR_PENDING   1u

/* ICH_VMCR_EL2 */
#define VMCR_VENG0 (1ull << 0)
#define VMCR_VENG1 (1ull << 1)
#define VMCR_VCBPR (1ull << 4)
#define VMCR_VEOIM (1ull << 9)

/* The list registers that ICH_VTR_EL2 tells of. */
static int list_count(const struct hvt_vcpu *v, unsigned *count)
{
	uint64_t vtr;
	int err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_VTR_EL2, &vtr);

	*count = err ? 0 : (unsigned)(vtr & 0x1f) + 1;
	if (*count > LIST_REGISTERS_MAX)
		*count = LIST_REGISTERS_MAX;
	return err;
}

struct lists {
	uint64_t eoi;   /* ICH_EISR_EL2 */
	uint64_t empty; /* ICH_ELRSR_EL2 */
	unsigned valid, pending;
};

static int get_lists(const struct hvt_vcpu *v, struct lists *l)
{
	unsigned count;
	int err = list_count(v, &count);

	*l = (struct lists){ 0 };
	for (unsigned n = 0; n < count && !err; n++) {
		uint64_t lr = 0;
		bool asks;

		err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_LR0_EL2 + n, &lr);
		asks = !(lr & LR_HW) && lr & LR_EOI;
		if (LR_STATE(lr)) {
			l->valid++;
			l->pending += LR_STATE(lr) == LR_PENDING;
		} else if (asks) {
			l->eoi |= 1ull << n;
		} else {
			l->empty |= 1ull << n;
		}
	}
	return err;
}

/* ICH_MISR_EL2: what of ICH_HCR_EL2's conditions holds. */
static int get_misr(const struct hvt_vcpu *v, uint64_t *value)
{
	uint64_t hcr, vmcr, holds;
	struct lists l;
	int err = get_lists(v, &l);

	if (!err)
		err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_HCR_EL2, &hcr);
	if (!err)
		err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_VMCR_EL2, &vmcr);
	if (err)
		return err;
	holds = (l.valid <= 1) << 1 | (uint64_t)((hcr >> 27 & 0x1f) != 0) << 2 |
			(uint64_t)!l.pending << 3;
	holds |= vmcr & VMCR_VENG0 ? 1u << 4 : 1u << 5;
	holds |= vmcr & VMCR_VENG1 ? 1u << 6 : 1u << 7;
	/* Bit n of both is the same condition; EOI has no enable of its own. */
	*value = (holds & hcr & 0xfe) | (l.eoi ? 1 : 0);
	return 0;
}

static int get_ich(const struct hvt_vcpu *v, uint32_t reg, uint64_t *value)
{
	struct lists l;
	int err;

	switch (reg) {
	case HV_GIC_ICH_REG_MISR_EL2:
		return get_misr(v, value);
	case HV_GIC_ICH_REG_EISR_EL2:
	case HV_GIC_ICH_REG_ELRSR_EL2:
		err = get_lists(v, &l);
		*value = reg == HV_GIC_ICH_REG_EISR_EL2 ? l.eoi : l.empty;
		return err;
	default:
		return hvt_gic_cpu_get(v, reg, value);
	}
}

static int set_ich(const struct hvt_vcpu *v, uint32_t reg, uint64_t value)
{
	switch (reg) {
	case HV_GIC_ICH_REG_VTR_EL2:
	case HV_GIC_ICH_REG_MISR_EL2:
	case HV_GIC_ICH_REG_EISR_EL2:
	case HV_GIC_ICH_REG_ELRSR_EL2:
		return -EINVAL;
	default:
		return hvt_gic_cpu_set(v, reg, value);
	}
}

static int check_ich(const struct hvt_vcpu *v, uint32_t reg)
{
	unsigned count;
	int err;

	if (!hvt_vm.el2)
		return -EINVAL;
	switch (reg) {
	case HV_GIC_ICH_REG_HCR_EL2:
	case HV_GIC_ICH_REG_VTR_EL2:
	case HV_GIC_ICH_REG_MISR_EL2:
	case HV_GIC_ICH_REG_EISR_EL2:
	case HV_GIC_ICH_REG_ELRSR_EL2:
	case HV_GIC_ICH_REG_VMCR_EL2:
		return 0;
	default:
		break;
	}
	if (hvt_gic_is_active_priorities(reg, HV_GIC_ICH_REG_AP0R0_EL2,
			    HV_GIC_ICH_REG_AP1R0_EL2))
		return 0;
	err = list_count(v, &count);
	if (err)
		return err;
	return reg - HV_GIC_ICH_REG_LR0_EL2 < count ? 0 : -EINVAL;
}

const struct hvt_gic_view hvt_gic_ich = { check_ich, get_ich, set_ich };

/* Fields of ICH_VMCR_EL2 that are registers of the guest's CPU interface. */
static const struct field {
	uint16_t icv;
	uint8_t shift, width;
} fields[] = {
	{ HV_GIC_ICV_REG_PMR_EL1, 24, 8 },
	{ HV_GIC_ICV_REG_BPR0_EL1, 21, 3 },
	{ HV_GIC_ICV_REG_BPR1_EL1, 18, 3 },
	{ HV_GIC_ICV_REG_IGRPEN0_EL1, 0, 1 },
	{ HV_GIC_ICV_REG_IGRPEN1_EL1, 1, 1 },
};

static const struct field *field_of(uint32_t reg)
{
	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].icv == reg)
			return &fields[i];
	return NULL;
}

/* ICV_CTLR_EL1: PRIbits, IDbits, SEIS and A3V are those of ICH_VTR_EL2. */
static uint64_t icv_ctlr(uint64_t vmcr, uint64_t vtr)
{
	return (vmcr & VMCR_VCBPR ? HVT_ICC_CTLR_CBPR : 0) |
			(vmcr & VMCR_VEOIM ? HVT_ICC_CTLR_EOIMODE : 0) |
			(vtr >> 29 & 7) << 8 | (vtr >> 23 & 7) << 11 |
			(vtr >> 22 & 1) << 14 | (vtr >> 21 & 1) << 15;
}

static uint64_t icv_field(uint64_t vmcr, const struct field *f)
{
	uint64_t value = vmcr >> f->shift & ((1u << f->width) - 1);
	uint64_t bpr0 = vmcr >> 21 & 7;

	/* Where both groups have one binary point, it is group 0's. */
	if (f->icv == HV_GIC_ICV_REG_BPR1_EL1 && vmcr & VMCR_VCBPR)
		return bpr0 < 7 ? bpr0 + 1 : 7;
	return value;
}

/* The active priorities have registers of their own. */
static uint32_t ich_of(uint32_t reg)
{
	return reg >= HV_GIC_ICV_REG_AP1R0_EL1
			? reg - HV_GIC_ICV_REG_AP1R0_EL1 +
					HV_GIC_ICH_REG_AP1R0_EL2
			: reg - HV_GIC_ICV_REG_AP0R0_EL1 +
					HV_GIC_ICH_REG_AP0R0_EL2;
}

static int get_icv(const struct hvt_vcpu *v, uint32_t reg, uint64_t *value)
{
	const struct field *f = field_of(reg);
	uint64_t vmcr, vtr;
	int err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_VMCR_EL2, &vmcr);

	if (!err)
		err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_VTR_EL2, &vtr);
	if (err)
		return err;
	if (f) {
		*value = icv_field(vmcr, f);
		return 0;
	}
	switch (reg) {
	case HV_GIC_ICV_REG_CTLR_EL1:
		*value = icv_ctlr(vmcr, vtr);
		return 0;
	case HV_GIC_ICV_REG_SRE_EL1:
		*value = SRE_EL1_ALL;
		return 0;
	case HV_GIC_ICV_REG_RPR_EL1:
		return hvt_gic_running_priority(v, HV_GIC_ICH_REG_AP0R0_EL2,
				HV_GIC_ICH_REG_AP1R0_EL2,
				(vtr >> 29 & 7) + 1, value);
	default:
		return hvt_gic_cpu_get(v, ich_of(reg), value);
	}
}

static uint64_t with_field(
		uint64_t vmcr, const struct field *f, uint64_t value)
{
	uint64_t mask = (1u << f->width) - 1;

	if (f->icv == HV_GIC_ICV_REG_BPR1_EL1 && vmcr & VMCR_VCBPR)
		return vmcr;
	return (vmcr & ~(mask << f->shift)) | (value & mask) << f->shift;
}

static int set_icv(const struct hvt_vcpu *v, uint32_t reg, uint64_t value)
{
	const struct field *f = field_of(reg);
	uint64_t vmcr;
	int err;

	switch (reg) {
	case HV_GIC_ICV_REG_RPR_EL1:
		return -EINVAL;
	case HV_GIC_ICV_REG_SRE_EL1:
		return value & HVT_ICC_SRE ? 0 : -EINVAL;
	default:
		break;
	}
	if (!f && reg != HV_GIC_ICV_REG_CTLR_EL1)
		return hvt_gic_cpu_set(v, ich_of(reg), value);
	err = hvt_gic_cpu_get(v, HV_GIC_ICH_REG_VMCR_EL2, &vmcr);
	if (err)
		return err;
	if (f) {
		vmcr = with_field(vmcr, f, value);
	} else {
		vmcr &= ~(VMCR_VCBPR | VMCR_VEOIM);
		vmcr |= value & HVT_ICC_CTLR_CBPR ? VMCR_VCBPR : 0;
		vmcr |= value & HVT_ICC_CTLR_EOIMODE ? VMCR_VEOIM : 0;
	}
	return hvt_gic_cpu_set(v, HV_GIC_ICH_REG_VMCR_EL2, vmcr);
}

static int check_icv(const struct hvt_vcpu *v, uint32_t reg)
{
	(void)v;
	if (!hvt_vm.el2)
		return -EINVAL;
	return field_of(reg) || reg == HV_GIC_ICV_REG_CTLR_EL1 ||
			reg == HV_GIC_ICV_REG_SRE_EL1 ||
			reg == HV_GIC_ICV_REG_RPR_EL1 ||
			hvt_gic_is_active_priorities(reg,
					HV_GIC_ICV_REG_AP0R0_EL1,
					HV_GIC_ICV_REG_AP1R0_EL1)
			? 0
			: -EINVAL;
}

const struct hvt_gic_view hvt_gic_icv = { check_icv, get_icv, set_icv };
