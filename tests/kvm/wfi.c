/* SPDX-License-Identifier: MIT */
/*
 * WFI: the run goes on in it until there is something for the guest or for the
 * VMM, with and without GIC; and the times that a vCPU ran and slept.
 */
#include "conformance.h"

#include <mach/mach_time.h>
#include <pthread.h>
#include <stdatomic.h>

#define GICD 0x08000000ull
#define GICR 0x080a0000ull

/* The timer's interrupt; on, its bit in the registers of a redistributor. */
#define VTIMER_INTID 27

GUEST(guest_wfi, "mov x5, #1\n wfi\n mov x5, #2\n hvc #1\n b .");
/* Sleeps until the timer, X0 ticks on; X5 tells how far it has come. */
GUEST(guest_timed,
	"1: msr cntv_tval_el0, x0\n mov x1, #1\n msr cntv_ctl_el0, x1\n isb\n"
	"wfi\n hvc #1\n b 1b");
/* The same by a GIC: X1 GICD, X2 the frame of the GICR for SGIs and PPIs. */
GUEST(guest_gic,
	"mov w3, #0x12\n str w3, [x1]\n"
	"mov w3, #0x08000000\n str w3, [x2, #0x80]\n str w3, [x2, #0x100]\n"
	"mov x3, #0xff\n msr s3_0_c4_c6_0, x3\n"
	"mov x3, #1\n msr s3_0_c12_c12_7, x3\n isb\n"
	"1: msr cntv_tval_el0, x0\n mov x3, #1\n msr cntv_ctl_el0, x3\n isb\n"
	"wfi\n mrs x4, s3_0_c12_c12_0\n"
	"msr cntv_ctl_el0, xzr\n isb\n"
	"msr s3_0_c12_c12_1, x4\n hvc #1\n b 1b");
GUEST(guest_spin, "mov x5, #1\n b .");

static uint64_t frequency(void)
{
	uint64_t hz;

	__asm__("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

static uint64_t exec_time(const struct cpu *cpu)
{
	uint64_t ticks = 0;

	NEED(hv_vcpu_get_exec_time(cpu->id, &ticks));
	return ticks;
}

static uint64_t wfi_time(const struct cpu *cpu)
{
	uint64_t ticks = 0;

	NEED(hv_vcpu_get_wait_for_interrupt_time(cpu->id, &ticks));
	return ticks;
}

static void line(void)
{
	struct cpu cpu;

	VM_START(guest_wfi);
	cpu = cpu_start();
	NEED(hv_vcpu_set_pending_interrupt(cpu.id, HV_INTERRUPT_TYPE_IRQ, true));
	cpu_run(&cpu);
	claim_equal(cpu.exit->exception.syndrome & 0xffff, 1,
		"a_line_that_is_up_ends_wfi");
	claim_equal(reg(&cpu, HV_REG_X5), 2, "masked_though_it_is");
	cpu_end(&cpu);
	vm_end();
}

static hv_vcpu_t target;
static atomic_bool canceled;

/* Long enough that most often the guest is asleep by then; no matter if not. */
static void *cancel(void *arg)
{
	double start = seconds();

	(void)arg;
	while (seconds() - start < 0.1)
		;
	atomic_store(&canceled, true);
	hv_vcpus_exit(&target, 1);
	return NULL;
}

static hv_exit_reason_t run_canceled(struct cpu *cpu)
{
	hv_exit_reason_t reason;
	pthread_t thread;

	target = cpu->id;
	atomic_store(&canceled, false);
	pthread_create(&thread, NULL, cancel, NULL);
	reason = cpu_run(cpu);
	claim(atomic_load(&canceled), "the_run_goes_on_until_the_cancel");
	pthread_join(thread, NULL);
	return reason;
}

/* On a busy machine the cancel may come before the guest; then once more. */
static bool guest_has_begun(const struct cpu *cpu)
{
	static unsigned tries;

	return reg(cpu, HV_REG_X5) || ++tries == 100;
}

static void cancel_ends_it(void)
{
	struct cpu cpu;

	VM_START(guest_wfi);
	cpu = cpu_start();
	do
		claim_equal(run_canceled(&cpu), HV_EXIT_REASON_CANCELED,
			"cancel_ends_wfi");
	while (!guest_has_begun(&cpu));
	claim_equal(reg(&cpu, HV_REG_X5), 1, "nothing_behind_it_is_executed");
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X5), 2, "the_next_run_goes_on_behind_it");
	cpu_end(&cpu);
	vm_end();
}

/*
 * KVM wakes a vCPU when its timer is due to the nanosecond, and an emulated one
 * may be late: the guest is further on then, and waits once more.
 */
static hv_exit_reason_t run_to_timer(struct cpu *cpu)
{
	hv_exit_reason_t reason = cpu_run(cpu);

	for (int i = 0; i < 100 && reason == HV_EXIT_REASON_EXCEPTION; i++)
		reason = cpu_run(cpu);
	return reason;
}

static void timer(void)
{
	struct cpu cpu;
	uint64_t ticks;

	VM_START(guest_timed);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_X0, frequency() / 50);
	claim_equal(run_to_timer(&cpu), HV_EXIT_REASON_VTIMER_ACTIVATED,
		"the_timer_ends_wfi_and_the_run");
	NEED(hv_vcpu_set_pending_interrupt(cpu.id, HV_INTERRUPT_TYPE_IRQ, true));
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"the_guest_goes_on_behind_it");
	claim_result(hv_vcpu_get_wait_for_interrupt_time(cpu.id, &ticks),
		HV_UNSUPPORTED, "no_time_of_sleep_without_gic");
	cpu_end(&cpu);
	vm_end();
}

static void start_gic(void)
{
	hv_gic_config_t config = hv_gic_config_create();

	NEED(hv_gic_config_set_distributor_base(config, GICD));
	NEED(hv_gic_config_set_redistributor_base(config, GICR));
	NEED(hv_gic_create(config));
	os_release(config);
}

static struct cpu start_timed_by_gic(void)
{
	struct cpu cpu = cpu_start();

	/* Its redistributor is there once it has an affinity. */
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MPIDR_EL1, 0x80000000));
	set_reg(&cpu, HV_REG_X0, frequency() / 50);
	set_reg(&cpu, HV_REG_X1, GICD);
	set_reg(&cpu, HV_REG_X2, GICR + 0x10000);
	return cpu;
}

/* A slow machine may find the timer due before WFI, and does not sleep then. */
static bool sleeps_at_last(struct cpu *cpu, bool *each)
{
	uint64_t before = wfi_time(cpu);

	for (int i = 0; i < 100; i++) {
		*each &= cpu_run(cpu) == HV_EXIT_REASON_EXCEPTION &&
			reg(cpu, HV_REG_X4) == VTIMER_INTID;
		if (wfi_time(cpu) > before)
			return true;
	}
	return false;
}

static void with_gic(void)
{
	uint64_t start, all;
	bool each = true;
	struct cpu cpu;

	VM_START(guest_gic);
	start_gic();
	cpu = start_timed_by_gic();
	start = mach_absolute_time();
	claim_equal(exec_time(&cpu), 0, "a_new_vcpu_has_not_run");
	claim_equal(wfi_time(&cpu), 0, "nor_slept");
	claim(sleeps_at_last(&cpu, &each), "time_of_sleep_is_told");
	claim(each, "the_timers_interrupt_ends_wfi_in_the_guest");
	all = exec_time(&cpu) + wfi_time(&cpu);
	claim(exec_time(&cpu) > 0 && all <= mach_absolute_time() - start,
		"time_of_both_is_no_more_than_there_was");
	cpu_end(&cpu);

	cpu = start_timed_by_gic();
	claim_equal(exec_time(&cpu), 0, "a_vcpu_of_the_same_id_has_not_run");
	claim_equal(wfi_time(&cpu), 0, "nor_slept_either");
	claim(sleeps_at_last(&cpu, &each) && each, "it_does_like_the_first");
	cpu_end(&cpu);
	vm_end();
}

static void spinning(void)
{
	uint64_t start = mach_absolute_time(), before;
	struct cpu cpu;

	VM_START(guest_spin);
	cpu = cpu_start();
	do
		run_canceled(&cpu);
	while (!guest_has_begun(&cpu));
	before = exec_time(&cpu);
	claim(before > 0 && before <= mach_absolute_time() - start,
		"time_of_execution_is_within_that_of_the_run");
	claim_equal(exec_time(&cpu), before, "it_stands_still_between_runs");
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	line();
	cancel_ends_it();
	timer();
	with_gic();
	spinning();
	return verdict();
}
