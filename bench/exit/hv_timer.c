/* SPDX-License-Identifier: MIT */
/*
 * The virtual timer: an exit masks it, and the VMM unmasks it when the guest is
 * done with it, which it sees in CNTV_CTL_EL0.
 */
#include "hv_paths.h"

#include <errno.h>

static void unmask(void)
{
	(void)hv_vcpu_set_vtimer_mask(hv_guest.vcpu, false);
}

static void at(enum guest_loop loop, uint64_t ticks)
{
	hv_guest_at(&hv_guest, loop);
	hv_guest_set(&hv_guest, HV_REG_X5, ticks);
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

static void run_to_timer(void)
{
	hv_guest_run(&hv_guest, HV_EXIT_REASON_VTIMER_ACTIVATED);
}

static void run_behind_timer(void)
{
	hv_guest_flags()->flag = 1;
	HV_GUEST_CALL(&hv_guest);
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
	uint64_t start = path_now(), control = 0;

	run_to_timer();
	run_behind_timer();
	(void)hv_vcpu_get_sys_reg(
			hv_guest.vcpu, HV_SYS_REG_CNTV_CTL_EL0, &control);
	bench_check(control & 1 ? EIO : 0, "the timer is still on");
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
	return end - hv_guest_get(&hv_guest, HV_REG_X7);
}

static const struct path paths[] = {
	{ "vtimer", 0, at_timer, activation, NULL },
	{ "vtimer_unmask", 0, at_timer, again, NULL },
	{ "vtimer_cycle", 0, at_timer, cycle, NULL },
	{ "wfi_timer", 0, at_sleep, wake_up, NULL },
};

const struct path_group hv_timer = PATH_GROUP(paths);
