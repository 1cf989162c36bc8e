/* SPDX-License-Identifier: MIT */
/*
 * hv_gic_*_distributor_reg and hv_gic_*_redistributor_*. A redistributor has
 * in its second frame, for the private interrupts, the registers that the
 * distributor has for the shared ones, at the same offsets.
 */
#include <errno.h>

#include "api.h"
#include "gic.h"
#include "vcpu.h"
#include "vm.h"

/* Whose registers: the distributor's, or those of one vCPU. */
struct bank {
	enum hvt_gic_file file;
	uint32_t vcpu;
	uint32_t base; /* of what follows in the order of a GICD */
};

static bool is_in(uint32_t reg, uint32_t first, uint32_t last, uint32_t stride)
{
	return reg >= first && reg <= last && (reg - first) % stride == 0;
}

/* As in hv_gic_distributor_reg_t. */
static bool is_distributor_reg(uint32_t reg)
{
	return is_in(reg, HVT_GICD_CTLR, HVT_GICD_TYPER, 4) ||
			is_in(reg, HVT_GICD_IGROUPR, HVT_GICD_IPRIORITYR - 4,
					4) ||
			is_in(reg, HVT_GICD_IPRIORITYR, 0x7f8, 4) ||
			is_in(reg, HVT_GICD_ICFGR, 0xcfc, 4) ||
			is_in(reg, 0x6100, 0x7fd8, 8) || reg == HVT_GIC_PIDR2;
}

/* As in hv_gic_redistributor_reg_t. */
static bool is_redistributor_reg(uint32_t reg)
{
	const uint32_t sgi = HVT_GICR_SGI;

	return reg == HVT_GICR_TYPER || reg == HVT_GIC_PIDR2 ||
			is_in(reg, sgi + HVT_GICD_IGROUPR,
					sgi + HVT_GICD_ICACTIVER, 0x80) ||
			is_in(reg, sgi + HVT_GICD_IPRIORITYR,
					sgi + HVT_GICD_IPRIORITYR + 28, 4) ||
			is_in(reg, sgi + HVT_GICD_ICFGR,
					sgi + HVT_GICD_ICFGR + 4, 4);
}

static bool is_read_only(uint32_t reg)
{
	return reg == HVT_GICD_TYPER || reg == HVT_GICR_TYPER ||
			reg == HVT_GIC_PIDR2;
}

/* Of 32 interrupts each; one to set, one to clear. */
static bool is_pending_reg(const struct bank *bank, uint32_t reg)
{
	return reg - bank->base >= HVT_GICD_ISPENDR &&
			reg - bank->base < HVT_GICD_ISACTIVER;
}

static bool clears(uint32_t reg)
{
	return reg & 0x80;
}

static int get_half(const struct bank *bank, uint32_t reg, uint64_t *value)
{
	return hvt_engine->gic_get(bank->file, bank->vcpu, reg, value);
}

static int get_wide(const struct bank *bank, uint32_t reg, uint64_t *value)
{
	uint64_t high;
	int err = get_half(bank, reg, value);

	if (!err)
		err = get_half(bank, reg + 4, &high);
	if (!err)
		*value |= high << 32;
	return err;
}

/* Pending is what was made so, and what has its line up. */
static int get_pending(const struct bank *bank, uint32_t reg, uint64_t *value)
{
	uint32_t intid = (reg & 0x7f) * 8;
	uint64_t lines = 0;
	int err = get_half(bank, reg & ~0x80u, value);

	/* The distributor's first register is nobody's. */
	if (!err && (intid || bank->file == HVT_GIC_REDISTRIBUTOR))
		err = hvt_engine->gic_get(
				HVT_GIC_LINES, bank->vcpu, intid, &lines);
	*value |= lines;
	return err;
}

static int get(const struct bank *bank, uint32_t reg, uint64_t *value)
{
	if (is_pending_reg(bank, reg))
		return get_pending(bank, reg, value);
	if (reg >= HVT_GICD_IROUTER && bank->file == HVT_GIC_DISTRIBUTOR &&
			reg != HVT_GIC_PIDR2)
		return get_wide(bank, reg, value);
	if (reg == HVT_GICR_TYPER)
		return get_wide(bank, reg, value);
	return get_half(bank, reg, value);
}

static int set_pending(const struct bank *bank, uint32_t reg, uint64_t value)
{
	uint64_t latch;
	int err = get_half(bank, reg & ~0x80u, &latch);

	if (err)
		return err;
	latch = clears(reg) ? latch & ~value : latch | value;
	return hvt_engine->gic_set(bank->file, bank->vcpu, reg & ~0x80u, latch);
}

/* The upper half of an IROUTER is Aff3, which this GIC has not. */
static int set(const struct bank *bank, uint32_t reg, uint64_t value)
{
	int err;

	if (is_read_only(reg))
		return 0;
	value = (uint32_t)value;
	if (!is_pending_reg(bank, reg))
		return hvt_engine->gic_set(bank->file, bank->vcpu, reg, value);
	/* Between the two the guest must not make one pending. */
	hvt_engine->pause(0);
	err = set_pending(bank, reg, value);
	hvt_engine->resume();
	return err;
}

static const struct bank distributor = { .file = HVT_GIC_DISTRIBUTOR };

int hvt_gic_get_distributor_reg(hv_gic_distributor_reg_t reg, uint64_t *value)
{
	int err;

	if (!value || !is_distributor_reg(reg))
		return -EINVAL;
	err = hvt_gic_enter();
	if (err)
		return err;
	err = get(&distributor, reg, value);
	hvt_gic_leave();
	return err;
}

int hvt_gic_set_distributor_reg(hv_gic_distributor_reg_t reg, uint64_t value)
{
	int err;

	if (!is_distributor_reg(reg))
		return -EINVAL;
	err = hvt_gic_enter();
	if (err)
		return err;
	err = set(&distributor, reg, value);
	hvt_gic_leave();
	return err;
}

/* Takes the lock if all is well: the caller's vCPU has a redistributor. */
static int enter_redistributor(hv_vcpu_t id, struct bank *bank)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err)
		return err;
	err = hvt_gic_enter();
	if (err)
		return err;
	if (!vcpu->has_affinity) {
		hvt_gic_leave();
		return -EACCES;
	}
	*bank = (struct bank){ HVT_GIC_REDISTRIBUTOR, vcpu->id, HVT_GICR_SGI };
	return 0;
}

int hvt_gic_get_redistributor_reg(
		hv_vcpu_t id, hv_gic_redistributor_reg_t reg, uint64_t *value)
{
	struct bank bank;
	int err;

	if (!value || !is_redistributor_reg(reg))
		return -EINVAL;
	err = enter_redistributor(id, &bank);
	if (err)
		return err;
	err = get(&bank, reg, value);
	hvt_gic_leave();
	return err;
}

int hvt_gic_set_redistributor_reg(
		hv_vcpu_t id, hv_gic_redistributor_reg_t reg, uint64_t value)
{
	struct bank bank;
	int err;

	if (!is_redistributor_reg(reg))
		return -EINVAL;
	err = enter_redistributor(id, &bank);
	if (err)
		return err;
	err = set(&bank, reg, value);
	hvt_gic_leave();
	return err;
}

int hvt_gic_get_redistributor_base(
		hv_vcpu_t id, hv_ipa_t *redistributor_base_address)
{
	struct hvt_vcpu *vcpu;
	int err;

	if (!redistributor_base_address)
		return -EINVAL;
	err = hvt_gic_enter();
	if (err)
		return err;
	vcpu = hvt_vcpu_at(id);
	if (vcpu && vcpu->has_affinity)
		*redistributor_base_address = hvt_vm.gic.redistributor_base +
				vcpu->id * HVT_GICR_SIZE;
	else
		err = -EINVAL;
	hvt_gic_leave();
	return err;
}

int hvt_gic_affinity_set(struct hvt_vcpu *vcpu, uint64_t mpidr)
{
	int err;

	/* No other vCPU may come to an affinity while this one leaves it. */
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_engine->set_sys_reg(
			vcpu->engine, HV_SYS_REG_MPIDR_EL1, mpidr);
	if (!err && hvt_vm.has_gic)
		err = hvt_engine->gic_place(vcpu->engine, mpidr);
	if (!err)
		vcpu->has_affinity = true;
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}
