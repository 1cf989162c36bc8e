/* SPDX-License-Identifier: MIT */
/* hv_vcpus_exit: from any thread, at any time, never lost, never twice. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>

#define BEFORE   1000
#define MEANTIME 10000

GUEST(guest_spin, "b .");
GUEST(guest_call, "1: hvc #0\n b 1b");

static void before_the_run(void)
{
	struct cpu cpu;
	int got = 0;

	VM_START(guest_spin);
	cpu = cpu_start();
	for (int i = 0; i < BEFORE; i++) {
		NEED(hv_vcpus_exit(&cpu.id, 1));
		got += cpu_run(&cpu) == HV_EXIT_REASON_CANCELED;
	}
	claim_equal((uint64_t)got, BEFORE, "cancel_before_a_run_is_never_lost");
	claim_equal(reg(&cpu, HV_REG_PC), RAM, "registers_are_as_they_were");
	cpu_end(&cpu);
	vm_end();
}

static void not_counted(void)
{
	struct cpu cpu;

	VM_START(guest_call);
	cpu = cpu_start();
	NEED(hv_vcpus_exit(&cpu.id, 1));
	NEED(hv_vcpus_exit(&cpu.id, 1));
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_CANCELED,
		"two_cancels_end_one_run");
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_EXCEPTION,
		"and_only_one");
	cpu_end(&cpu);
	vm_end();
}

static atomic_int taken;
static hv_vcpu_t target;

/* The next one only once the last one was seen, so that each must count. */
static void *cancel(void *arg)
{
	(void)arg;
	for (int i = 0; i < MEANTIME; i++) {
		if (hv_vcpus_exit(&target, 1))
			return NULL;
		while (atomic_load(&taken) == i)
			;
	}
	return NULL;
}

static void meanwhile(void)
{
	struct cpu cpu;
	pthread_t thread;

	VM_START(guest_spin);
	cpu = cpu_start();
	target = cpu.id;
	pthread_create(&thread, NULL, cancel, NULL);
	while (atomic_load(&taken) < MEANTIME)
		if (cpu_run(&cpu) == HV_EXIT_REASON_CANCELED)
			atomic_fetch_add(&taken, 1);
	pthread_join(thread, NULL);
	claim(true, "10000_cancels_from_another_thread");
	cpu_end(&cpu);
	vm_end();
}

static void wrong_arguments(void)
{
	hv_vcpu_t none = 1000;

	VM_START(guest_spin);
	claim_result(hv_vcpus_exit(&none, 1), HV_BAD_ARGUMENT,
		"cancel_of_an_id_that_cannot_be");
	claim_result(hv_vcpus_exit(NULL, 1), HV_BAD_ARGUMENT,
		"cancel_without_a_list");
	claim_result(hv_vcpus_exit(NULL, 0), HV_SUCCESS, "cancel_of_none");
	vm_end();
}

int main(void)
{
	before_the_run();
	not_counted();
	meanwhile();
	wrong_arguments();
	return verdict();
}
