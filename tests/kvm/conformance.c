/* SPDX-License-Identifier: MIT */
#include "conformance.h"

#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* A guest that has not left for so long is lost. */
#define LOST_SECONDS 10

static bool failed;
static uint8_t *ram;
static atomic_uint entries, leaves, beats;
static atomic_bool is_lost;
static _Atomic hv_vcpu_t last;
static pthread_once_t watched = PTHREAD_ONCE_INIT;

void claim(bool holds, const char *name)
{
	printf("%s %s\n", holds ? "ok" : "not ok", name);
	fflush(stdout);
	failed |= !holds;
}

void claim_equal(uint64_t got, uint64_t wanted, const char *name)
{
	claim(got == wanted, name);
	if (got != wanted)
		printf("# 0x%" PRIx64 ", should be 0x%" PRIx64 "\n", got,
			wanted);
}

void claim_result(hv_return_t got, hv_return_t wanted, const char *name)
{
	claim_equal((uint32_t)got, (uint32_t)wanted, name);
}

int verdict(void)
{
	return failed;
}

void need(hv_return_t result, const char *call)
{
	if (result == HV_SUCCESS)
		return;
	printf("not ok %s\n# 0x%08" PRIx32 "\n", call, (uint32_t)result);
	exit(1);
}

/* Gets a lost guest out, so that cpu_run() can tell where it was. */
static void *watch(void *arg)
{
	unsigned before = 0, quiet = 0;
	hv_vcpu_t id;

	(void)arg;
	for (;;) {
		unsigned inside = atomic_load(&entries) - atomic_load(&leaves);
		unsigned now = atomic_load(&entries) + atomic_load(&beats);

		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
		quiet = now == before && inside ? quiet + 1 : 0;
		before = now;
		if (quiet < LOST_SECONDS)
			continue;
		atomic_store(&is_lost, true);
		id = atomic_load(&last);
		(void)hv_vcpus_exit(&id, 1);
	}
	return NULL;
}

void not_lost(void)
{
	atomic_fetch_add(&beats, 1);
}

static void start_watch(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, watch, NULL);
	pthread_detach(thread);
}

static void tell_where(hv_vcpu_t id)
{
	static const struct {
		hv_sys_reg_t reg;
		const char *name;
	} regs[] = {
		{ HV_SYS_REG_ESR_EL1, "esr_el1" },
		{ HV_SYS_REG_ELR_EL1, "elr_el1" },
		{ HV_SYS_REG_FAR_EL1, "far_el1" },
	};
	uint64_t value = 0;

	(void)hv_vcpu_get_reg(id, HV_REG_PC, &value);
	printf("not ok guest_leaves_in_time\n# pc 0x%" PRIx64, value);
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		(void)hv_vcpu_get_sys_reg(id, regs[i].reg, &value);
		printf(" %s 0x%" PRIx64, regs[i].name, value);
	}
	printf("\n");
	exit(1);
}

uint8_t *vm_start_as(hv_vm_config_t config, const uint8_t *code, size_t size)
{
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_once(&watched, start_watch);
	if (ram == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	if (size)
		memcpy(ram, code, size);
	NEED(hv_vm_create(config));
	NEED(hv_vm_map(ram, RAM, RAM_SIZE,
		HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC));
	return ram;
}

uint8_t *vm_start(const uint8_t *code, size_t size)
{
	return vm_start_as(NULL, code, size);
}

void vm_end(void)
{
	NEED(hv_vm_destroy());
	munmap(ram, RAM_SIZE);
}

struct cpu cpu_start(void)
{
	struct cpu cpu;

	NEED(hv_vcpu_create(&cpu.id, &cpu.exit, NULL));
	set_reg(&cpu, HV_REG_CPSR, 0x3c5);
	set_reg(&cpu, HV_REG_PC, RAM);
	return cpu;
}

void cpu_end(struct cpu *cpu)
{
	NEED(hv_vcpu_destroy(cpu->id));
}

hv_exit_reason_t cpu_run(struct cpu *cpu)
{
	atomic_store(&last, cpu->id);
	atomic_fetch_add(&entries, 1);
	NEED(hv_vcpu_run(cpu->id));
	atomic_fetch_add(&leaves, 1);
	if (atomic_load(&is_lost))
		tell_where(cpu->id);
	return cpu->exit->reason;
}

uint64_t reg(const struct cpu *cpu, hv_reg_t number)
{
	uint64_t value;

	NEED(hv_vcpu_get_reg(cpu->id, number, &value));
	return value;
}

void set_reg(const struct cpu *cpu, hv_reg_t number, uint64_t value)
{
	NEED(hv_vcpu_set_reg(cpu->id, number, value));
}

void set_sys(const struct cpu *cpu, hv_sys_reg_t reg, uint64_t value)
{
	NEED(hv_vcpu_set_sys_reg(cpu->id, reg, value));
}

uint64_t get_sys(const struct cpu *cpu, hv_sys_reg_t reg)
{
	uint64_t value = 0;

	NEED(hv_vcpu_get_sys_reg(cpu->id, reg, &value));
	return value;
}

unsigned count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
