/* SPDX-License-Identifier: MIT */
/* Several threads, each with the vCPU that it owns. */
#include "hv_paths.h"

#include "mates.h"

static struct hv_guest other;

static void open_other(enum guest_loop loop)
{
	hv_guest_create(&other);
	hv_guest_at(&other, loop);
}

static void run_other(void)
{
	bench_check((int)hv_vcpu_run(other.vcpu), "hv_vcpu_run");
}

static void close_other(void)
{
	(void)hv_vcpu_destroy(other.vcpu);
}

static void kick_other(void)
{
	(void)hv_vcpus_exit(&other.vcpu, 1);
}

static struct mate mate = { open_other, run_other, close_other, kick_other,
	NULL };

static void begin_spin(void)
{
	mate.flags = hv_guest_flags();
	kicks_begin(&mate, GUEST_SPIN);
}

static void begin_doze(void)
{
	mate.flags = hv_guest_flags();
	kicks_begin(&mate, GUEST_DOZE);
}

static uint64_t kick_once(void)
{
	return kicks_sample(1);
}

static uint64_t kick_by_all(void)
{
	return kicks_sample(MATES_KICKERS);
}

static void begin_turns(void)
{
	hv_guest_at(&hv_guest, GUEST_CALL);
	turns_begin(&mate);
}

static void run_own(void)
{
	HV_GUEST_CALL(&hv_guest);
}

static uint64_t turns(void)
{
	return turns_sample(run_own);
}

/* The next run ends before it has begun. */
static uint64_t kick_self(void)
{
	uint64_t start = path_now();

	(void)hv_vcpus_exit(&hv_guest.vcpu, 1);
	hv_guest_run(&hv_guest, HV_EXIT_REASON_CANCELED);
	return path_now() - start;
}

static const struct path paths[] = {
	{ "exit_self", 0, NULL, kick_self, NULL },
	{ "exit_by_1", 0, begin_spin, kick_once, kicks_end },
	{ "exit_by_4", 0, begin_spin, kick_by_all, kicks_end },
	{ "exit_wfi", 0, begin_doze, kick_once, kicks_end },
	{ "switch", 2, begin_turns, turns, turns_end },
};

const struct path_group hv_mates = PATH_GROUP(paths);
