/* SPDX-License-Identifier: MIT */
/*
 * Memory that changes around running vCPUs. Each calls code in every other
 * page of a region while all of its pages are protected, and those between
 * unmapped and mapped again: none may ever see a fault, and all get on.
 */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "rng.h"

/* X19: its counter. X20: not zero when it is to stop. X21, X22: first page of
 * code, and how far the next is. X23: how many. */
GUEST(guest_caller,
	"1: mov x24, x21\n mov x25, x23\n"
	"2: blr x24\n add x24, x24, x22\n subs x25, x25, #1\n b.ne 2b\n"
	"ldr x0, [x19]\n add x0, x0, #1\n str x0, [x19]\n"
	"ldr x0, [x20]\n cbz x0, 1b\n hvc #1\n"
	/* Whatever it takes an exception for. */
	".balign 0x800\n .rept 512\n hvc #2\n .endr\n");
GUEST(guest_callee, "ldr x0, [x19]\n ret");

#define VECTORS (RAM + 0x800)
#define CPUS    3u
#define PAGES   32u
#define STOP    (RAM + 0x10000)
#define COUNTER(n) (RAM + 0x20000 + 64 * (n))
#define CODE    (RAM + (4u << 20))
#define ROUNDS  12u
#define CHANGES 40u

static const hv_memory_flags_t rwx =
	HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC;
static uint8_t *ram;
static size_t page;
static unsigned ends[CPUS];
static pthread_barrier_t ready;

static volatile uint64_t *word(uint64_t ipa)
{
	return (volatile uint64_t *)(ram + (ipa - RAM));
}

/* Leaves in ends what came out: the immediate of the HVC, or else all ones. */
static void *call(void *arg)
{
	unsigned n = *(unsigned *)arg;
	struct cpu cpu = cpu_start();
	uint64_t esr;

	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_VBAR_EL1, VECTORS));
	set_reg(&cpu, HV_REG_X0 + 19, COUNTER(n));
	set_reg(&cpu, HV_REG_X0 + 20, STOP);
	set_reg(&cpu, HV_REG_X0 + 21, CODE);
	set_reg(&cpu, HV_REG_X0 + 22, 2 * page);
	set_reg(&cpu, HV_REG_X0 + 23, PAGES / 2);
	pthread_barrier_wait(&ready);
	cpu_run(&cpu);
	esr = cpu.exit->exception.syndrome;
	ends[n] = cpu.exit->reason == HV_EXIT_REASON_EXCEPTION &&
			EC(esr) == EC_HVC
		? esr & 0xffff
		: ~0u;
	cpu_end(&cpu);
	return NULL;
}

/* One change of the code's region, and back. */
static hv_return_t change(struct rng *r)
{
	uint64_t first = rng_below(r, PAGES), count = 1 + rng_below(r, 4);
	uint64_t at = CODE + first * page, odd = CODE + (first | 1) * page;
	hv_return_t result;

	count = count > PAGES - first ? PAGES - first : count;
	if (rng_bool(r)) {
		result = hv_vm_unmap(odd, page);
		return result ? result
			      : hv_vm_map(ram + (odd - RAM), odd, page, rwx);
	}
	result = hv_vm_protect(
		at, count * page, HV_MEMORY_READ | HV_MEMORY_EXEC);
	return result ? result : hv_vm_protect(at, count * page, rwx);
}

static uint64_t counted(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CPUS; i++)
		sum += *word(COUNTER(i));
	return sum;
}

/* How many rounds of changes failed, and in how many no vCPU got on. */
static void change_all(unsigned *failures, unsigned *standstills)
{
	struct rng r;

	rng_init(&r);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t before = counted();

		for (unsigned i = 0; i < CHANGES; i++)
			*failures += change(&r) != HV_SUCCESS;
		not_lost();
		*standstills += counted() == before;
	}
}

static void fill(void)
{
	for (unsigned i = 0; i < PAGES; i += 2)
		memcpy((void *)word(CODE + i * page), guest_callee,
			(size_t)(guest_callee_end - guest_callee));
}

int main(void)
{
	unsigned numbers[CPUS], failures = 0, standstills = 0;
	pthread_t threads[CPUS];

	page = (size_t)sysconf(_SC_PAGESIZE);
	ram = VM_START(guest_caller);
	fill();
	pthread_barrier_init(&ready, NULL, CPUS + 1);
	for (unsigned i = 0; i < CPUS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, call, &numbers[i]);
	}
	pthread_barrier_wait(&ready);
	change_all(&failures, &standstills);
	*word(STOP) = 1;
	for (unsigned i = 0; i < CPUS; i++) {
		pthread_join(threads[i], NULL);
		claim_equal(ends[i], 1, "running_vcpu_sees_no_fault");
		claim(*word(COUNTER(i)) > 0, "running_vcpu_gets_on");
	}
	claim_equal(failures, 0, "changes_around_running_vcpus_succeed");
	claim_equal(standstills, 0, "guest_has_its_turn_between_changes");
	vm_end();
	return verdict();
}
