/* SPDX-License-Identifier: MIT */
/* Interrupts through a GIC, from the VMM's call to the guest's handler. */
#include "gic_machine.h"

#define LEVEL 40u
#define EDGE_SPI 41u

#define SGI_TO_AFF0(intid, aff0) ((uint64_t)(intid) << 24 | 1u << (aff0))
#define SGI_TO_OTHERS(intid)	 ((uint64_t)(intid) << 24 | 1ull << 40)

static void set_spi(uint32_t intid, bool level)
{
	NEED(hv_gic_set_spi(intid, level));
}

static void level_spi(struct cpu *cpu)
{
	spi_enable(LEVEL, false);
	claim(!irq_is_pending(cpu), "a_line_that_is_down_interrupts_nobody");
	set_spi(LEVEL, true);
	claim(irq_is_pending(cpu), "a_line_that_is_up_is_pending");
	set_spi(LEVEL, false);
	claim(!irq_is_pending(cpu), "taken_down_in_time_it_was_nothing");
	set_spi(LEVEL, true);
	claim_equal(take_irq(cpu, OP_SPIN), LEVEL, "the_guest_takes_the_spi");
	claim_equal(gicd(GICD_ISACTIVER(LEVEL)), BIT(LEVEL),
		"the_distributor_has_it_active");
	claim(!irq_is_pending(cpu), "while_active_it_is_not_told_again");
	op(cpu, OP_EOIR, LEVEL, 0);
	claim_equal(take_irq(cpu, OP_SPIN), LEVEL,
		"the_line_still_up_it_comes_again");
	set_spi(LEVEL, false);
	op(cpu, OP_EOIR, LEVEL, 0);
	claim(!irq_is_pending(cpu), "the_line_down_it_does_not");
	claim_equal(gicd(GICD_ISACTIVER(LEVEL)), 0, "and_is_not_active");
	claim_equal(op(cpu, OP_IAR, 0, 0), SPURIOUS, "there_is_none_left");
}

static void edge_spi(struct cpu *cpu)
{
	spi_enable(EDGE_SPI, true);
	set_spi(EDGE_SPI, true);
	set_spi(EDGE_SPI, false);
	claim_equal(take_irq(cpu, OP_SPIN), EDGE_SPI,
		"an_edge_stays_when_the_line_has_gone_down");
	op(cpu, OP_EOIR, EDGE_SPI, 0);
	claim(!irq_is_pending(cpu), "it_is_one_interrupt");
	set_spi(EDGE_SPI, true);
	claim_equal(take_irq(cpu, OP_SPIN), EDGE_SPI, "true_is_an_edge");
	set_spi(EDGE_SPI, true);
	claim(!irq_is_pending(cpu), "a_further_one_waits_while_it_is_active");
	op(cpu, OP_EOIR, EDGE_SPI, 0);
	claim_equal(take_irq(cpu, OP_SPIN), EDGE_SPI,
		"true_again_is_another_edge");
	op(cpu, OP_EOIR, EDGE_SPI, 0);
	claim(!irq_is_pending(cpu), "and_no_more_than_one");
}

static void gates(struct cpu *cpu)
{
	set_gicd(GICD_ICENABLER(LEVEL), BIT(LEVEL));
	set_spi(LEVEL, true);
	claim(!irq_is_pending(cpu), "a_disabled_spi_is_not_told");
	set_gicd(GICD_ISENABLER(LEVEL), BIT(LEVEL));
	claim(irq_is_pending(cpu), "enabled_it_is");
	set_gicd(GICD_CTLR, 0);
	claim(!irq_is_pending(cpu), "the_distributor_off_nothing_is_told");
	set_gicd(GICD_CTLR, 2);
	claim(irq_is_pending(cpu), "on_again_it_is");
	NEED(hv_gic_set_icc_reg(cpu->id, HV_GIC_ICC_REG_PMR_EL1, 0x80));
	claim(!irq_is_pending(cpu), "the_priority_mask_stops_its_priority");
	NEED(hv_gic_set_icc_reg(cpu->id, HV_GIC_ICC_REG_PMR_EL1, 0x88));
	claim(irq_is_pending(cpu), "and_lets_a_higher_one_pass");
	NEED(hv_gic_set_icc_reg(cpu->id, HV_GIC_ICC_REG_IGRPEN1_EL1, 0));
	claim(!irq_is_pending(cpu), "the_group_off_none_is_told");
	NEED(hv_gic_set_icc_reg(cpu->id, HV_GIC_ICC_REG_IGRPEN1_EL1, 1));
	set_spi(LEVEL, false);
}

static uint64_t icc(struct cpu *cpu, hv_gic_icc_reg_t reg)
{
	uint64_t value = 0;

	NEED(hv_gic_get_icc_reg(cpu->id, reg, &value));
	return value;
}

static void priorities(struct cpu *cpu)
{
	spi_enable(50, true);
	spi_enable(51, true);
	set_gicd(GICD_IPRIORITYR(48), 0x40ull << 24 | 0x80ull << 16);
	set_spi(50, true);
	set_spi(51, true);
	claim_equal(op(cpu, OP_HPPIR, 0, 0), 51, "the_higher_priority_is_next");
	claim_equal(icc(cpu, HV_GIC_ICC_REG_RPR_EL1), 0xff,
		"the_vmm_sees_no_running_priority_yet");
	claim_equal(take_irq(cpu, OP_SPIN), 51, "it_comes_first");
	claim_equal(op(cpu, OP_RPR, 0, 0), 0x40, "the_guest_runs_at_its_priority");
	claim_equal(icc(cpu, HV_GIC_ICC_REG_RPR_EL1), 0x40, "the_vmm_sees_that");
	claim(!irq_is_pending(cpu), "the_lower_one_waits");
	op(cpu, OP_EOIR, 51, 0);
	claim_equal(take_irq(cpu, OP_SPIN), 50, "the_lower_one_follows");
	set_spi(51, true);
	claim_equal(take_irq(cpu, OP_SPIN), 51, "a_higher_one_preempts");
	op(cpu, OP_EOIR, 51, 0);
	claim_equal(op(cpu, OP_RPR, 0, 0), 0x80, "the_preempted_one_is_back");
	op(cpu, OP_EOIR, 50, 0);
	claim_equal(icc(cpu, HV_GIC_ICC_REG_RPR_EL1), 0xff, "the_end_is_idle");
}

/* EOIR drops the priority only, DIR ends the interrupt. */
static void split_end(struct cpu *cpu)
{
	op(cpu, OP_SET_CTLR, 2, 0);
	set_spi(EDGE_SPI, true);
	claim_equal(take_irq(cpu, OP_SPIN), EDGE_SPI, "taken_with_eoimode");
	op(cpu, OP_EOIR, EDGE_SPI, 0);
	claim_equal(op(cpu, OP_RPR, 0, 0), 0xff, "eoir_drops_the_priority");
	claim_equal(gicd(GICD_ISACTIVER(EDGE_SPI)), BIT(EDGE_SPI),
		"it_is_active_still");
	op(cpu, OP_DIR, EDGE_SPI, 0);
	claim_equal(gicd(GICD_ISACTIVER(EDGE_SPI)), 0, "dir_ends_it");
	op(cpu, OP_SET_CTLR, 0, 0);
}

static void timer(struct cpu *cpu, enum op arm, enum op off,
	hv_gic_intid_t which, const char *name)
{
	uint32_t intid;

	NEED(hv_gic_get_intid(which, &intid));
	set_gicr(cpu, GICR_SGI + GICD_ISENABLER(0), BIT(intid));
	op(cpu, arm, 100, 0);
	claim_equal(take_irq(cpu, OP_SLEEP), intid, name);
	claim_equal(gicr(cpu, GICR_SGI + GICD_ISACTIVER(0)), BIT(intid),
		"the_redistributor_has_it_active");
	op(cpu, off, 0, 0);
	op(cpu, OP_EOIR, intid, 0);
	claim(!irq_is_pending(cpu), "the_timer_off_it_is_quiet");
	set_gicr(cpu, GICR_SGI + GICD_ICENABLER(0), BIT(intid));
}

static void private_interrupts(struct cpu *cpu)
{
	bool pending;

	set_gicr(cpu, GICR_SGI + GICD_IPRIORITYR(24), 0x80ull << 24);
	set_gicr(cpu, GICR_SGI + GICD_IPRIORITYR(28), 0x80ull << 16);
	timer(cpu, OP_VTIMER, OP_VTIMER_OFF, HV_GIC_INT_EL1_VIRTUAL_TIMER,
		"the_virtual_timer_is_a_ppi");
	timer(cpu, OP_PTIMER, OP_PTIMER_OFF, HV_GIC_INT_EL1_PHYSICAL_TIMER,
		"the_physical_timer_is_a_ppi");
	claim_result(hv_vcpu_set_pending_interrupt(cpu->id,
			     HV_INTERRUPT_TYPE_IRQ, true),
		HV_UNSUPPORTED, "with_a_gic_there_is_no_irq_line");
	claim_result(hv_vcpu_get_pending_interrupt(cpu->id,
			     HV_INTERRUPT_TYPE_IRQ, &pending),
		HV_UNSUPPORTED, "nor_is_it_read");
	op(cpu, OP_SGI1R, SGI_TO_AFF0(5, 0), 0);
	claim_equal(take_irq(cpu, OP_SPIN), 5, "a_guest_sends_itself_an_sgi");
	op(cpu, OP_EOIR, 5, 0);
}

static void take(struct cpu *cpu, void *arg)
{
	*(uint64_t *)arg = take_irq(cpu, OP_SLEEP);
	op(cpu, OP_EOIR, *(uint64_t *)arg, 0);
}

static void pending_there(struct cpu *cpu, void *arg)
{
	*(bool *)arg = irq_is_pending(cpu);
}

static void two_vcpus(struct cpu *cpu)
{
	struct mate *mate = mate_start(0x80000001);
	uint64_t got = 0;
	bool pending = true;

	op(cpu, OP_SGI1R, SGI_TO_AFF0(3, 1), 0);
	claim(!irq_is_pending(cpu), "the_sgi_for_another_is_not_ours");
	mate_do(mate, take, &got);
	claim_equal(got, 3, "the_other_takes_the_sgi");
	op(cpu, OP_SGI1R, SGI_TO_OTHERS(4), 0);
	claim(!irq_is_pending(cpu), "the_sgi_for_all_others_is_not_ours");
	mate_do(mate, take, &got);
	claim_equal(got, 4, "all_others_take_it");

	set_gicd(GICD_IROUTER(EDGE_SPI), 1);
	set_spi(EDGE_SPI, true);
	claim(!irq_is_pending(cpu), "the_routed_spi_is_not_ours");
	mate_do(mate, take, &got);
	claim_equal(got, EDGE_SPI, "the_other_takes_the_spi");
	set_gicd(GICD_IROUTER(EDGE_SPI), 0);

	/* It may sleep already, or come to it. */
	set_gicd(GICD_IROUTER(LEVEL), 1);
	got = 0;
	mate_begin(mate, take, &got);
	set_spi(LEVEL, true);
	set_spi(EDGE_SPI, true);
	claim_equal(take_irq(cpu, OP_SPIN), EDGE_SPI, "ours_comes_here");
	op(cpu, OP_EOIR, EDGE_SPI, 0);
	/* The line stays up until it has been taken. */
	mate_wait(mate);
	claim_equal(got, LEVEL, "a_sleeping_vcpu_wakes_up");
	set_spi(LEVEL, false);
	set_gicd(GICD_IROUTER(LEVEL), 0);
	mate_do(mate, pending_there, &pending);
	claim(!pending, "then_there_is_nothing_left");
	mate_end(mate);
}

static void errors(void)
{
	claim_result(hv_gic_set_spi(31, true), HV_BAD_ARGUMENT,
		"a_ppi_is_no_spi");
	claim_result(hv_gic_set_spi(992, true), HV_BAD_ARGUMENT,
		"behind_the_last_spi_is_none");
	claim_result(hv_gic_set_spi(991, false), HV_SUCCESS, "the_last_spi");
	claim_result(hv_gic_set_spi(32, false), HV_SUCCESS, "the_first_spi");
}

static void last_spi(struct cpu *cpu)
{
	spi_enable(991, true);
	set_spi(991, true);
	claim_equal(take_irq(cpu, OP_SPIN), 991, "the_last_spi_comes");
	op(cpu, OP_EOIR, 991, 0);
}

int main(void)
{
	struct cpu cpu;
	uint64_t before = 0, after = 0;

	gic_vm_start(0);
	cpu = gic_cpu_start(0x80000000);
	level_spi(&cpu);
	edge_spi(&cpu);
	gates(&cpu);
	priorities(&cpu);
	split_end(&cpu);
	NEED(hv_vcpu_get_wait_for_interrupt_time(cpu.id, &before));
	private_interrupts(&cpu);
	NEED(hv_vcpu_get_wait_for_interrupt_time(cpu.id, &after));
	claim(after >= before, "the_time_in_wfi_does_not_go_back");
	two_vcpus(&cpu);
	errors();
	last_spi(&cpu);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}
