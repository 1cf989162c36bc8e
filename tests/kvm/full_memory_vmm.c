/* SPDX-License-Identifier: MIT */
/* The VMM: a thread for each vCPU, which writes, too, and changes the map. */
#include "full_memory.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance.h"

/*
 * X20 is the number; X19 the memory, X24 the size of its pages, X22 the lane. Not
 * so fast that others would not come between two stores; then an exit of one kind
 * or the other, as the number says.
 */
GUEST(guest_writer,
	"1: mov x3, x23\n"
	"2: eor x20, x20, x20, lsl #13\n eor x20, x20, x20, lsr #7\n"
	"eor x20, x20, x20, lsl #17\n"
	"ubfx x4, x20, #8, #6\n ubfx x5, x20, #20, #5\n"
	"madd x4, x4, x24, x19\n add x4, x4, x22\n str x20, [x4, x5, lsl #3]\n"
	"mov x6, #3000\n"
	"4: subs x6, x6, #1\n b.ne 4b\n"
	"subs x3, x3, #1\n b.ne 2b\n"
	"tbz x20, #3, 3f\n hvc #1\n b 1b\n"
	"3: str x20, [x25]\n b 1b");

static size_t page;
static uint8_t *memory;
static unsigned cpu_count;
static pthread_barrier_t ready;

static void set_up_cpu(const struct cpu *cpu, unsigned n)
{
	set_reg(cpu, HV_REG_X0 + 19, FULL_IPA);
	set_reg(cpu, HV_REG_X0 + 20, full_seed(n));
	set_reg(cpu, HV_REG_X0 + 22, GUEST_LANE(n));
	set_reg(cpu, HV_REG_X0 + 23, FULL_STORES);
	set_reg(cpu, HV_REG_X0 + 24, page);
	set_reg(cpu, HV_REG_X0 + 25, DEVICE);
}

static void store(unsigned n, uint64_t x)
{
	uint8_t *at = memory + full_page(x) * page + VMM_LANE(n) +
			8u * full_word(x);

	memcpy(at, &x, sizeof(x));
}

/*
 * Part of a slot becomes another one: as it was, or, where nobody else needs the
 * page, after it was away.
 */
static void change_map(uint64_t x)
{
	uint64_t ipa = FULL_IPA + full_page(x >> 7) * page;
	hv_memory_flags_t flags = HV_MEMORY_READ | HV_MEMORY_WRITE;

	if (x & 3)
		return;
	if (cpu_count == 1 && x & 4) {
		NEED(hv_vm_unmap(ipa, page));
		NEED(hv_vm_map(memory + (ipa - FULL_IPA), ipa, page, flags));
	} else {
		NEED(hv_vm_protect(ipa, page, x & 8 ? flags
						   : flags | HV_MEMORY_EXEC));
	}
}

static void *run_cpu(void *arg)
{
	unsigned n = *(unsigned *)arg;
	uint64_t x = full_seed(n + FULL_CPUS);
	struct cpu cpu = cpu_start();

	set_up_cpu(&cpu, n);
	pthread_barrier_wait(&ready);
	for (unsigned i = 0; i < FULL_ROUNDS; i++) {
		if (cpu_run(&cpu) != HV_EXIT_REASON_EXCEPTION)
			need(HV_ERROR, "an exit of its own");
		if (EC(cpu.exit->exception.syndrome) == EC_DATA_ABORT)
			set_reg(&cpu, HV_REG_PC, reg(&cpu, HV_REG_PC) + 4);
		x = full_next(x);
		store(n, x);
		change_map(x);
		not_lost();
	}
	cpu_end(&cpu);
	return NULL;
}

int vmm_of_writers(unsigned cpus)
{
	pthread_t threads[FULL_CPUS];
	unsigned numbers[FULL_CPUS];

	cpu_count = cpus;
	page = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, FULL_PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	pthread_barrier_init(&ready, NULL, cpus);
	VM_START(guest_writer);
	NEED(hv_vm_map(memory, FULL_IPA, FULL_PAGES * page,
			HV_MEMORY_READ | HV_MEMORY_WRITE));
	for (unsigned i = 0; i < cpus; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, run_cpu, &numbers[i]);
	}
	for (unsigned i = 0; i < cpus; i++)
		pthread_join(threads[i], NULL);
	vm_end();
	return verdict();
}
