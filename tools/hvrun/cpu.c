/* SPDX-License-Identifier: MIT */
/* vCPU threads. See cpu.h for the rule that everything here obeys. */
#include "cpu.h"

#include <stdio.h>
#include <string.h>

#include "final_regs.h"
#include "guest_exit.h"
#include "hv_error.h"
#include "machine.h"
#include "options.h"

static bool succeeded(const char *call, hv_return_t ret)
{
	if (ret == HV_SUCCESS)
		return true;
	hv_error_report(call, ret);
	return false;
}

bool cpu_get_reg(struct cpu *cpu, hv_reg_t reg, uint64_t *value)
{
	return succeeded(
		"hv_vcpu_get_reg", hv_vcpu_get_reg(cpu->vcpu, reg, value));
}

bool cpu_set_reg(struct cpu *cpu, hv_reg_t reg, uint64_t value)
{
	return succeeded(
		"hv_vcpu_set_reg", hv_vcpu_set_reg(cpu->vcpu, reg, value));
}

bool cpu_get_sys_reg(struct cpu *cpu, hv_sys_reg_t reg, uint64_t *value)
{
	return succeeded("hv_vcpu_get_sys_reg",
		hv_vcpu_get_sys_reg(cpu->vcpu, reg, value));
}

bool cpu_set_sys_reg(struct cpu *cpu, hv_sys_reg_t reg, uint64_t value)
{
	return succeeded("hv_vcpu_set_sys_reg",
		hv_vcpu_set_sys_reg(cpu->vcpu, reg, value));
}

/*
 * MPIDR_EL1 is set at once: with a GIC it also selects the redistributor, and
 * that must be settled before any vCPU runs.
 */
static bool create(struct cpu *cpu)
{
	hv_vcpu_exit_t *exit_record = NULL;

	if (!succeeded("hv_vcpu_create",
		    hv_vcpu_create(&cpu->vcpu, &exit_record, NULL)))
		return false;
	cpu->exit = exit_record;
	cpu->is_created = true;
	return cpu_set_sys_reg(
		       cpu, HV_SYS_REG_MPIDR_EL1, cpu_mpidr(cpu->index)) &&
		cpu_get_sys_reg(cpu, HV_SYS_REG_SCTLR_EL1, &cpu->reset_sctlr);
}

/* SCTLR_EL1 matters when the vCPU was on before: it starts with the MMU off. */
static bool prepare(struct cpu *cpu, uint64_t entry, uint64_t context)
{
	return cpu_set_sys_reg(cpu, HV_SYS_REG_SCTLR_EL1, cpu->reset_sctlr) &&
		cpu_set_reg(cpu, HV_REG_X0, context) &&
		cpu_set_reg(cpu, HV_REG_PC, entry) &&
		cpu_set_reg(cpu, HV_REG_CPSR, BOOT_CPSR);
}

static enum guest_outcome run(struct cpu *cpu)
{
	enum guest_outcome outcome;

	do {
		if (!succeeded("hv_vcpu_run", hv_vcpu_run(cpu->vcpu))) {
			cpu->status = STATUS_TROUBLE;
			return GUEST_STOPPED;
		}
		outcome = guest_exit_handle(cpu);
	} while (outcome == GUEST_GOES_ON);
	return outcome;
}

static void run_while_on(struct cpu *cpu)
{
	struct power *power = &cpu->machine->power;
	uint64_t entry, context;

	while (power_wait_on(power, cpu->index, &entry, &context)) {
		if (!prepare(cpu, entry, context)) {
			cpu->status = STATUS_TROUBLE;
			break;
		}
		if (run(cpu) == GUEST_STOPPED)
			break;
	}
	if (cpu->status != STATUS_TOLD)
		machine_stop_others(cpu->machine, cpu);
}

static void *thread_main(void *arg)
{
	struct cpu *cpu = arg;
	struct machine *machine = cpu->machine;
	bool ok = create(cpu);

	machine_report_created(machine, ok);
	if (ok)
		run_while_on(cpu);
	power_wait_turn(&machine->power, cpu->index);
	machine_forbid_kicks(machine);
	if (ok && machine->options->final_regs)
		cpu->final_regs = final_regs_read(cpu);
	if (cpu->is_created)
		succeeded("hv_vcpu_destroy", hv_vcpu_destroy(cpu->vcpu));
	power_next_turn(&machine->power);
	return NULL;
}

int cpu_start(struct cpu *cpu, struct machine *machine, unsigned int index)
{
	int err;

	memset(cpu, 0, sizeof(*cpu));
	cpu->machine = machine;
	cpu->index = index;
	cpu->status = STATUS_TOLD;
	err = pthread_create(&cpu->thread, NULL, thread_main, cpu);
	if (!err)
		return 0;
	fprintf(stderr, "hvrun: thread for vCPU %u: %s\n", index,
		strerror(err));
	return -err;
}
