/* SPDX-License-Identifier: MIT */
/* Mapping, unmapping and protecting memory, also while a vCPU runs in it. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* X1: an address; load, tell, store, tell. */
GUEST(guest_touch, "ldr x0, [x1]\n hvc #1\n str x0, [x1, #8]\n hvc #2");
/* Counts in the page at X1 until the VMM puts something into X2's page. */
GUEST(guest_count,
	"1: ldr x0, [x1]\n add x0, x0, #1\n str x0, [x1]\n"
	"ldr x3, [x2]\n cbz x3, 1b\n hvc #3");

static const hv_memory_flags_t rwx =
	HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC;
#define PAGE_AT (RAM + (1u << 20))

static void sees_what_is_mapped(size_t page)
{
	uint8_t *ram = VM_START(guest_touch);
	struct cpu cpu = cpu_start();
	uint64_t value = 0x1122334455667788;

	memcpy(ram + (1u << 20), &value, 8);
	set_reg(&cpu, HV_REG_X1, PAGE_AT);
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X0), value, "guest_reads_what_the_vmm_wrote");
	cpu_run(&cpu);
	memcpy(&value, ram + (1u << 20) + 8, 8);
	claim_equal(value, 0x1122334455667788, "vmm_reads_what_the_guest_wrote");

	/* A hole in the middle of the region. */
	claim_result(hv_vm_unmap(PAGE_AT, page), HV_SUCCESS, "unmap_of_a_part");
	set_reg(&cpu, HV_REG_PC, RAM);
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_DATA_ABORT,
		"unmapped_page_faults");
	claim_equal(cpu.exit->exception.physical_address, PAGE_AT,
		"fault_tells_the_ipa");
	claim_result(hv_vm_map(ram, PAGE_AT, page, rwx), HV_SUCCESS,
		"hole_takes_another_page");
	cpu_run(&cpu);
	memcpy(&value, ram, 8);
	claim_equal(reg(&cpu, HV_REG_X0), value,
		"the_load_is_repeated_and_sees_that_page");
	cpu_end(&cpu);
	vm_end();
}

static void keeps_to_the_flags(size_t page)
{
	uint8_t *ram = VM_START(guest_touch);
	struct cpu cpu = cpu_start();

	set_reg(&cpu, HV_REG_X1, PAGE_AT);
	claim_result(hv_vm_protect(PAGE_AT, page, HV_MEMORY_READ), HV_SUCCESS,
		"protect_of_a_part");
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_HVC,
		"read_only_page_can_be_read");
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_DATA_ABORT,
		"read_only_page_cannot_be_written");
	claim(cpu.exit->exception.syndrome >> 6 & 1, "fault_says_it_was_a_write");
	claim_equal(cpu.exit->exception.physical_address, PAGE_AT + 8,
		"write_fault_tells_the_ipa");
	NEED(hv_vm_protect(PAGE_AT, page, rwx));
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_HVC,
		"page_made_writable_again_is");
	NEED(hv_vm_protect(PAGE_AT, page, 0));
	set_reg(&cpu, HV_REG_PC, RAM);
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_DATA_ABORT,
		"page_without_flags_cannot_be_read");
	cpu_end(&cpu);
	vm_end();
	(void)ram;
}

static atomic_bool change_done;
static atomic_int changes_failed;
static uint8_t *shared;

/* Splits and joins the region under a vCPU that works beside the cut. */
static void *change(void *arg)
{
	size_t page = *(size_t *)arg;

	for (int i = 0; i < 200; i++) {
		not_lost();
		if (hv_vm_protect(RAM + (4u << 20), page, HV_MEMORY_READ) ||
			hv_vm_protect(RAM + (4u << 20), page, rwx) ||
			hv_vm_unmap(RAM + (5u << 20), page) ||
			hv_vm_map(shared + (5u << 20), RAM + (5u << 20), page,
				rwx))
			atomic_fetch_add(&changes_failed, 1);
	}
	atomic_store(&change_done, true);
	((volatile uint64_t *)(shared + (2u << 20)))[0] = 1;
	return NULL;
}

static void changes_under_a_running_vcpu(size_t page)
{
	struct cpu cpu;
	pthread_t thread;
	uint64_t counted;

	shared = VM_START(guest_count);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_X1, PAGE_AT);
	set_reg(&cpu, HV_REG_X2, RAM + (2u << 20));
	pthread_create(&thread, NULL, change, &page);
	cpu_run(&cpu);
	pthread_join(thread, NULL);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_HVC,
		"running_vcpu_never_misses_a_page");
	claim(atomic_load(&change_done), "it_ran_until_the_changes_were_done");
	claim_equal((uint64_t)atomic_load(&changes_failed), 0,
		"200_changes_under_a_running_vcpu");
	memcpy(&counted, shared + (1u << 20), 8);
	claim(counted > 0, "the_vcpu_went_on_meanwhile");
	cpu_end(&cpu);
	vm_end();
}

static void allocation(size_t page)
{
	void *p = NULL;

	VM_START(guest_touch);
	claim_result(hv_vm_allocate(&p, page + 1, HV_ALLOCATE_DEFAULT),
		HV_BAD_ARGUMENT, "allocate_of_part_of_a_page");
	claim_result(hv_vm_allocate(&p, 4 * page, HV_ALLOCATE_DEFAULT),
		HV_SUCCESS, "allocate");
	claim(p && !((uintptr_t)p % page), "allocated_memory_is_aligned");
	memset(p, 1, 4 * page);
	claim_result(hv_vm_deallocate(p, 4 * page), HV_SUCCESS, "deallocate");
	vm_end();
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	sees_what_is_mapped(page);
	keeps_to_the_flags(page);
	changes_under_a_running_vcpu(page);
	allocation(page);
	return verdict();
}
