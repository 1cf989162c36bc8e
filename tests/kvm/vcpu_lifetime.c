/* SPDX-License-Identifier: MIT */
/* vCPUs come and go: one thread each, any number of times. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>

#define MANY 64

GUEST(guest_id, "mov x0, #77\n hvc #9");

static void one_per_thread(struct cpu *cpu)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;
	uint64_t value;

	claim_result(hv_vcpu_create(&id, &exit, NULL), HV_BUSY,
		"a_second_vcpu_of_a_thread_is_busy");
	claim_result(hv_vcpu_run(cpu->id + 1), HV_BAD_ARGUMENT,
		"run_of_another_id");
	claim_result(hv_vcpu_get_reg(cpu->id, HV_REG_CPSR + 1, &value),
		HV_BAD_ARGUMENT, "no_such_register");
	claim_result(hv_vcpu_get_reg(cpu->id, HV_REG_X0, NULL),
		HV_BAD_ARGUMENT, "no_place_for_the_value");
}

static void *foreign(void *arg)
{
	struct cpu *cpu = arg;
	uint64_t value;

	claim(hv_vcpu_run(cpu->id) != HV_SUCCESS, "run_by_another_thread_fails");
	claim(hv_vcpu_get_reg(cpu->id, HV_REG_PC, &value) != HV_SUCCESS,
		"get_reg_by_another_thread_fails");
	claim(hv_vcpu_destroy(cpu->id) != HV_SUCCESS,
		"destroy_by_another_thread_fails");
	return NULL;
}

static void again_and_again(void)
{
	int good = 0, fresh = 0;

	for (int i = 0; i < 1000; i++) {
		struct cpu cpu = cpu_start();

		fresh += reg(&cpu, HV_REG_X0) == 0 && cpu.id == 0;
		cpu_run(&cpu);
		good += reg(&cpu, HV_REG_X0) == 77;
		cpu_end(&cpu);
	}
	claim_equal((uint64_t)good, 1000, "1000_vcpus_one_after_the_other_run");
	claim_equal((uint64_t)fresh, 1000, "each_of_them_starts_fresh");
}

static pthread_barrier_t all_there;
static atomic_int good;
static atomic_ullong seen;

static void *one_of_many(void *arg)
{
	struct cpu cpu = cpu_start();

	(void)arg;
	atomic_fetch_or(&seen, 1ull << cpu.id % 64);
	pthread_barrier_wait(&all_there);
	cpu_run(&cpu);
	if (reg(&cpu, HV_REG_X0) == 77)
		atomic_fetch_add(&good, 1);
	pthread_barrier_wait(&all_there);
	cpu_end(&cpu);
	return NULL;
}

static void many_at_once(void)
{
	pthread_t threads[MANY];
	hv_vcpu_exit_t *exit;
	uint32_t max = 0;
	hv_vcpu_t id;

	claim_result(hv_vm_get_max_vcpu_count(&max), HV_SUCCESS,
		"max_vcpu_count_is_told");
	claim(max >= MANY, "64_vcpus_are_allowed");
	pthread_barrier_init(&all_there, NULL, MANY + 1);
	for (int i = 0; i < MANY; i++)
		pthread_create(&threads[i], NULL, one_of_many, NULL);
	pthread_barrier_wait(&all_there);
	claim_result(hv_vcpu_create(&id, &exit, NULL), HV_NO_RESOURCES,
		"the_65th_is_refused");
	pthread_barrier_wait(&all_there);
	for (int i = 0; i < MANY; i++)
		pthread_join(threads[i], NULL);
	claim_equal((uint64_t)atomic_load(&good), MANY, "64_vcpus_at_once_run");
	claim_equal(atomic_load(&seen), ~0ull, "their_ids_are_distinct");
}

int main(void)
{
	struct cpu cpu;
	pthread_t thread;

	VM_START(guest_id);
	cpu = cpu_start();
	one_per_thread(&cpu);
	pthread_create(&thread, NULL, foreign, &cpu);
	pthread_join(thread, NULL);
	cpu_end(&cpu);
	claim_result(hv_vcpu_run(cpu.id), HV_BAD_ARGUMENT,
		"run_of_a_destroyed_vcpu");
	claim_result(hv_vcpus_exit(&cpu.id, 1), HV_SUCCESS,
		"cancel_of_a_destroyed_vcpu_does_no_harm");
	again_and_again();
	many_at_once();
	vm_end();
	return verdict();
}
