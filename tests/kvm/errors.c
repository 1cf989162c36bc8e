/* SPDX-License-Identifier: MIT */
/*
 * Every function, called wrongly in every state that makes a difference: it
 * returns the code of its header, stores nothing, and leaves the guest as it
 * was. What the host refuses is in errors_host.c.
 */
#include "errors.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include <os/object.h>

#define FREE  (RAM + RAM_SIZE)
#define SPACE (1ull << 36) /* of a VM that was not configured */
#define FLAG  0x2000u	   /* in RAM: the guest runs */

static const hv_memory_flags_t rwx =
	HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC;
static size_t page;

GUEST(guest_sum, "add x0, x0, #1\n hvc #1\n b guest_sum");
/* Tells that it runs, and goes on until it is made to leave. */
GUEST(guest_spin, "str x1, [x1]\n 1: b 1b");

static void vcpus_exit_rows(void)
{
	static hv_vcpu_t ids[4097];

	ROW(hv_vcpus_exit(NULL, 1), HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpus_exit(ids, 4097), HV_BAD_ARGUMENT, "too_many");
	ids[1] = 64;
	ROW(hv_vcpus_exit(ids, 2), HV_BAD_ARGUMENT, "no_such_id");
	ids[1] = UINT64_MAX;
	ROW(hv_vcpus_exit(ids, 2), HV_BAD_ARGUMENT, "no_such_id");
	ids[1] = 63;
	ROW(hv_vcpus_exit(ids + 1, 1), HV_SUCCESS, "one_that_never_was");
	ROW(hv_vcpus_exit(NULL, 0), HV_SUCCESS, "none_at_all");
}

static void without_a_vm(const char *when)
{
	hv_gic_config_t other = hv_gic_config_create();
	hv_vcpu_t id = 0;
	static uint8_t memory[1];

	now(when);
	config_rows();
	sme_rows(id);
	ROW(hv_vm_create((hv_vm_config_t)(void *)other), HV_BAD_ARGUMENT,
		"object_of_another_kind");
	os_release(other);
	ROW(hv_vm_destroy(), HV_NO_DEVICE, "no_vm");
	ROW(hv_vm_map(memory, FREE, page, rwx), HV_NO_DEVICE, "no_vm");
	ROW(hv_vm_unmap(FREE, page), HV_NO_DEVICE, "no_vm");
	ROW(hv_vm_protect(FREE, page, rwx), HV_NO_DEVICE, "no_vm");
	ROW(hv_vcpu_create(&out.vcpu.id, &out.vcpu.exit, NULL), HV_NO_DEVICE,
		"no_vm");
	ROW(hv_vcpus_exit(&id, 1), HV_NO_DEVICE, "no_vm");
	owner_rows(id, HV_NO_DEVICE);
	no_gic_rows();
	no_gic_vcpu_rows(id, HV_NO_DEVICE);
}

static void map_rows(uint8_t *ram)
{
	void *gone = NULL;

	NEED(hv_vm_allocate(&gone, page, HV_ALLOCATE_DEFAULT));
	NEED(hv_vm_deallocate(gone, page));
	ROW(hv_vm_map(NULL, FREE, page, rwx), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_map(gone, FREE, page, rwx), HV_BAD_ARGUMENT,
		"memory_that_is_not_there");
	ROW(hv_vm_map(ram + 1, FREE, page, rwx), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_map(ram, FREE + 1, page, rwx), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_map(ram, FREE, page + 1, rwx), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_map(ram, FREE, 0, rwx), HV_BAD_ARGUMENT, "nothing");
	ROW(hv_vm_map(ram, FREE, page, 8), HV_BAD_ARGUMENT, "flags");
	ROW(hv_vm_map(ram, SPACE, page, rwx), HV_BAD_ARGUMENT, "beyond_the_end");
	ROW(hv_vm_map(ram, SPACE - page, 2 * page, rwx), HV_BAD_ARGUMENT,
		"over_the_end");
	ROW(hv_vm_map(ram, -page, 2 * page, rwx), HV_BAD_ARGUMENT, "wraps");
	ROW(hv_vm_map(ram, RAM, page, rwx), HV_BAD_ARGUMENT, "overlaps");
	ROW(hv_vm_map(ram, FREE - page, 2 * page, rwx), HV_BAD_ARGUMENT,
		"overlaps_in_part");
}

static void mapped_rows(void)
{
	ROW(hv_vm_unmap(RAM + 1, page), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_unmap(RAM, page + 1), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_unmap(RAM, 0), HV_BAD_ARGUMENT, "nothing");
	ROW(hv_vm_unmap(FREE, page), HV_BAD_ARGUMENT, "never_mapped");
	ROW(hv_vm_unmap(FREE - page, 2 * page), HV_BAD_ARGUMENT, "half_mapped");
	ROW(hv_vm_unmap(SPACE, page), HV_BAD_ARGUMENT, "beyond_the_end");
	ROW(hv_vm_unmap(RAM, -page), HV_BAD_ARGUMENT, "wraps");
	ROW(hv_vm_protect(RAM + 1, page, rwx), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_protect(RAM, page + 1, rwx), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_protect(RAM, 0, rwx), HV_BAD_ARGUMENT, "nothing");
	ROW(hv_vm_protect(RAM, page, 8), HV_BAD_ARGUMENT, "flags");
	ROW(hv_vm_protect(FREE, page, 0), HV_BAD_ARGUMENT, "never_mapped");
	ROW(hv_vm_protect(FREE - page, 2 * page, 0), HV_BAD_ARGUMENT,
		"half_mapped");
	ROW(hv_vm_protect(RAM, -page, 0), HV_BAD_ARGUMENT, "wraps");
}

static void create_rows(void)
{
	hv_gic_config_t other = hv_gic_config_create();

	ROW(hv_vcpu_create(NULL, &out.vcpu.exit, NULL), HV_BAD_ARGUMENT,
		"null_id");
	ROW(hv_vcpu_create(&out.vcpu.id, NULL, NULL), HV_BAD_ARGUMENT,
		"null_exit");
	ROW(hv_vcpu_create(&out.vcpu.id, &out.vcpu.exit,
		    (hv_vcpu_config_t)(void *)other), HV_BAD_ARGUMENT,
		"object_of_another_kind");
	os_release(other);
}

/* What is wrong of anyone, with a VM of which RAM is ram. */
static void vm_rows(uint8_t *ram)
{
	config_rows();
	vcpus_exit_rows();
	ROW(hv_vm_create(NULL), HV_BUSY, "a_second_one");
	map_rows(ram);
	mapped_rows();
	create_rows();
	no_gic_rows();
}

/* Each of them would have changed what the guest does next. */
static void expect_unharmed(struct cpu *cpu)
{
	set_reg(cpu, HV_REG_X0, 41);
	set_reg(cpu, HV_REG_PC, RAM);
	claim_equal(cpu_run(cpu), HV_EXIT_REASON_EXCEPTION,
		"the_vcpu_runs_as_if_nothing_had_been");
	claim_equal(EC(cpu->exit->exception.syndrome), EC_HVC,
		"to_where_it_should");
	claim_equal(reg(cpu, HV_REG_X0), 42, "with_what_it_had");
	claim_equal(get_sys(cpu, HV_SYS_REG_VBAR_EL1), 0,
		"its_registers_are_its_own");
}

static void *of_another_thread(void *arg)
{
	const struct cpu *cpu = arg;

	now("another_thread");
	owner_rows(cpu->id, HV_BAD_ARGUMENT);
	no_gic_vcpu_rows(cpu->id, HV_BAD_ARGUMENT);
	sme_rows(cpu->id);
	return NULL;
}

static void with_a_vcpu(uint8_t *ram)
{
	struct cpu cpu = cpu_start();
	pthread_t thread;

	now("vm_with_a_vcpu");
	vm_rows(ram);
	ROW(hv_vm_destroy(), HV_BUSY, "a_vcpu_exists");
	ROW(hv_vcpu_create(&out.vcpu.id, &out.vcpu.exit, NULL), HV_BUSY,
		"a_second_one");
	selector_rows(cpu.id);
	null_rows(cpu.id);
	sme_rows(cpu.id);
	ROW(hv_vcpu_get_wait_for_interrupt_time(cpu.id, &out.u64),
		HV_UNSUPPORTED, "no_gic");
	no_gic_vcpu_rows(cpu.id, HV_NO_DEVICE);
	owner_rows(cpu.id + 1, HV_BAD_ARGUMENT);
	owner_rows(UINT64_MAX, HV_BAD_ARGUMENT);
	expect_unharmed(&cpu);
	pthread_create(&thread, NULL, of_another_thread, &cpu);
	pthread_join(thread, NULL);
	expect_unharmed(&cpu);
	set_reg(&cpu, HV_REG_CPSR, 0x3cd);
	now("vm_with_a_vcpu");
	ROW(hv_vcpu_run(cpu.id), HV_ILLEGAL_GUEST_STATE, "mode_of_el3");
	set_reg(&cpu, HV_REG_CPSR, 0x3c5);
	expect_unharmed(&cpu);
	cpu_end(&cpu);
	now("destroyed_vcpu");
	owner_rows(cpu.id, HV_BAD_ARGUMENT);
}

static hv_vcpu_t interrupted;
static _Atomic hv_return_t run_inside, destroy_inside;

/* In the middle of hv_vcpu_run. */
static void call_inside(int signal)
{
	(void)signal;
	atomic_store(&run_inside, hv_vcpu_run(interrupted));
	atomic_store(&destroy_inside, hv_vcpu_destroy(interrupted));
	(void)hv_vcpus_exit(&interrupted, 1);
}

struct target {
	pthread_t thread;
	volatile uint64_t *runs;
};

static void *interrupt_once(void *arg)
{
	const struct target *target = arg;

	while (!*target->runs)
		usleep(1000);
	pthread_kill(target->thread, SIGUSR1);
	return NULL;
}

static void inside_a_run(void)
{
	const struct sigaction action = { .sa_handler = call_inside };
	uint8_t *ram = VM_START(guest_spin);
	struct cpu cpu = cpu_start();
	struct target target = { pthread_self(),
		(volatile uint64_t *)(void *)(ram + FLAG) };
	pthread_t thread;

	now("inside_hv_vcpu_run");
	sigaction(SIGUSR1, &action, NULL);
	interrupted = cpu.id;
	set_reg(&cpu, HV_REG_X1, RAM + FLAG);
	pthread_create(&thread, NULL, interrupt_once, &target);
	claim_equal(cpu_run(&cpu), HV_EXIT_REASON_CANCELED,
		"the_run_goes_on_until_it_is_cancelled");
	pthread_join(thread, NULL);
	ROW_OF(hv_vcpu_run, atomic_load(&run_inside), HV_BUSY, "again");
	ROW_OF(hv_vcpu_destroy, atomic_load(&destroy_inside), HV_BUSY,
		"while_it_runs");
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	uint8_t *ram;

	page = (size_t)sysconf(_SC_PAGESIZE);
	without_a_vm("without_a_vm");
	ram = VM_START(guest_sum);
	now("vm_without_vcpus");
	vm_rows(ram);
	owner_rows(0, HV_BAD_ARGUMENT);
	no_gic_vcpu_rows(0, HV_BAD_ARGUMENT);
	with_a_vcpu(ram);
	vm_end();
	without_a_vm("after_a_vm");
	inside_a_run();
	gic_errors();
	return verdict();
}
