/* SPDX-License-Identifier: MIT */
/* What a guest that is played is like, where it stands still. */
#include <errno.h>

#include "backend.h"
#include "player.h"

struct hvt_guest_status hvt_guest_status(const struct hvt_guest *g)
{
	return g->status;
}

const struct hvt_guest_level *hvt_guest_level(const struct hvt_guest *g)
{
	return hvt_level_found(&g->level);
}

const struct hvt_guest_divergence *hvt_guest_divergence(
		const struct hvt_guest *g)
{
	return g->diverged ? &g->divergence : NULL;
}

struct reading {
	hv_vcpu_t vcpu;
	struct hvt_guest_regs *regs;
};

static int read_regs(void *context)
{
	const struct reading *r = context;
	struct hvt_guest_regs *regs = r->regs;
	const struct {
		hv_sys_reg_t reg;
		uint64_t *value;
	} system[] = {
		{ HV_SYS_REG_SP_EL0, &regs->sp_el0 },
		{ HV_SYS_REG_SP_EL1, &regs->sp_el1 },
		{ HV_SYS_REG_ELR_EL1, &regs->elr_el1 },
		{ HV_SYS_REG_SPSR_EL1, &regs->spsr_el1 },
		{ HV_SYS_REG_ESR_EL1, &regs->esr_el1 },
		{ HV_SYS_REG_FAR_EL1, &regs->far_el1 },
		{ HV_SYS_REG_VBAR_EL1, &regs->vbar_el1 },
		{ HV_SYS_REG_SCTLR_EL1, &regs->sctlr_el1 },
		{ HV_SYS_REG_TCR_EL1, &regs->tcr_el1 },
		{ HV_SYS_REG_TTBR0_EL1, &regs->ttbr0_el1 },
		{ HV_SYS_REG_TTBR1_EL1, &regs->ttbr1_el1 },
	};
	hv_return_t ret = HV_SUCCESS;

	for (unsigned i = 0; i < 31 && !ret; i++)
		ret = hv_vcpu_get_reg(r->vcpu, (hv_reg_t)(HV_REG_X0 + i),
				&regs->x[i]);
	if (!ret)
		ret = hv_vcpu_get_reg(r->vcpu, HV_REG_PC, &regs->pc);
	if (!ret)
		ret = hv_vcpu_get_reg(r->vcpu, HV_REG_CPSR, &regs->cpsr);
	for (unsigned i = 0; i < sizeof(system) / sizeof(*system) && !ret; i++)
		ret = hv_vcpu_get_sys_reg(
				r->vcpu, system[i].reg, system[i].value);
	return ret ? -EIO : 0;
}

int hvt_guest_regs(struct hvt_guest *g, unsigned vcpu,
		struct hvt_guest_regs *regs)
{
	struct reading reading = { vcpu, regs };
	struct hvt_act a = { .act = read_regs, .context = &reading };
	int err;

	if (vcpu >= HVT_PLAYED_VCPUS || g->owners[vcpu] == HVT_NOBODY)
		return -ENOENT;
	err = hvt_actors_do(&g->actors, g->owners[vcpu], &a);
	return err ? err : a.result;
}

int hvt_guest_read(const struct hvt_guest *g, uint64_t ipa, void *bytes,
		size_t size)
{
	(void)g;
	return hvt_backend_read(ipa, bytes, size);
}

int hvt_guest_translate(const struct hvt_guest *g,
		const struct hvt_guest_regs *regs, uint64_t va, uint64_t *ipa)
{
	(void)g;
	return hvt_backend_translate(regs->sctlr_el1, regs->tcr_el1,
			regs->ttbr0_el1, regs->ttbr1_el1, va, ipa);
}
