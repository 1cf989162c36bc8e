/* SPDX-License-Identifier: MIT */
/* See fake_hv.h. One lock around everything: clarity before speed. */
#include "fake_hv.h"

#include <inttypes.h>
#include <mach/mach_time.h>
#include <os/object.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define MAIN_LOG FAKE_MAX_CPUS
#define LOG_SIZE 65536

struct fake_cpu {
	bool exists;
	bool cancelled;
	unsigned int requests; /* to exit, ever */
	unsigned int next;
	uint64_t regs[40];
	uint64_t expected_pc;
	hv_vcpu_exit_t exit;
};

struct fake_script fake_script = { .create_fails_at = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct fake_cpu cpus[FAKE_MAX_CPUS];
static unsigned int cpu_count, problems, spi_calls;
static uint64_t counter, ticks;
static bool vm_exists, gic_exists;
static char logs[FAKE_MAX_CPUS + 1][LOG_SIZE];
static size_t log_used[FAKE_MAX_CPUS + 1];
static _Thread_local int my_log = MAIN_LOG;

static void note(const char *format, ...)
{
	size_t *used = &log_used[my_log];
	va_list ap;

	va_start(ap, format);
	*used += (size_t)vsnprintf(
		logs[my_log] + *used, LOG_SIZE - *used, format, ap);
	va_end(ap);
	if (*used >= LOG_SIZE)
		*used = LOG_SIZE - 1;
}

static void problem(const char *what, uint64_t got, uint64_t want)
{
	fprintf(stderr, "fake_hv: %s: 0x%" PRIx64 ", not 0x%" PRIx64 "\n", what,
		got, want);
	problems++;
}

static hv_return_t refuse(const char *what)
{
	fprintf(stderr, "fake_hv: refused: %s\n", what);
	problems++;
	return HV_BAD_ARGUMENT;
}

void fake_print_log(FILE *out)
{
	int i;

	for (i = 0; i <= MAIN_LOG; i++)
		fprintf(out, "[%d]\n%s", i, logs[i]);
}

unsigned int fake_problems(void)
{
	return problems;
}

hv_return_t hv_vm_create(hv_vm_config_t config)
{
	(void)config;
	note("vm_create\n");
	vm_exists = fake_script.vm_create == HV_SUCCESS;
	return fake_script.vm_create;
}

hv_return_t hv_vm_destroy(void)
{
	unsigned int i;

	for (i = 0; i < cpu_count; i++) {
		if (cpus[i].exists)
			return refuse("hv_vm_destroy with vCPUs left");
	}
	note("vm_destroy\n");
	return vm_exists ? HV_SUCCESS : refuse("hv_vm_destroy without a VM");
}

hv_return_t hv_vm_map(
	void *addr, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
	if (!vm_exists || ((uintptr_t)addr | ipa | size) & 0xfff)
		return refuse("hv_vm_map");
	note("vm_map %" PRIx64 " %zx %x\n", (uint64_t)ipa, size,
		(unsigned int)flags);
	return HV_SUCCESS;
}

hv_gic_config_t hv_gic_config_create(void)
{
	static int object;

	return (hv_gic_config_t)(void *)&object;
}

hv_return_t hv_gic_config_set_distributor_base(
	hv_gic_config_t config, hv_ipa_t base)
{
	(void)config;
	note("distributor %" PRIx64 "\n", (uint64_t)base);
	return HV_SUCCESS;
}

hv_return_t hv_gic_config_set_redistributor_base(
	hv_gic_config_t config, hv_ipa_t base)
{
	(void)config;
	note("redistributor %" PRIx64 "\n", (uint64_t)base);
	return HV_SUCCESS;
}

hv_return_t hv_gic_create(hv_gic_config_t config)
{
	(void)config;
	if (!vm_exists || cpu_count)
		return refuse("hv_gic_create out of order");
	gic_exists = true;
	note("gic_create\n");
	return HV_SUCCESS;
}

void os_release(void *object)
{
	(void)object;
}

hv_return_t hv_gic_set_spi(uint32_t intid, bool level)
{
	bool fails;

	pthread_mutex_lock(&lock);
	fails = ++spi_calls >= fake_script.spi_fails_from &&
		fake_script.spi_fails_from;
	if (!fails)
		note("set_spi %u %d\n", intid, level);
	pthread_mutex_unlock(&lock);
	return fails ? HV_DENIED : HV_SUCCESS;
}

uint64_t mach_absolute_time(void)
{
	uint64_t now;

	pthread_mutex_lock(&lock);
	now = ticks += fake_script.ticks_per_call;
	pthread_mutex_unlock(&lock);
	return now;
}

kern_return_t mach_timebase_info(mach_timebase_info_t info)
{
	info->numer = 125;
	info->denom = 3;
	return 0;
}

hv_return_t hv_vcpu_create(
	hv_vcpu_t *vcpu, hv_vcpu_exit_t **exit, hv_vcpu_config_t config)
{
	struct fake_cpu *cpu = &cpus[cpu_count];

	(void)config;
	if (!gic_exists || my_log != MAIN_LOG)
		return refuse("hv_vcpu_create out of order");
	if ((int)cpu_count == fake_script.create_fails_at)
		return HV_NO_RESOURCES;
	my_log = (int)cpu_count;
	*vcpu = cpu_count++;
	*exit = &cpu->exit;
	cpu->exists = true;
	note("create\n");
	return HV_SUCCESS;
}

/* The calling thread's vCPU, or NULL with a problem noted. */
static struct fake_cpu *mine(hv_vcpu_t vcpu, const char *what)
{
	if ((int)vcpu == my_log && cpus[vcpu].exists)
		return &cpus[vcpu];
	refuse(what);
	return NULL;
}

hv_return_t hv_vcpu_destroy(hv_vcpu_t vcpu)
{
	struct fake_cpu *cpu = mine(vcpu, "hv_vcpu_destroy");
	unsigned int i;

	if (!cpu)
		return HV_BAD_ARGUMENT;
	for (i = 0; i < vcpu; i++) {
		if (cpus[i].exists)
			return refuse("hv_vcpu_destroy out of order");
	}
	cpu->exists = false;
	note("destroy\n");
	return HV_SUCCESS;
}

hv_return_t hv_vcpu_get_reg(hv_vcpu_t vcpu, hv_reg_t reg, uint64_t *value)
{
	struct fake_cpu *cpu = mine(vcpu, "hv_vcpu_get_reg");

	if (!cpu)
		return HV_BAD_ARGUMENT;
	*value = cpu->regs[reg];
	note("get_reg %u\n", reg);
	return HV_SUCCESS;
}

hv_return_t hv_vcpu_set_reg(hv_vcpu_t vcpu, hv_reg_t reg, uint64_t value)
{
	struct fake_cpu *cpu = mine(vcpu, "hv_vcpu_set_reg");

	if (!cpu)
		return HV_BAD_ARGUMENT;
	cpu->regs[reg] = value;
	/* A new start: there is no earlier exit to go on from. */
	if (reg == HV_REG_CPSR)
		cpu->expected_pc = cpu->regs[HV_REG_PC];
	note("set_reg %u %" PRIx64 "\n", reg, value);
	return HV_SUCCESS;
}

hv_return_t hv_vcpu_get_sys_reg(
	hv_vcpu_t vcpu, hv_sys_reg_t reg, uint64_t *value)
{
	if (!mine(vcpu, "hv_vcpu_get_sys_reg"))
		return HV_BAD_ARGUMENT;
	*value = reg;
	note("get_sys_reg %x\n", reg);
	return reg == HV_SYS_REG_PAR_EL1 ? HV_UNSUPPORTED : HV_SUCCESS;
}

hv_return_t hv_vcpu_set_sys_reg(
	hv_vcpu_t vcpu, hv_sys_reg_t reg, uint64_t value)
{
	if (!mine(vcpu, "hv_vcpu_set_sys_reg"))
		return HV_BAD_ARGUMENT;
	note("set_sys_reg %x %" PRIx64 "\n", reg, value);
	return HV_SUCCESS;
}

hv_return_t hv_vcpu_get_simd_fp_reg(
	hv_vcpu_t vcpu, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t *value)
{
	uint8_t bytes[16] = { (uint8_t)reg, [15] = 0xf0 };

	if (!mine(vcpu, "hv_vcpu_get_simd_fp_reg"))
		return HV_BAD_ARGUMENT;
	memcpy(value, bytes, sizeof(bytes));
	return HV_SUCCESS;
}

hv_return_t hv_vcpus_exit(hv_vcpu_t *vcpus, uint32_t count)
{
	uint32_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < count; i++) {
		if (vcpus[i] >= cpu_count || !cpus[vcpus[i]].exists)
			problem("hv_vcpus_exit of a dead vCPU", vcpus[i], 0);
		else
			cpus[vcpus[i]].cancelled = true;
		if (vcpus[i] < cpu_count)
			cpus[vcpus[i]].requests++;
	}
	note("vcpus_exit %u\n", count);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return HV_SUCCESS;
}

static uint64_t access_syndrome(
	const struct fake_step *step, unsigned int rt, bool write)
{
	return 0x24ull << 26 | 1 << 25 | 1 << 24 | step->c << 22 | rt << 16 |
		1 << 15 | (unsigned int)write << 6;
}

static void exception(struct fake_cpu *cpu, uint64_t syndrome, uint64_t ipa)
{
	cpu->exit.reason = HV_EXIT_REASON_EXCEPTION;
	cpu->exit.exception.syndrome = syndrome;
	cpu->exit.exception.physical_address = ipa;
}

static void call(
	struct fake_cpu *cpu, const struct fake_step *step, uint64_t ec)
{
	cpu->regs[0] = step->a;
	cpu->regs[1] = step->b;
	cpu->regs[2] = step->c;
	cpu->regs[3] = step->d;
	cpu->expected_pc += 4;
	if (ec == 0x16)
		cpu->regs[HV_REG_PC] += 4;
	exception(cpu, ec << 26 | 1 << 25, 0);
}

/* Performs one step; true when it leads to an exit. The lock is held. */
static bool perform(struct fake_cpu *cpu, const struct fake_step *step)
{
	switch (step->op) {
	case FAKE_STORE:
	case FAKE_STORE_ZERO:
		cpu->regs[1] = step->b;
		cpu->expected_pc += 4;
		exception(cpu,
			access_syndrome(
				step, step->op == FAKE_STORE ? 1 : 31, true),
			step->a);
		return true;
	case FAKE_LOAD:
		cpu->expected_pc += 4;
		exception(cpu, access_syndrome(step, 2, false), step->a);
		return true;
	case FAKE_HVC:
		call(cpu, step, 0x16);
		return true;
	case FAKE_SMC:
		call(cpu, step, 0x17);
		return true;
	case FAKE_EXCEPTION:
		cpu->expected_pc += 4;
		exception(cpu, step->a, 0);
		return true;
	case FAKE_REASON:
		cpu->exit.reason = (hv_exit_reason_t)step->a;
		return true;
	case FAKE_RESULT:
		if (cpu->regs[0] != step->a)
			problem("X0 after the call", cpu->regs[0], step->a);
		return false;
	case FAKE_POST:
		counter = step->a;
		pthread_cond_broadcast(&changed);
		return false;
	case FAKE_SIGNAL:
		kill(getpid(), (int)step->a);
		return false;
	case FAKE_PAUSE:
		pthread_mutex_unlock(&lock);
		usleep(50000);
		pthread_mutex_lock(&lock);
		return false;
	default:
		return false;
	}
}

static bool must_wait(const struct fake_cpu *cpu, const struct fake_step *step)
{
	if (step->op == FAKE_MERGE)
		return cpu->requests < step->a;
	if (cpu->cancelled)
		return false;
	return step->op == FAKE_STUCK ||
		(step->op == FAKE_KICKED && !cpus[step->a].requests) ||
		(step->op == FAKE_AWAIT && counter < step->a);
}

static hv_return_t run_script(
	struct fake_cpu *cpu, const struct fake_step *steps, unsigned int count)
{
	static const struct fake_step stuck = { .op = FAKE_STUCK };

	for (;;) {
		const struct fake_step *step =
			cpu->next < count ? &steps[cpu->next] : &stuck;

		while (must_wait(cpu, step))
			pthread_cond_wait(&changed, &lock);
		if (cpu->cancelled) {
			cpu->cancelled = false;
			if (step->op == FAKE_MERGE)
				cpu->next++;
			cpu->exit.reason = HV_EXIT_REASON_CANCELED;
			return HV_SUCCESS;
		}
		cpu->next++;
		if (step->op == FAKE_FAIL)
			return (hv_return_t)step->a;
		if (perform(cpu, step))
			return HV_SUCCESS;
	}
}

/* What the VMM should have done about the last exit. */
static void check_resumption(
	struct fake_cpu *cpu, const struct fake_step *steps)
{
	const struct fake_step *last = cpu->next ? &steps[cpu->next - 1] : NULL;

	if (cpu->regs[HV_REG_PC] != cpu->expected_pc)
		problem("PC at run", cpu->regs[HV_REG_PC], cpu->expected_pc);
	if (last && last->op == FAKE_LOAD && cpu->regs[2] != last->d)
		problem("loaded value", cpu->regs[2], last->d);
}

hv_return_t hv_vcpu_run(hv_vcpu_t vcpu)
{
	struct fake_cpu *cpu = mine(vcpu, "hv_vcpu_run");
	const struct fake_step *steps = fake_script.cpus[vcpu];
	hv_return_t ret;

	if (!cpu)
		return HV_BAD_ARGUMENT;
	pthread_mutex_lock(&lock);
	check_resumption(cpu, steps);
	ret = run_script(cpu, steps, fake_script.counts[vcpu]);
	note("run %u %" PRIx64 "\n", cpu->exit.reason,
		cpu->exit.reason == HV_EXIT_REASON_EXCEPTION
			? (uint64_t)cpu->exit.exception.syndrome
			: 0);
	pthread_mutex_unlock(&lock);
	return ret;
}
