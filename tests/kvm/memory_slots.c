/* SPDX-License-Identifier: MIT */
/*
 * How many regions a VM can have: as many as KVM has slots, less a few, also
 * after memory was protected page by page; then HV_NO_RESOURCES, and all that
 * was mapped is there.
 */
#include "conformance.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* Reads along the memory from X1 to X2 until X3's word is not zero. */
GUEST(guest_reader,
	"1: mov x4, x1\n"
	"2: ldr x0, [x4]\n add x4, x4, #4096\n cmp x4, x2\n b.lo 2b\n"
	"ldr x0, [x3, #8]\n add x0, x0, #1\n str x0, [x3, #8]\n"
	"ldr x0, [x3]\n cbz x0, 1b\n hvc #1\n"
	/* Load from X1. */
	".balign 256\n ldr x0, [x1]\n hvc #2");

#define LOAD_PC     (RAM + 256)
#define WORK        (RAM + (1u << 20))
#define FIRST       (RAM + (2u << 20))
#define SIZE        (1u << 20)
#define REGIONS     0x100000000ull
#define KVM_SLOTS   32767u /* KVM_MEM_SLOTS_NUM */
#define OTHERS_USE  64u    /* at most, of the library's own */

static const hv_memory_flags_t rwx =
	HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC;
static uint8_t *ram;
static size_t page;

static unsigned protect_all(hv_memory_flags_t flags)
{
	unsigned failures = 0;

	for (uint64_t at = FIRST; at < FIRST + SIZE; at += page) {
		failures += hv_vm_protect(at, page, flags) != HV_SUCCESS;
		not_lost();
	}
	return failures;
}

static void *protect_back_and_forth(void *arg)
{
	unsigned *failures = arg;

	*failures = protect_all(HV_MEMORY_READ | HV_MEMORY_EXEC);
	*failures += protect_all(rwx);
	*(volatile uint64_t *)(ram + (WORK - RAM)) = 1;
	return NULL;
}

static void page_by_page(struct cpu *cpu)
{
	unsigned failures = 0;
	pthread_t thread;

	set_reg(cpu, HV_REG_X1, FIRST);
	set_reg(cpu, HV_REG_X0 + 2, FIRST + SIZE);
	set_reg(cpu, HV_REG_X0 + 3, WORK);
	pthread_create(&thread, NULL, protect_back_and_forth, &failures);
	cpu_run(cpu);
	pthread_join(thread, NULL);
	claim_equal(cpu->exit->exception.syndrome & 0xfc00ffff, 0x58000001,
		"guest_reads_on_while_its_memory_is_protected_page_by_page");
	claim_equal(failures, 0, "every_page_is_protected_and_back");
	claim(*(uint64_t *)(ram + (WORK - RAM) + 8) > 0,
		"guest_gets_through_its_memory_meanwhile");
}

static uint64_t region(unsigned n)
{
	return REGIONS + 2ull * n * page;
}

static void until_slots_run_out(struct cpu *cpu)
{
	unsigned n = 0;

	*(uint64_t *)ram = 0x1234;
	while (n <= KVM_SLOTS &&
		hv_vm_map(ram, region(n), page, rwx) == HV_SUCCESS)
		n++;
	claim_result(hv_vm_map(ram, region(n), page, rwx), HV_NO_RESOURCES,
		"slots_run_out_as_no_resources");
	claim(n >= KVM_SLOTS - OTHERS_USE, "nearly_all_slots_can_be_had");
	if (n < KVM_SLOTS - OTHERS_USE)
		printf("# %u\n", n);
	claim_result(hv_vm_protect(FIRST + SIZE / 2, page, HV_MEMORY_READ),
		HV_NO_RESOURCES, "a_region_cannot_be_split_then");
	for (unsigned i = 0; i < n; i += n - 1) {
		set_reg(cpu, HV_REG_PC, LOAD_PC);
		set_reg(cpu, HV_REG_X1, region(i));
		cpu_run(cpu);
		claim_equal(reg(cpu, HV_REG_X0), 0x1234,
			"first_and_last_region_are_there");
	}
	claim_result(hv_vm_unmap(region(0), page), HV_SUCCESS,
		"a_region_can_be_unmapped_then");
	claim_result(hv_vm_map(ram, region(n), page, rwx), HV_SUCCESS,
		"and_another_takes_its_place");
}

int main(void)
{
	struct cpu cpu;

	page = (size_t)sysconf(_SC_PAGESIZE);
	ram = VM_START(guest_reader);
	cpu = cpu_start();
	page_by_page(&cpu);
	until_slots_run_out(&cpu);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}
