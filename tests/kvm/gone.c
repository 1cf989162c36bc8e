/* SPDX-License-Identifier: MIT */
/*
 * Memory that the VMM takes away without hv_vm_unmap, while a guest runs in it
 * and the library reads the guest's instructions there: the run fails or tells
 * less, and the process goes on.
 */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CODE  0x50000000ull
#define TIMES 300

/* Of the page in between, when it has no code yet, the vectors tell. */
GUEST(guest_load,
	"1: ldr x0, [x1]\n b 1b\n"
	".org guest_load + 0x800\n .rept 16\n hvc #1\n .balign 128\n .endr\n");

static size_t page;
static int file;
static uint8_t *memory;
static atomic_bool done;

static void put_code(void)
{
	if (ftruncate(file, (off_t)page) ||
		pwrite(file, guest_load,
			(size_t)(guest_load_end - guest_load), 0) < 0)
		need(HV_ERROR, "pwrite");
}

static void put_memory(void)
{
	if (mmap(memory, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		file, 0) != memory)
		need(HV_ERROR, "mmap");
}

static void *unmap_and_map(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++) {
		munmap(memory, page);
		usleep(50);
		put_memory();
		usleep(500);
	}
	atomic_store(&done, true);
	return NULL;
}

static void *cut_and_restore(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++) {
		if (ftruncate(file, 0))
			break;
		usleep(50);
		put_code();
		usleep(500);
	}
	atomic_store(&done, true);
	return NULL;
}

static void start(struct cpu *cpu)
{
	VM_START(guest_load);
	file = memfd_create("code", MFD_CLOEXEC);
	put_code();
	memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	NEED(hv_vm_map(memory, CODE, page, HV_MEMORY_READ | HV_MEMORY_EXEC));
	*cpu = cpu_start();
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_VBAR_EL1, RAM + 0x800));
	set_reg(cpu, HV_REG_X1, DEVICE);
}

static void end(struct cpu *cpu)
{
	cpu_end(cpu);
	vm_end();
	munmap(memory, page);
	close(file);
}

/* One load; true if the exit tells all about it. */
static bool one(struct cpu *cpu, unsigned *failed)
{
	set_reg(cpu, HV_REG_PC, CODE);
	if (hv_vcpu_run(cpu->id)) {
		++*failed;
		return false;
	}
	return EC(cpu->exit->exception.syndrome) == EC_DATA_ABORT &&
		cpu->exit->exception.syndrome >> 24 & 1;
}

static void under(void *(*what)(void *), const char *survives,
	const char *goes_on)
{
	unsigned told = 0, untold = 0, failed = 0;
	struct cpu cpu;
	pthread_t thread;

	start(&cpu);
	atomic_store(&done, false);
	pthread_create(&thread, NULL, what, NULL);
	while (!atomic_load(&done))
		*(one(&cpu, &failed) ? &told : &untold) += 1;
	pthread_join(thread, NULL);
	printf("# %u told in full, %u not, %u of those runs failed\n", told,
		untold, failed);
	claim(told, survives);
	claim(one(&cpu, &failed), goes_on);
	end(&cpu);
}

int main(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	under(unmap_and_map, "the_process_survives_unmapped_code",
		"and_runs_code_that_is_back");
	under(cut_and_restore, "the_process_survives_a_file_cut_short",
		"and_runs_code_that_is_written_again");
	return verdict();
}
