/* SPDX-License-Identifier: MIT */
/*
 * The virtual timer. KVM keeps it, and without a GIC in the kernel ends the run
 * when its level is another than device_irq_level says user space knows.
 */
#include <linux/kvm.h>

#include "raw_paths.h"

#include <Hypervisor/Hypervisor.h>

static void unmask(void)
{
	raw_vcpu.run->s.regs.device_irq_level &=
			~(uint64_t)KVM_ARM_DEV_EL1_VTIMER;
}

static void at(enum guest_loop loop, uint64_t ticks)
{
	raw_vcpu_at(&raw_vcpu, loop);
	raw_set(&raw_vcpu, 5, ticks);
	unmask();
}

static void at_timer(void)
{
	at(GUEST_TIMER, 0);
}

/* So far ahead that the guest is asleep by then. */
static void at_sleep(void)
{
	at(GUEST_SLEEP, path_hz() / 5000);
}

/* What is told with a signal is only a signal. */
static void run_to_timer(void)
{
	while (!(raw_vcpu.run->s.regs.device_irq_level &
			KVM_ARM_DEV_EL1_VTIMER))
		raw_run_to(&raw_vcpu, 0);
}

static void run_behind_timer(void)
{
	raw_kvm_flags()->flag = 1;
	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
}

static uint64_t activation(void)
{
	uint64_t start = path_now(), ticks;

	run_to_timer();
	ticks = path_now() - start;
	run_behind_timer();
	unmask();
	return ticks;
}

static uint64_t again(void)
{
	uint64_t start, ticks;

	run_to_timer();
	start = path_now();
	unmask();
	run_to_timer();
	ticks = path_now() - start;
	run_behind_timer();
	unmask();
	return ticks;
}

static uint64_t cycle(void)
{
	uint64_t start = path_now();

	run_to_timer();
	run_behind_timer();
	unmask();
	return path_now() - start;
}

static uint64_t naive_cycle(void)
{
	uint64_t start = path_now();

	run_to_timer();
	run_behind_timer();
	(void)raw_get_sys(&raw_vcpu, HV_SYS_REG_CNTV_CTL_EL0);
	unmask();
	return path_now() - start;
}

/* From when the timer was due, which the guest has left in X7. */
static uint64_t wake_up(void)
{
	uint64_t end;

	run_to_timer();
	end = path_now();
	run_behind_timer();
	unmask();
	return end - raw_get(&raw_vcpu, 7);
}

static const struct path paths[] = {
	{ "vtimer/bare", 0, at_timer, activation, NULL },
	{ "vtimer_unmask/bare", 0, at_timer, again, NULL },
	{ "vtimer_cycle/bare", 0, at_timer, cycle, NULL },
	{ "vtimer_cycle/naive", 0, at_timer, naive_cycle, NULL },
	{ "wfi_timer/bare", 0, at_sleep, wake_up, NULL },
};

const struct path_group raw_timer = PATH_GROUP(paths);
