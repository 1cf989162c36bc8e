/* SPDX-License-Identifier: MIT */
/*
 * The registers of a GIC from both sides: what the VMM writes the guest reads,
 * and the other way round.
 */
#include "gic_machine.h"

#include <stdio.h>

#define SGI_BASE (GICR + GICR_SGI)

/* Both ways, for a register that keeps mask of what is written. */
static void both_ways(struct cpu *cpu, uint32_t reg, uint32_t value,
	const char *name)
{
	char claimed[96];
	uint32_t other = ~value;

	set_gicd(reg, value);
	snprintf(claimed, sizeof(claimed), "%s_of_the_vmm_is_the_guests", name);
	claim_equal(guest_read(cpu, GICD + reg), value, claimed);
	guest_write(cpu, GICD + reg, other & 0xf0f0f0f0);
	snprintf(claimed, sizeof(claimed), "%s_of_the_guest_is_the_vmms", name);
	claim_equal(gicd(reg), other & 0xf0f0f0f0, claimed);
	set_gicd(reg, 0);
}

/* A pair of registers, of which one sets and one clears. */
static void set_and_clear(struct cpu *cpu, uint32_t set, uint32_t clear,
	const char *name)
{
	char claimed[96];

	set_gicd(set, 0xf0);
	set_gicd(set, 0x0f);
	set_gicd(clear, 0x81);
	snprintf(claimed, sizeof(claimed), "%s_by_the_vmm", name);
	claim_equal(guest_read(cpu, GICD + set), 0x7e, claimed);
	guest_write(cpu, GICD + set, 0x100);
	guest_write(cpu, GICD + clear, 0x7e);
	snprintf(claimed, sizeof(claimed), "%s_by_the_guest", name);
	claim_equal(gicd(set), 0x100, claimed);
	snprintf(claimed, sizeof(claimed), "%s_read_by_either_name", name);
	claim_equal(gicd(clear), 0x100, claimed);
	set_gicd(clear, UINT32_MAX);
	claim_equal(gicd(set), 0, claimed);
}

static void distributor(struct cpu *cpu)
{
	uint64_t typer = gicd(GICD_TYPER);

	claim_equal(guest_read(cpu, GICD + GICD_TYPER), typer,
		"typer_is_the_same_on_both_sides");
	claim_equal((typer & 31) * 32 + 32, 992, "typer_tells_the_spis");
	set_gicd(GICD_TYPER, 0);
	claim_equal(gicd(GICD_TYPER), typer, "typer_ignores_writes");
	claim_equal(gicd(GIC_PIDR2) >> 4 & 15, 3, "pidr2_tells_of_a_gicv3");
	set_gicd(GIC_PIDR2, 0);
	claim_equal(gicd(GIC_PIDR2) >> 4 & 15, 3, "pidr2_ignores_writes");
	set_gicd(GICD_CTLR, 2);
	claim(guest_read(cpu, GICD + GICD_CTLR) & 2, "ctlr_is_the_guests");
	set_gicd(GICD_CTLR, 0);
	claim(!(guest_read(cpu, GICD + GICD_CTLR) & 2), "ctlr_goes_off");
	both_ways(cpu, GICD_IGROUPR(64), 0x12345678, "igroupr");
	both_ways(cpu, GICD_IPRIORITYR(64), 0x10203040, "ipriorityr");
	set_gicd(GICD_ICFGR(64), 0x8888);
	claim_equal(guest_read(cpu, GICD + GICD_ICFGR(64)), 0x8888,
		"icfgr_of_the_vmm_is_the_guests");
	set_and_clear(cpu, GICD_ISENABLER(64), GICD_ICENABLER(64), "enable");
	set_and_clear(cpu, GICD_ISPENDR(96), GICD_ICPENDR(96), "pending");
	set_and_clear(cpu, GICD_ISACTIVER(64), GICD_ICACTIVER(64), "active");
	set_gicd(GICD_IROUTER(70), 0x010203);
	claim_equal(op(cpu, OP_LDR64, GICD + GICD_IROUTER(70), 0), 0x010203,
		"irouter_of_the_vmm_is_the_guests");
	op(cpu, OP_STR64, GICD + GICD_IROUTER(71), 0x030201);
	claim_equal(gicd(GICD_IROUTER(71)), 0x030201,
		"irouter_of_the_guest_is_the_vmms");
}

/* A level is pending while its line is up, whatever is cleared. */
static void lines(struct cpu *cpu)
{
	NEED(hv_gic_set_spi(130, true));
	claim_equal(gicd(GICD_ISPENDR(130)), BIT(130), "a_line_up_is_pending");
	claim_equal(guest_read(cpu, GICD + GICD_ISPENDR(130)), BIT(130),
		"the_guest_sees_it_pending");
	set_gicd(GICD_ICPENDR(130), BIT(130));
	claim_equal(gicd(GICD_ISPENDR(130)), BIT(130), "it_cannot_be_cleared");
	NEED(hv_gic_set_spi(130, false));
	claim_equal(gicd(GICD_ISPENDR(130)), 0, "the_line_down_it_is_not");
	set_gicd(GICD_ISPENDR(130), BIT(130));
	claim_equal(guest_read(cpu, GICD + GICD_ISPENDR(130)), BIT(130),
		"software_makes_it_pending_too");
	set_gicd(GICD_ICPENDR(130), BIT(130));
	claim_equal(guest_read(cpu, GICD + GICD_ISPENDR(130)), 0,
		"and_that_is_cleared");
}

static void redistributor(struct cpu *cpu)
{
	uint64_t typer = gicr(cpu, 8);

	claim_equal(op(cpu, OP_LDR64, GICR + 8, 0), typer,
		"gicr_typer_is_the_same_on_both_sides");
	claim_equal(typer >> 32, 0, "it_tells_the_affinity");
	claim(typer & 0x10, "it_is_the_last");
	claim_equal(gicr(cpu, GIC_PIDR2) >> 4 & 15, 3, "gicr_pidr2");
	claim_equal(guest_read(cpu, GICR + GIC_PIDR2) >> 4 & 15, 3,
		"gicr_pidr2_in_the_guest");
	set_gicr(cpu, GICR_SGI + GICD_ISENABLER(0), 0x08000000);
	claim_equal(guest_read(cpu, SGI_BASE + GICD_ISENABLER(0)), 0x0800ffff,
		"enable0_of_the_vmm_is_the_guests");
	guest_write(cpu, SGI_BASE + GICD_ICENABLER(0), 0x08000000);
	claim_equal(gicr(cpu, GICR_SGI + GICD_ISENABLER(0)), 0xffff,
		"enable0_of_the_guest_is_the_vmms");
	set_gicr(cpu, GICR_SGI + GICD_IPRIORITYR(4), 0x50607080);
	claim_equal(guest_read(cpu, SGI_BASE + GICD_IPRIORITYR(4)), 0x50607080,
		"ipriorityr_of_the_redistributor");
	op(cpu, OP_STR8, SGI_BASE + GICD_IPRIORITYR(5), 0x10);
	claim_equal(op(cpu, OP_LDR8, SGI_BASE + GICD_IPRIORITYR(5), 0), 0x10,
		"one_byte_of_it");
	claim_equal(gicr(cpu, GICR_SGI + GICD_IPRIORITYR(4)), 0x50601080,
		"and_no_other");
	set_gicr(cpu, GICR_SGI + GICD_ISPENDR(0), 1u << 6);
	claim_equal(guest_read(cpu, SGI_BASE + GICD_ISPENDR(0)), 1u << 6,
		"an_sgi_made_pending_by_the_vmm");
	guest_write(cpu, SGI_BASE + GICD_ICPENDR(0), 1u << 6);
	claim_equal(gicr(cpu, GICR_SGI + GICD_ISPENDR(0)), 0,
		"cleared_by_the_guest");
	/* Also those of the timers, when they have run. */
	set_gicr(cpu, GICR_SGI + GICD_ISACTIVER(0), 1u << 27 | 1u << 5);
	claim_equal(guest_read(cpu, SGI_BASE + GICD_ISACTIVER(0)),
		1u << 27 | 1u << 5, "active0_of_the_vmm_is_the_guests");
	set_gicr(cpu, GICR_SGI + GICD_ICACTIVER(0), 1u << 27 | 1u << 5);
	claim_equal(guest_read(cpu, SGI_BASE + GICD_ISACTIVER(0)), 0,
		"inactive0_of_the_vmm_is_the_guests");
}

static uint64_t icc(struct cpu *cpu, uint32_t reg)
{
	uint64_t value = 0;

	NEED(hv_gic_get_icc_reg(cpu->id, (hv_gic_icc_reg_t)reg, &value));
	return value;
}

static void set_icc(struct cpu *cpu, uint32_t reg, uint64_t value)
{
	NEED(hv_gic_set_icc_reg(cpu->id, (hv_gic_icc_reg_t)reg, value));
}

static void cpu_interface(struct cpu *cpu)
{
	set_icc(cpu, HV_GIC_ICC_REG_PMR_EL1, 0xa0);
	claim_equal(op(cpu, OP_GET_PMR, 0, 0), 0xa0, "pmr_is_the_guests");
	set_icc(cpu, HV_GIC_ICC_REG_BPR1_EL1, 5);
	claim_equal(op(cpu, OP_GET_BPR1, 0, 0), 5, "bpr1_is_the_guests");
	op(cpu, OP_SET_BPR1, 6, 0);
	claim_equal(icc(cpu, HV_GIC_ICC_REG_BPR1_EL1), 6, "bpr1_is_the_vmms");
	set_icc(cpu, HV_GIC_ICC_REG_CTLR_EL1, 2);
	claim_equal(op(cpu, OP_GET_CTLR, 0, 0) & 3, 2, "eoimode_is_the_guests");
	claim_equal(op(cpu, OP_GET_CTLR, 0, 0), icc(cpu,
		HV_GIC_ICC_REG_CTLR_EL1), "ctlr_is_the_same_on_both_sides");
	set_icc(cpu, HV_GIC_ICC_REG_CTLR_EL1,
		icc(cpu, HV_GIC_ICC_REG_CTLR_EL1) & ~3ull);
	claim_equal(op(cpu, OP_GET_CTLR, 0, 0) & 3, 0,
		"ctlr_takes_what_was_read_and_changed");
	claim_equal(icc(cpu, HV_GIC_ICC_REG_IGRPEN1_EL1), 1, "group_1_is_on");
	claim_equal(icc(cpu, HV_GIC_ICC_REG_SRE_EL1) & 1, 1, "sre_is_one");
	set_icc(cpu, HV_GIC_ICC_REG_SRE_EL1, 7);
	set_icc(cpu, HV_GIC_ICC_REG_AP1R0_EL1, 1u << 8);
	claim_equal(op(cpu, OP_RPR, 0, 0), 0x40,
		"an_active_priority_of_the_vmm_runs_in_the_guest");
	claim_equal(icc(cpu, HV_GIC_ICC_REG_RPR_EL1), 0x40, "rpr_tells_it");
	set_icc(cpu, HV_GIC_ICC_REG_AP1R0_EL1, 0);
	set_icc(cpu, HV_GIC_ICC_REG_AP0R0_EL1, 0);
	set_icc(cpu, HV_GIC_ICC_REG_BPR0_EL1, 3);
	claim_equal(icc(cpu, HV_GIC_ICC_REG_BPR0_EL1), 3, "bpr0_is_read_back");
	set_icc(cpu, HV_GIC_ICC_REG_IGRPEN0_EL1, 1);
	claim_equal(icc(cpu, HV_GIC_ICC_REG_IGRPEN0_EL1), 1, "group_0_too");
	set_icc(cpu, HV_GIC_ICC_REG_IGRPEN0_EL1, 0);
}

static void errors(struct cpu *cpu)
{
	uint64_t value;
	hv_ipa_t base;

	claim_result(hv_gic_get_distributor_reg(0x8, &value), HV_BAD_ARGUMENT,
		"iidr_is_not_of_the_api");
	claim_result(hv_gic_get_distributor_reg(0x7fe0, &value),
		HV_BAD_ARGUMENT, "no_irouter_behind_the_last");
	claim_result(hv_gic_set_distributor_reg(0x101, 0), HV_BAD_ARGUMENT,
		"a_misaligned_register");
	claim_result(hv_gic_get_redistributor_reg(cpu->id, 0x10000, &value),
		HV_BAD_ARGUMENT, "no_such_register_of_a_redistributor");
	claim_result(hv_gic_get_redistributor_reg(cpu->id + 1, 8, &value),
		HV_BAD_ARGUMENT, "a_redistributor_of_another");
	claim_result(hv_gic_get_redistributor_base(cpu->id + 1, &base),
		HV_BAD_ARGUMENT, "base_of_none");
	claim_result(hv_gic_set_icc_reg(cpu->id, HV_GIC_ICC_REG_RPR_EL1, 0),
		HV_BAD_ARGUMENT, "rpr_is_read_only");
	claim_result(hv_gic_get_icc_reg(cpu->id, HV_GIC_ICC_REG_SRE_EL2,
			     &value),
		HV_BAD_ARGUMENT, "sre_el2_needs_el2");
	claim_result(hv_gic_get_ich_reg(cpu->id, HV_GIC_ICH_REG_HCR_EL2,
			     &value),
		HV_BAD_ARGUMENT, "ich_needs_el2");
	claim_result(hv_gic_get_icv_reg(cpu->id, HV_GIC_ICV_REG_PMR_EL1,
			     &value),
		HV_BAD_ARGUMENT, "icv_needs_el2");
	claim_result(hv_gic_get_icc_reg(cpu->id, 0xc000, &value),
		HV_BAD_ARGUMENT, "no_such_icc_register");
}

static void physical_timer(struct cpu *cpu)
{
	uint64_t value = 0;

	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_CNTP_CVAL_EL0, 1234));
	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_CNTP_CVAL_EL0, &value));
	claim_equal(value, 1234, "the_physical_timer_has_registers");
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_CNTP_CTL_EL0, 2));
	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_CNTP_CTL_EL0, &value));
	claim_equal(value & 3, 2, "and_its_control");
}

int main(void)
{
	struct cpu cpu;

	gic_vm_start(0);
	cpu = gic_cpu_start(0x80000000);
	distributor(&cpu);
	lines(&cpu);
	redistributor(&cpu);
	cpu_interface(&cpu);
	errors(&cpu);
	physical_timer(&cpu);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}
