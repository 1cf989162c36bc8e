/* SPDX-License-Identifier: MIT */
#include "patience.h"

#include "faults.h"
#include "holders.h"

/*
 * How long a thread that is busy may keep vCPUs waiting: as much CPU, or in all,
 * as it may have to wait for a CPU or a disk; from the last page on that it came
 * to, as one system call may go through many.
 *
 * A turn that is taken from a thread in the middle of a copy may not be replayed,
 * and where a hypervisor above is busy with others, CPU time goes by without
 * anything being done: much is allowed. But a thread that never makes a call would
 * hold up the guest each time: half as much is allowed after each turn that was
 * taken, and a little more after each that ended by itself.
 */
#define CPU_MAX_NS 1600000000u
#define CPU_MIN_NS 100000000u
#define WAIT_MAX_NS 4000000000u

/*
 * Holders are looked at the less often the longer they are waited for: it takes the
 * lock, and some system calls for each. At first not even then while pages are
 * granted, which is the work of one of them.
 */
#define STEP_MIN_NS 200000u
#define STEP_MAX_NS 5000000u
#define STEP_OF_TIME 8

static uint64_t cpu_max = CPU_MAX_NS;

/* The turn that is waited for, as it was when it was last looked at. */
static struct waiting {
	uint64_t turn, since, next, deadline;
	size_t granted; /* pages */
} waiting;

static uint64_t clamp(uint64_t ns, uint64_t min, uint64_t max)
{
	if (ns < min)
		return min;
	return ns < max ? ns : max;
}

void hvt_patience_init(void)
{
	cpu_max = CPU_MAX_NS;
	waiting = (struct waiting){ 0 };
}

void hvt_patience_learn(enum hvt_turn_end how)
{
	cpu_max = clamp(how == HVT_TURN_TAKEN ? cpu_max / 2
					      : cpu_max + cpu_max / 64,
			CPU_MIN_NS, CPU_MAX_NS);
}

uint64_t hvt_patience_next(void)
{
	return waiting.next;
}

void hvt_patience_hurry(void)
{
	waiting.next = 0;
}

/* Has someone got on since the last look, so that it is too early for another? */
static bool is_too_early(uint64_t now, size_t granted)
{
	bool hurried = !waiting.next, more = granted != waiting.granted;

	if (more)
		waiting.deadline = now + WAIT_MAX_NS;
	waiting.granted = granted;
	waiting.next = now + clamp((now - waiting.since) / STEP_OF_TIME,
					   STEP_MIN_NS, STEP_MAX_NS);
	return more && !hurried &&
			now - waiting.since < STEP_OF_TIME * STEP_MAX_NS;
}

bool hvt_patience_is_over(uint64_t now, uint64_t turn, size_t granted,
		enum hvt_turn_end *how)
{
	uint64_t spent;

	*how = HVT_TURN_CALLED;
	if (!atomic_load(&hvt_holders))
		return true;
	if (turn != waiting.turn)
		waiting = (struct waiting){ turn, now, now, now + WAIT_MAX_NS,
			granted };
	if (now < waiting.next || is_too_early(now, granted))
		return false;
	*how = HVT_TURN_ASLEEP;
	if (!hvt_holders_prune(now, hvt_faults_are_waiting, &spent))
		return true;
	*how = HVT_TURN_TAKEN;
	return spent >= cpu_max || now >= waiting.deadline;
}
