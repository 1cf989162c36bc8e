/* SPDX-License-Identifier: MIT */
/*
 * Exit handling. An HVC leaves PC behind the instruction; every other trapped
 * instruction leaves PC on it and is stepped over here once it is done.
 */
#include "guest_exit.h"

#include <inttypes.h>
#include <stdio.h>

#include "cpu.h"
#include "final_regs.h"
#include "machine.h"
#include "options.h"
#include "psci.h"
#include "syndrome.h"

static enum guest_outcome stop(struct cpu *cpu, int status)
{
	cpu->status = status;
	return GUEST_STOPPED;
}

static enum guest_outcome stop_on_error(struct cpu *cpu)
{
	return stop(cpu, STATUS_TROUBLE);
}

/* The guest did something hvrun cannot do: say what, and where it was. */
static enum guest_outcome give_up(struct cpu *cpu, const char *what)
{
	const hv_vcpu_exit_exception_t *exception = &cpu->exit->exception;

	fprintf(stderr, "hvrun: vCPU %u stopped: %s\n", cpu->index, what);
	if (cpu->exit->reason == HV_EXIT_REASON_EXCEPTION)
		fprintf(stderr,
			"hvrun: %s: syndrome 0x%" PRIx64
			", virtual address 0x%" PRIx64
			", guest-physical address 0x%" PRIx64 "\n",
			syndrome_class_name(exception->syndrome),
			exception->syndrome, exception->virtual_address,
			exception->physical_address);
	final_regs_dump(cpu, stderr);
	return stop(cpu, STATUS_TROUBLE);
}

static enum guest_outcome skip_instruction(struct cpu *cpu)
{
	uint64_t pc;

	if (!cpu_get_reg(cpu, HV_REG_PC, &pc) ||
		!cpu_set_reg(cpu, HV_REG_PC, pc + 4))
		return stop_on_error(cpu);
	return GUEST_GOES_ON;
}

/* Register number 31 is XZR here; as an hv_reg_t it would be the PC. */
static bool read_rt(struct cpu *cpu, unsigned int rt, uint64_t *value)
{
	*value = 0;
	return rt == SYNDROME_RT_ZERO ||
		cpu_get_reg(cpu, (hv_reg_t)(HV_REG_X0 + rt), value);
}

static bool write_rt(struct cpu *cpu, unsigned int rt, uint64_t value)
{
	return rt == SYNDROME_RT_ZERO ||
		cpu_set_reg(cpu, (hv_reg_t)(HV_REG_X0 + rt), value);
}

static bool access_device(struct cpu *cpu, const struct data_abort *abort)
{
	struct devices *devices = &cpu->machine->devices;
	uint64_t addr = cpu->exit->exception.physical_address;
	uint64_t value;

	if (abort->is_write)
		return read_rt(cpu, abort->rt, &value) &&
			devices_write(devices, addr, abort->size, value);
	return devices_read(devices, addr, abort->size, &value) &&
		write_rt(cpu, abort->rt, syndrome_load_result(abort, value));
}

static enum guest_outcome handle_data_abort(struct cpu *cpu, uint64_t esr)
{
	struct data_abort abort;

	switch (syndrome_data_abort(esr, &abort)) {
	case ABORT_ACCESS:
		if (!access_device(cpu, &abort))
			return stop_on_error(cpu);
		return skip_instruction(cpu);
	case ABORT_CACHE_OP:
		return skip_instruction(cpu); /* nothing is cached here */
	case ABORT_TABLE_WALK:
		return give_up(cpu, "its page tables are not in RAM");
	default:
		return give_up(cpu,
			"it accessed a device with an instruction "
			"that the hardware does not describe");
	}
}

static enum guest_outcome do_psci(
	struct cpu *cpu, const struct psci_result *result)
{
	switch (result->action) {
	case PSCI_RETURN:
		if (!cpu_set_reg(cpu, HV_REG_X0, result->value))
			return stop_on_error(cpu);
		return GUEST_GOES_ON;
	case PSCI_CPU_OFF:
		return GUEST_CPU_OFF;
	case PSCI_SYSTEM_OFF:
		return stop(cpu, STATUS_OFF);
	case PSCI_SYSTEM_RESET:
		return stop(cpu, STATUS_RESET);
	default:
		return give_up(cpu, "it was the last vCPU that was on");
	}
}

/* `is_smc`: PC is still on the instruction. */
static enum guest_outcome handle_call(struct cpu *cpu, bool is_smc)
{
	struct psci_call call = { .caller = cpu->index };
	struct psci_result result;
	unsigned int i;

	if (is_smc && skip_instruction(cpu) != GUEST_GOES_ON)
		return GUEST_STOPPED;
	for (i = 0; i < 4; i++) {
		if (!cpu_get_reg(cpu, (hv_reg_t)(HV_REG_X0 + i), &call.args[i]))
			return stop_on_error(cpu);
	}
	result = psci_handle(&cpu->machine->power, &call);
	return do_psci(cpu, &result);
}

/*
 * Debug, performance monitor and LORegion registers trap on some hosts. They
 * read as zero here, which tells a guest that there are none.
 */
static bool reads_as_zero(const struct sysreg_access *access)
{
	bool is_pmu = access->op0 == 3 && access->crn == 9;
	bool is_pmu_event = access->op0 == 3 && access->op1 == 3 &&
		access->crn == 14 && access->crm >= 8;
	bool is_lor = access->op0 == 3 && access->op1 == 0 &&
		access->crn == 10 && access->crm == 4;

	return access->op0 == 2 || is_pmu || is_pmu_event || is_lor;
}

static enum guest_outcome handle_sysreg(struct cpu *cpu, uint64_t esr)
{
	struct sysreg_access access;
	char what[80];

	syndrome_sysreg(esr, &access);
	if (!reads_as_zero(&access)) {
		snprintf(what, sizeof(what),
			"it %s system register s%u_%u_c%u_c%u_%u",
			access.is_read ? "read" : "wrote", access.op0,
			access.op1, access.crn, access.crm, access.op2);
		return give_up(cpu, what);
	}
	if (access.is_read && !write_rt(cpu, access.rt, 0))
		return stop_on_error(cpu);
	return skip_instruction(cpu);
}

static enum guest_outcome handle_exception(struct cpu *cpu)
{
	uint64_t esr = cpu->exit->exception.syndrome;

	switch (syndrome_class(esr)) {
	case EC_DATA_ABORT:
		return handle_data_abort(cpu, esr);
	case EC_HVC64:
		return handle_call(cpu, false);
	case EC_SMC64:
		return handle_call(cpu, true);
	case EC_WFX:
		/*
		 * A hint. With a GIC the API waits by itself; where it does
		 * not, the guest's idle loop simply comes round again.
		 */
		return skip_instruction(cpu);
	case EC_SYSREG:
		return handle_sysreg(cpu, esr);
	default:
		return give_up(cpu, "hvrun does not handle this exception");
	}
}

/*
 * Only vCPU 0 is ever cancelled to go on, with one byte of input; for all
 * others it is the end.
 */
static enum guest_outcome handle_cancel(struct cpu *cpu)
{
	struct machine *machine = cpu->machine;
	uint8_t byte;

	if (cpu->index != 0 || !console_take(&machine->console, &byte))
		return stop(cpu, STATUS_TOLD);
	if (!devices_receive(&machine->devices, byte))
		return stop_on_error(cpu);
	return GUEST_GOES_ON;
}

enum guest_outcome guest_exit_handle(struct cpu *cpu)
{
	switch (cpu->exit->reason) {
	case HV_EXIT_REASON_CANCELED:
		return handle_cancel(cpu);
	case HV_EXIT_REASON_EXCEPTION:
		return handle_exception(cpu);
	case HV_EXIT_REASON_VTIMER_ACTIVATED:
		/*
		 * With a GIC the timer raises its own interrupt. Going on would
		 * leave it masked and the guest waiting for ever.
		 */
		return give_up(cpu, "its timer expired outside the GIC");
	default:
		return give_up(cpu, "for a reason the API does not know");
	}
}
