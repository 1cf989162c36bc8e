/* SPDX-License-Identifier: MIT */
/* Without a GIC: the virtual timer's exits and mask, and the IRQ line. */
#include "conformance.h"

#include <mach/mach_time.h>

/* Arms the timer for X0 ticks, then spins; the vectors tell what came. */
GUEST(guest_timer,
	"msr cntv_tval_el0, x0\n mov x1, #1\n msr cntv_ctl_el0, x1\n isb\n"
	"1: add x9, x9, #1\n b 1b\n");
GUEST(guest_irq,
	"msr daifclr, #3\n isb\n mov x9, #0\n"
	"1: add x9, x9, #1\n cmp x9, x10\n b.ne 1b\n hvc #1\n b .\n"
	".org guest_irq + 0x800 + 0x280\n hvc #2\n eret\n"
	".org guest_irq + 0x800 + 0x300\n hvc #3\n eret\n");

static void timer(void)
{
	struct cpu cpu;
	bool masked = true;
	double start;

	VM_START(guest_timer);
	cpu = cpu_start();
	NEED(hv_vcpu_get_vtimer_mask(cpu.id, &masked));
	claim(!masked, "the_timer_is_not_masked_at_first");
	set_reg(&cpu, HV_REG_X0, 1000);
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_VTIMER_ACTIVATED,
		"the_timer_ends_the_run");
	NEED(hv_vcpu_get_vtimer_mask(cpu.id, &masked));
	claim(masked, "it_is_masked_then");

	/* The timer still asserts: unmasked, it is told again at once. */
	NEED(hv_vcpu_set_vtimer_mask(cpu.id, false));
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_VTIMER_ACTIVATED,
		"unmasked_and_still_due_it_is_told_again");

	/* Masked by the VMM it is silent; the cancel ends the run. */
	set_reg(&cpu, HV_REG_PC, RAM);
	NEED(hv_vcpu_set_vtimer_mask(cpu.id, true));
	start = seconds();
	while (seconds() - start < 0.05) {
		NEED(hv_vcpus_exit(&cpu.id, 1));
		if (cpu_run(&cpu) != HV_EXIT_REASON_CANCELED)
			break;
	}
	claim_equal(cpu.exit->reason, HV_EXIT_REASON_CANCELED,
		"masked_it_is_silent");

	/* Not due any more when it is unmasked: nothing to tell. */
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_CNTV_CTL_EL0, 0));
	NEED(hv_vcpu_set_vtimer_mask(cpu.id, false));
	NEED(hv_vcpus_exit(&cpu.id, 1));
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_CANCELED,
		"unmasked_and_not_due_it_is_silent");
	cpu_end(&cpu);
	vm_end();
}

static void offset(void)
{
	struct cpu cpu;
	uint64_t now, value = 1;

	VM_START(guest_timer);
	cpu = cpu_start();
	now = mach_absolute_time();
	NEED(hv_vcpu_set_vtimer_offset(cpu.id, now));
	NEED(hv_vcpu_get_vtimer_offset(cpu.id, &value));
	claim_equal(value, now, "the_offset_is_read_back");
	/* CNTVCT is small now: a compare value in the past of before is due. */
	set_reg(&cpu, HV_REG_X0, 1000);
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_VTIMER_ACTIVATED,
		"the_timer_works_with_an_offset");
	NEED(hv_vcpu_get_sys_reg(cpu.id, HV_SYS_REG_CNTV_CVAL_EL0, &value));
	claim(value < mach_absolute_time() - now + 1000,
		"the_guests_counter_is_absolute_time_less_the_offset");
	cpu_end(&cpu);
	vm_end();
}

static void line(hv_interrupt_type_t type, unsigned immediate, const char *name)
{
	struct cpu cpu;
	bool pending = false;

	VM_START(guest_irq);
	cpu = cpu_start();
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_VBAR_EL1, RAM + 0x800));
	set_reg(&cpu, HV_REG_X10, 1000);
	NEED(hv_vcpu_set_pending_interrupt(cpu.id, type, true));
	NEED(hv_vcpu_get_pending_interrupt(cpu.id, type, &pending));
	claim(pending, "the_line_is_up_once_set");
	cpu_run(&cpu);
	claim_equal(cpu.exit->exception.syndrome & 0xffff, immediate, name);
	NEED(hv_vcpu_get_pending_interrupt(cpu.id, type, &pending));
	claim(!pending, "the_run_takes_the_line_down");
	cpu_run(&cpu);
	claim_equal(cpu.exit->exception.syndrome & 0xffff, 1,
		"the_guest_goes_on_and_is_not_interrupted_again");
	cpu_end(&cpu);
	vm_end();
}

static void masked_line(void)
{
	struct cpu cpu;

	VM_START(guest_irq);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_PC, RAM + 8); /* behind the unmasking */
	set_reg(&cpu, HV_REG_X10, 1000);
	NEED(hv_vcpu_set_pending_interrupt(cpu.id, HV_INTERRUPT_TYPE_IRQ, true));
	cpu_run(&cpu);
	claim_equal(cpu.exit->exception.syndrome & 0xffff, 1,
		"a_guest_that_masks_interrupts_gets_none");
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	timer();
	offset();
	line(HV_INTERRUPT_TYPE_IRQ, 2, "the_guest_takes_the_irq");
	line(HV_INTERRUPT_TYPE_FIQ, 3, "the_guest_takes_the_fiq");
	masked_line();
	return verdict();
}
