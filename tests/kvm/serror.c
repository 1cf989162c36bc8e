/* SPDX-License-Identifier: MIT */
/* Virtual SErrors: taken once, when the guest lets them, and taken back. */
#include "conformance.h"

/* Vectors at 0x800: SError of EL1h at 0x980, each tells its number. */
GUEST(guest_serror,
	"1: mov x9, #1\n hvc #1\n add x9, x9, #1\n msr daifclr, #4\n isb\n"
	"hvc #2\n b 1b\n"
	".org guest_serror + 0x800 + 0x380\n hvc #3\n eret\n");

static struct cpu start(uint64_t cpsr)
{
	struct cpu cpu;

	VM_START(guest_serror);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_CPSR, cpsr);
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_VBAR_EL1, RAM + 0x800));
	return cpu;
}

static bool pending(const struct cpu *cpu)
{
	bool is = false;

	NEED(hv_vcpu_get_serror(cpu->id, &is));
	return is;
}

static uint64_t call(struct cpu *cpu)
{
	cpu_run(cpu);
	return cpu->exit->exception.syndrome & 0xffff;
}

static uint64_t esr(const struct cpu *cpu)
{
	uint64_t value = 0;

	NEED(hv_vcpu_get_sys_reg(cpu->id, HV_SYS_REG_ESR_EL1, &value));
	return value;
}

static void unmasked(void)
{
	struct cpu cpu = start(0x2c5);

	claim(!pending(&cpu), "no_serror_at_first");
	NEED(hv_vcpu_set_serror(cpu.id, true));
	claim(pending(&cpu), "serror_is_pending_once_set");
	claim_equal(call(&cpu), 3, "the_guest_takes_it_at_once");
	claim_equal(esr(&cpu) >> 26, 0x2f, "as_an_serror");
	claim(!pending(&cpu), "it_is_not_pending_any_more");
	claim_equal(call(&cpu), 1, "the_guest_goes_on");
	claim_equal(call(&cpu), 2, "and_it_is_not_taken_again");
	cpu_end(&cpu);
	vm_end();
}

/* A load, whose end may be left to KVM, in one run with the SError. */
GUEST(guest_load,
	"ldr w2, [x1]\n hvc #1\n"
	".org guest_load + 0x800 + 0x380\n hvc #3\n eret\n");

static void behind_an_access(void)
{
	struct cpu cpu;

	VM_START(guest_load);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_CPSR, 0x2c5);
	set_reg(&cpu, HV_REG_X1, DEVICE);
	set_sys(&cpu, HV_SYS_REG_VBAR_EL1, RAM + 0x800);
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_DATA_ABORT,
		"the_guest_loads_from_a_device");
	set_reg(&cpu, HV_REG_X2, 0x41);
	set_reg(&cpu, HV_REG_PC, RAM + 4);
	NEED(hv_vcpu_set_serror(cpu.id, true));
	claim_equal(call(&cpu), 3, "and_takes_an_serror_next");
	claim_equal(get_sys(&cpu, HV_SYS_REG_ELR_EL1), RAM + 4,
		"which_comes_behind_the_load");
	claim_equal(reg(&cpu, HV_REG_X2), 0x41, "whose_value_is_there");
	claim_equal(call(&cpu), 1, "and_which_is_not_repeated");
	cpu_end(&cpu);
	vm_end();
}

static void masked(void)
{
	struct cpu cpu = start(0x3c5);

	NEED(hv_vcpu_set_serror(cpu.id, true));
	NEED(hv_vcpu_set_serror(cpu.id, true));
	claim_equal(call(&cpu), 1, "a_masked_serror_waits");
	claim(pending(&cpu), "and_is_pending_still");
	claim_equal(call(&cpu), 3, "unmasked_it_is_taken");
	claim(!pending(&cpu), "once");
	claim_equal(call(&cpu), 2, "twice_set_is_once_taken");
	cpu_end(&cpu);
	vm_end();
}

/* Registers of all kinds outlive that KVM is made to forget it. */
static void taken_back(void)
{
	hv_simd_fp_uchar16_t q = { 1, 2, 3 }, got;
	struct cpu cpu = start(0x3c5);
	uint64_t value = 0;

	NEED(hv_vcpu_set_serror(cpu.id, true));
	NEED(hv_vcpu_set_serror(cpu.id, false));
	claim(!pending(&cpu), "taken_back_before_the_run");
	NEED(hv_vcpu_set_simd_fp_reg(cpu.id, HV_SIMD_FP_REG_Q9, q));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_CNTV_CVAL_EL0, 0x123456));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MPIDR_EL1, 0x80000307));
	NEED(hv_vcpu_set_serror(cpu.id, true));
	claim_equal(call(&cpu), 1, "pending_in_the_run");
	NEED(hv_vcpu_set_serror(cpu.id, false));
	claim(!pending(&cpu), "taken_back_behind_the_run");
	claim_equal(reg(&cpu, HV_REG_X9), 1, "general_registers_stay");
	NEED(hv_vcpu_get_simd_fp_reg(cpu.id, HV_SIMD_FP_REG_Q9, &got));
	claim(got[0] == 1 && got[2] == 3, "vector_registers_stay");
	NEED(hv_vcpu_get_sys_reg(cpu.id, HV_SYS_REG_CNTV_CVAL_EL0, &value));
	claim_equal(value, 0x123456, "the_timer_stays");
	NEED(hv_vcpu_get_sys_reg(cpu.id, HV_SYS_REG_VBAR_EL1, &value));
	claim_equal(value, RAM + 0x800, "system_registers_stay");
	NEED(hv_vcpu_get_sys_reg(cpu.id, HV_SYS_REG_MPIDR_EL1, &value));
	claim_equal(value, 0x80000307, "mpidr_stays");
	claim_equal(call(&cpu), 2, "the_guest_takes_none");
	claim_equal(reg(&cpu, HV_REG_X9), 2, "and_has_gone_on");
	cpu_end(&cpu);
	vm_end();
}

static void arguments(void)
{
	struct cpu cpu = start(0x3c5);
	bool is;

	claim_result(hv_vcpu_get_serror(cpu.id, NULL), HV_BAD_ARGUMENT,
		"get_serror_into_nothing");
	claim_result(hv_vcpu_get_serror(cpu.id + 1, &is), HV_BAD_ARGUMENT,
		"get_serror_of_no_vcpu");
	claim_result(hv_vcpu_set_serror(cpu.id + 1, true), HV_BAD_ARGUMENT,
		"set_serror_of_no_vcpu");
	/* Left pending by one vCPU the next has none. */
	NEED(hv_vcpu_set_serror(cpu.id, true));
	cpu_run(&cpu);
	cpu_end(&cpu);
	cpu = cpu_start();
	claim(!pending(&cpu), "a_new_vcpu_has_no_serror");
	cpu_end(&cpu);
	vm_end();
	claim_result(hv_vcpu_get_serror(0, &is), HV_NO_DEVICE,
		"get_serror_without_vm");
	claim_result(hv_vcpu_set_serror(0, true), HV_NO_DEVICE,
		"set_serror_without_vm");
}

int main(void)
{
	unmasked();
	behind_an_access();
	masked();
	taken_back();
	arguments();
	return verdict();
}
