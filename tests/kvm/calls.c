/* SPDX-License-Identifier: MIT */
/* HVC, SMC and BRK: syndromes, immediates, and where PC stands. */
#include "conformance.h"

GUEST(guest_hvc, "hvc #0\n hvc #1\n hvc #0x1234\n hvc #0xffff");
GUEST(guest_smc, "smc #0\n mov x5, #5\n hvc #0");
/* A BRK without trap goes to the guest's own vector, which tells. */
GUEST(guest_brk,
	"brk #0x42\n mov x5, #5\n hvc #0\n"
	".org guest_brk + 0x800 + 0x200\n hvc #0x99\n");

static void hvc(void)
{
	static const unsigned immediates[] = { 0, 1, 0x1234, 0xffff };
	struct cpu cpu;
	bool same = true, behind = true;

	VM_START(guest_hvc);
	cpu = cpu_start();
	for (unsigned i = 0; i < 4; i++) {
		cpu_run(&cpu);
		same &= cpu.exit->exception.syndrome ==
			((uint64_t)EC_HVC << 26 | 1u << 25 | immediates[i]);
		behind &= reg(&cpu, HV_REG_PC) == RAM + 4 * (i + 1);
	}
	claim(same, "hvc_tells_its_immediate");
	claim(behind, "hvc_leaves_pc_behind_it");
	cpu_end(&cpu);
	vm_end();
}

static void smc(void)
{
	struct cpu cpu;

	VM_START(guest_smc);
	cpu = cpu_start();
	cpu_run(&cpu);
	claim_equal(cpu.exit->exception.syndrome,
		(uint64_t)EC_SMC << 26 | 1u << 25, "smc_syndrome");
	claim_equal(reg(&cpu, HV_REG_PC), RAM, "smc_leaves_pc_at_it");
	set_reg(&cpu, HV_REG_PC, RAM + 4);
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X5), 5, "it_goes_on_behind_the_smc");
	cpu_end(&cpu);
	vm_end();
}

static void brk(void)
{
	struct cpu cpu;
	bool on = true;

	VM_START(guest_brk);
	cpu = cpu_start();
	NEED(hv_vcpu_get_trap_debug_exceptions(cpu.id, &on));
	claim(!on, "debug_exceptions_are_the_guests_at_first");
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_VBAR_EL1, RAM + 0x800));
	cpu_run(&cpu);
	claim_equal(cpu.exit->exception.syndrome & 0xffff, 0x99,
		"brk_goes_to_the_guest");
	claim_result(hv_vcpu_set_trap_debug_exceptions(cpu.id, true),
		HV_SUCCESS, "trap_debug_exceptions_is_set");
	set_reg(&cpu, HV_REG_PC, RAM);
	set_reg(&cpu, HV_REG_CPSR, 0x3c5);
	cpu_run(&cpu);
	claim_equal(EC(cpu.exit->exception.syndrome), EC_BRK,
		"brk_comes_to_the_vmm");
	claim_equal(cpu.exit->exception.syndrome & 0xffff, 0x42,
		"brk_tells_its_immediate");
	claim_equal(reg(&cpu, HV_REG_PC), RAM, "brk_leaves_pc_at_it");
	set_reg(&cpu, HV_REG_PC, RAM + 4);
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X5), 5, "it_goes_on_behind_the_brk");
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	hvc();
	smc();
	brk();
	return verdict();
}
