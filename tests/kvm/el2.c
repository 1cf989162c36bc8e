/* SPDX-License-Identifier: MIT */
/*
 * A guest with EL2, on a host with nested virtualization: it runs a guest of
 * its own at EL1, and virtual interrupts of that guest come as the ICH
 * registers say. On other hosts: EL2 is refused.
 *
 * An HVC of such a guest is for its own EL2. It leaves by a store to DEVICE.
 */
#include "gic_machine.h"

#include <stdio.h>

#include <os/object.h>

#define VECTORS_EL2 (RAM + 0x800)
#define VECTORS_EL1 (RAM + 0x1000)
#define DOWN	    (RAM + 0x100) /* to EL1, then to X21 */
#define IDLE	    (RAM + 0x140)
#define UNMASKED    (RAM + 0x180)
#define TIMER	    (RAM + 0x1c0)
#define PRIORITY    (RAM + 0x240)

#define LEAVE " str x9, [x28]\n"

GUEST(guest_el2,
	/* EL2: the state of its own CPU interface. */
	"mrs x0, currentel\n mov x1, #0xf0\n msr s3_0_c4_c6_0, x1\n"
	" mov x1, #1\n msr s3_0_c12_c12_7, x1\n isb\n" LEAVE
	".org guest_el2 + 0x100\n"
	" msr vbar_el2, x19\n msr vbar_el1, x20\n msr elr_el2, x21\n"
	" msr spsr_el2, x22\n msr hcr_el2, x23\n isb\n eret\n"
	/* EL1: waits, interrupts masked or not. */
	".org guest_el2 + 0x140\n hvc #3\n b .\n"
	".org guest_el2 + 0x180\n msr daifclr, #2\n b .\n"
	/* EL2: its own timer, its own interrupts. */
	".org guest_el2 + 0x1c0\n msr vbar_el2, x19\n msr hcr_el2, x23\n"
	" msr cnthp_tval_el2, x1\n mov x0, #1\n msr cnthp_ctl_el2, x0\n"
	" isb\n msr daifclr, #2\n b .\n"
	/* EL1: its PMR. */
	".org guest_el2 + 0x240\n mrs x5, s3_0_c4_c6_0\n mov x6, #0x60\n"
	" msr s3_0_c4_c6_0, x6\n isb\n hvc #4\n b .\n"
	/* VBAR_EL2: an IRQ of EL2, a call of EL1, an IRQ while at EL1. */
	".org guest_el2 + 0x800 + 0x280\n mov x9, #1\n"
	" mrs x0, s3_0_c12_c12_0\n msr cnthp_ctl_el2, xzr\n isb\n"
	" msr s3_0_c12_c12_1, x0\n isb\n" LEAVE
	".org guest_el2 + 0x800 + 0x400\n mov x9, #2\n mrs x3, esr_el2\n"
	LEAVE
	".org guest_el2 + 0x800 + 0x480\n mov x9, #3\n"
	" mrs x0, s3_0_c12_c12_0\n" LEAVE
	/* VBAR_EL1: a virtual IRQ. */
	".org guest_el2 + 0x1000 + 0x280\n mrs x4, s3_0_c12_c12_0\n"
	" mrs x5, s3_0_c12_c11_3\n msr s3_0_c12_c12_1, x4\n isb\n"
	" hvc #5\n b .\n");

#define HCR_RW	(1ull << 31)
#define HCR_IMO (1ull << 4)

#define LR(state, intid) \
	((uint64_t)(state) << 62 | 1ull << 60 | 0x80ull << 48 | (intid))
#define VMCR_PMR_ENG1 (0xf0ull << 24 | 2)

static uint64_t ich(struct cpu *cpu, uint32_t reg)
{
	uint64_t value = 0;

	NEED(hv_gic_get_ich_reg(cpu->id, (hv_gic_ich_reg_t)reg, &value));
	return value;
}

static void set_ich(struct cpu *cpu, uint32_t reg, uint64_t value)
{
	NEED(hv_gic_set_ich_reg(cpu->id, (hv_gic_ich_reg_t)reg, value));
}

static uint64_t icv(struct cpu *cpu, uint32_t reg)
{
	uint64_t value = 0;

	NEED(hv_gic_get_icv_reg(cpu->id, (hv_gic_icv_reg_t)reg, &value));
	return value;
}

/* At EL2 from pc to the store to DEVICE: which of the ways out it was. */
static uint64_t go(struct cpu *cpu, uint64_t pc)
{
	set_reg(cpu, HV_REG_PC, pc);
	set_reg(cpu, HV_REG_CPSR, 0x3c9);
	set_reg(cpu, HV_REG_X9, 0);
	set_reg(cpu, HV_REG_X28, DEVICE);
	cpu_run(cpu);
	if (cpu->exit->exception.physical_address != DEVICE)
		printf("# reason %u syndrome 0x%llx pc 0x%llx\n",
			cpu->exit->reason,
			(unsigned long long)cpu->exit->exception.syndrome,
			(unsigned long long)reg(cpu, HV_REG_PC));
	claim_equal(EC(cpu->exit->exception.syndrome), EC_DATA_ABORT,
		"the_guest_leaves_by_a_store");
	claim_equal(cpu->exit->exception.physical_address, DEVICE,
		"to_where_it_is_told");
	return reg(cpu, HV_REG_X9);
}

/* Down to EL1 at entry, and back. */
static uint64_t go_down(struct cpu *cpu, uint64_t entry)
{
	set_reg(cpu, HV_REG_X19, VECTORS_EL2);
	set_reg(cpu, HV_REG_X20, VECTORS_EL1);
	set_reg(cpu, HV_REG_X21, entry);
	set_reg(cpu, HV_REG_X22, 0x3c5);
	set_reg(cpu, HV_REG_X23, HCR_RW | HCR_IMO);
	return go(cpu, DOWN);
}

static void levels(struct cpu *cpu)
{
	go(cpu, RAM);
	claim_equal(reg(cpu, HV_REG_X0), 2 << 2, "the_guest_is_at_el2");
	claim_equal(go_down(cpu, IDLE), 2, "its_own_guest_calls_el2");
	claim_equal(EC(reg(cpu, HV_REG_X3)), EC_HVC, "by_an_hvc");
	claim_equal(reg(cpu, HV_REG_X3) & 0xffff, 3, "the_immediate_is_there");
}

static void registers(struct cpu *cpu)
{
	uint64_t vtr = ich(cpu, HV_GIC_ICH_REG_VTR_EL2);
	unsigned lists = (unsigned)(vtr & 31) + 1;
	uint64_t value = 0;

	claim(lists >= 4 && lists <= 16, "vtr_tells_the_list_registers");
	set_ich(cpu, HV_GIC_ICH_REG_HCR_EL2, 1);
	claim_equal(ich(cpu, HV_GIC_ICH_REG_HCR_EL2) & 1, 1, "hcr_read_back");
	for (unsigned n = 0; n < lists; n++)
		set_ich(cpu, HV_GIC_ICH_REG_LR0_EL2 + n, 0);
	claim_equal(ich(cpu, HV_GIC_ICH_REG_ELRSR_EL2), (1ull << lists) - 1,
		"all_lists_are_empty");
	set_ich(cpu, HV_GIC_ICH_REG_LR0_EL2 + 1, LR(1, 99));
	claim_equal(ich(cpu, HV_GIC_ICH_REG_LR0_EL2 + 1), LR(1, 99),
		"a_list_register_is_read_back");
	claim_equal(ich(cpu, HV_GIC_ICH_REG_ELRSR_EL2),
		((1ull << lists) - 1) & ~2ull, "then_it_is_not_empty");
	set_ich(cpu, HV_GIC_ICH_REG_LR0_EL2 + 1, 0);
	set_ich(cpu, HV_GIC_ICH_REG_VMCR_EL2, VMCR_PMR_ENG1);
	claim_equal(icv(cpu, HV_GIC_ICV_REG_PMR_EL1), 0xf0, "pmr_is_in_vmcr");
	claim_equal(icv(cpu, HV_GIC_ICV_REG_IGRPEN1_EL1), 1, "group_1_is");
	NEED(hv_gic_set_icv_reg(cpu->id, HV_GIC_ICV_REG_PMR_EL1, 0xe0));
	claim_equal(ich(cpu, HV_GIC_ICH_REG_VMCR_EL2) >> 24, 0xe0,
		"pmr_goes_to_vmcr");
	claim_result(hv_gic_set_ich_reg(cpu->id, HV_GIC_ICH_REG_VTR_EL2, 0),
		HV_BAD_ARGUMENT, "vtr_is_read_only");
	claim_result(hv_gic_set_icv_reg(cpu->id, HV_GIC_ICV_REG_RPR_EL1, 0),
		HV_BAD_ARGUMENT, "rpr_is_read_only");
	if (lists < 16)
		claim_result(hv_gic_get_ich_reg(cpu->id,
				     HV_GIC_ICH_REG_LR15_EL2, &value),
			HV_BAD_ARGUMENT, "no_more_list_registers");
	NEED(hv_gic_get_icc_reg(cpu->id, HV_GIC_ICC_REG_SRE_EL2, &value));
	claim_equal(value & 1, 1, "sre_el2_is_one");
}

/* The guest at EL1 sees as its CPU interface what the VMM does. */
static void views(struct cpu *cpu)
{
	NEED(hv_gic_set_icv_reg(cpu->id, HV_GIC_ICV_REG_PMR_EL1, 0xa0));
	claim_equal(go_down(cpu, PRIORITY), 2, "el1_looks_at_its_pmr");
	claim_equal(reg(cpu, HV_REG_X5), 0xa0, "it_is_the_vmms");
	claim_equal(icv(cpu, HV_GIC_ICV_REG_PMR_EL1), 0x60,
		"what_it_writes_the_vmm_sees");
}

static void virtual_interrupt(struct cpu *cpu)
{
	set_ich(cpu, HV_GIC_ICH_REG_VMCR_EL2, VMCR_PMR_ENG1);
	set_ich(cpu, HV_GIC_ICH_REG_LR0_EL2, LR(1, 77));
	set_ich(cpu, HV_GIC_ICH_REG_HCR_EL2, 1);
	claim_equal(go_down(cpu, UNMASKED), 2, "el1_takes_an_interrupt");
	claim_equal(reg(cpu, HV_REG_X3) & 0xffff, 5, "in_its_handler");
	claim_equal(reg(cpu, HV_REG_X4), 77, "it_is_that_of_the_list_register");
	claim_equal(reg(cpu, HV_REG_X5), 0x80, "its_priority_runs");
	claim_equal(ich(cpu, HV_GIC_ICH_REG_LR0_EL2) >> 62, 0,
		"ended_the_list_register_is_free");
	claim_equal(icv(cpu, HV_GIC_ICV_REG_RPR_EL1), 0xff, "none_runs");
}

static void enable_ppi(struct cpu *cpu, uint32_t intid)
{
	set_gicd(GICD_CTLR, 2);
	set_gicr(cpu, GICR_SGI + GICD_ISENABLER(0), BIT(intid));
}

/* An interrupt for EL2 takes the guest out of EL1. */
static void maintenance(struct cpu *cpu)
{
	enable_ppi(cpu, HV_GIC_INT_MAINTENANCE);
	set_ich(cpu, HV_GIC_ICH_REG_HCR_EL2, 1 | 1 << 3); /* none pending */
	claim_equal(ich(cpu, HV_GIC_ICH_REG_MISR_EL2), 1 << 3,
		"misr_tells_that_none_is_pending");
	claim_equal(go_down(cpu, UNMASKED), 3, "el2_takes_an_interrupt");
	claim_equal(reg(cpu, HV_REG_X0), HV_GIC_INT_MAINTENANCE,
		"for_maintenance");
	set_ich(cpu, HV_GIC_ICH_REG_HCR_EL2, 0);
	set_gicr(cpu, GICR_SGI + GICD_ICENABLER(0),
		BIT(HV_GIC_INT_MAINTENANCE));
	set_gicr(cpu, GICR_SGI + GICD_ICACTIVER(0),
		BIT(HV_GIC_INT_MAINTENANCE));
	NEED(hv_gic_set_icc_reg(cpu->id, HV_GIC_ICC_REG_AP1R0_EL1, 0));
}

static void timer(struct cpu *cpu)
{
	set_gicr(cpu, GICR_SGI + GICD_IPRIORITYR(24), 0x80808080);
	enable_ppi(cpu, HV_GIC_INT_EL2_PHYSICAL_TIMER);
	set_reg(cpu, HV_REG_X19, VECTORS_EL2);
	set_reg(cpu, HV_REG_X23, HCR_RW | HCR_IMO);
	set_reg(cpu, HV_REG_X1, 100);
	claim_equal(go(cpu, TIMER), 1, "the_timer_of_el2_interrupts_el2");
	claim_equal(reg(cpu, HV_REG_X0), HV_GIC_INT_EL2_PHYSICAL_TIMER,
		"by_its_ppi");
}

static void el2_registers(struct cpu *cpu)
{
	uint64_t value = 0;

	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_VBAR_EL2, &value));
	claim_equal(value, VECTORS_EL2, "vbar_el2_is_what_the_guest_wrote");
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_TPIDR_EL2, 4711));
	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_TPIDR_EL2, &value));
	claim_equal(value, 4711, "tpidr_el2_is_read_back");
	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_HCR_EL2, &value));
	claim_equal(value & (HCR_RW | HCR_IMO), HCR_RW | HCR_IMO,
		"hcr_el2_is_what_the_guest_wrote");
}

static struct cpu start(void)
{
	struct cpu cpu = gic_el2_start(guest_el2,
		(size_t)(guest_el2_end - guest_el2));
	uint64_t cpsr = reg(&cpu, HV_REG_CPSR);

	claim_equal(cpsr & 0x1f, 9, "a_vcpu_starts_at_el2h");
	return cpu;
}

static void refused(void)
{
	hv_vm_config_t vm = hv_vm_config_create();
	bool enabled = false;

	claim_result(hv_vm_config_set_el2_enabled(vm, true), HV_SUCCESS,
		"el2_can_be_asked_for");
	NEED(hv_vm_config_get_el2_enabled(vm, &enabled));
	claim(enabled, "that_is_read_back");
	claim_result(hv_vm_create(vm), HV_UNSUPPORTED,
		"a_host_without_el2_refuses_it");
	os_release(vm);
}

int main(void)
{
	struct cpu cpu;
	bool supported = false;

	NEED(hv_vm_config_get_el2_supported(&supported));
	if (!supported) {
		refused();
		return verdict();
	}
	cpu = start();
	levels(&cpu);
	registers(&cpu);
	views(&cpu);
	virtual_interrupt(&cpu);
	maintenance(&cpu);
	timer(&cpu);
	el2_registers(&cpu);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}
