/* SPDX-License-Identifier: MIT */
/*
 * Several threads, and vCPUs. A vCPU is got out of its guest by a signal for
 * its thread, and immediate_exit for when that comes too early.
 */
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>

#include "mates.h"
#include "raw_paths.h"

static struct raw_vcpu other; /* KVM frees none: it is kept */
static pthread_t owner;

static void on_signal(int signal)
{
	(void)signal;
}

static void open_other(enum guest_loop loop)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	owner = pthread_self();
	if (!other.run)
		raw_vcpu_create(&other, 1);
	raw_vcpu_at(&other, loop);
}

static void run_other(void)
{
	(void)raw_run(&other);
	__atomic_store_n(&other.run->immediate_exit, 0, __ATOMIC_SEQ_CST);
}

static void close_other(void)
{
}

static void kick_other(void)
{
	__atomic_store_n(&other.run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(owner, SIGUSR1);
}

static struct mate mate = { open_other, run_other, close_other, kick_other,
	NULL };

static void begin_spin(void)
{
	mate.flags = raw_kvm_flags();
	kicks_begin(&mate, GUEST_SPIN);
}

static void begin_doze(void)
{
	mate.flags = raw_kvm_flags();
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
	raw_vcpu_at(&raw_vcpu, GUEST_CALL);
	turns_begin(&mate);
}

static void run_own(void)
{
	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
}

static uint64_t turns(void)
{
	return turns_sample(run_own);
}

/* What KVM allows and Apple's API does not: one thread runs both. */
static void begin_alone(void)
{
	raw_vcpu_at(&raw_vcpu, GUEST_CALL);
	raw_vcpu_at(&other, GUEST_CALL);
}

static uint64_t turns_alone(void)
{
	uint64_t start = path_now();

	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
	raw_run_to(&other, KVM_EXIT_HYPERCALL);
	return path_now() - start;
}

static uint64_t kick_self(void)
{
	uint64_t start = path_now();

	raw_vcpu.run->immediate_exit = 1;
	raw_run_to(&raw_vcpu, 0);
	raw_vcpu.run->immediate_exit = 0;
	return path_now() - start;
}

static const struct path paths[] = {
	{ "exit_self/bare", 0, NULL, kick_self, NULL },
	{ "exit_by_1/bare", 0, begin_spin, kick_once, kicks_end },
	{ "exit_by_4/bare", 0, begin_spin, kick_by_all, kicks_end },
	{ "exit_wfi/bare", 0, begin_doze, kick_once, kicks_end },
	{ "switch/bare", 2, begin_turns, turns, turns_end },
	{ "switch/one thread", 2, begin_alone, turns_alone, NULL },
};

const struct path_group raw_mates = PATH_GROUP(paths);
