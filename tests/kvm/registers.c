/* SPDX-License-Identifier: MIT */
/* Registers: what the VMM sets the guest sees, and the other way round. */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

/* Adds 1 to all of X0..X30, and 1 to each half of V0..V31's low lane. */
GUEST(guest_add,
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,"
	"23,24,25,26,27,28,29,30\n add x\\n, x\\n, #1\n .endr\n"
	"hvc #0\n"
	"fneg v7.2d, v7.2d\n hvc #0\n"
	"mrs x0, tpidr_el1\n mrs x1, sp_el0\n mov x2, sp\n mrs x3, elr_el1\n"
	"mrs x4, spsr_el1\n mrs x5, vbar_el1\n mrs x6, mpidr_el1\n hvc #0\n"
	"mov x0, #0x77\n msr tpidr_el0, x0\n msr far_el1, x0\n hvc #0");

static void general(struct cpu *cpu)
{
	bool held = true, added = true;

	for (unsigned n = 0; n < 31; n++)
		set_reg(cpu, HV_REG_X0 + n, 0xabcdef0000000000 + n * 0x101);
	for (unsigned n = 0; n < 31; n++)
		held &= reg(cpu, HV_REG_X0 + n) ==
			0xabcdef0000000000 + n * 0x101;
	claim(held, "general_registers_hold_what_is_set");
	cpu_run(cpu);
	for (unsigned n = 0; n < 31; n++)
		added &= reg(cpu, HV_REG_X0 + n) ==
			0xabcdef0000000001 + n * 0x101;
	claim(added, "the_guest_sees_and_changes_them");
	claim_equal(reg(cpu, HV_REG_CPSR) & 0x3cf, 0x3c5, "cpsr_is_el1h_masked");
	set_reg(cpu, HV_REG_FPCR, 1u << 24);
	claim_equal(reg(cpu, HV_REG_FPCR), 1u << 24, "fpcr_holds_what_is_set");
}

/* Any value is read back; the run tells if there can be no such state. */
static void impossible_modes(struct cpu *cpu)
{
	/* EL2h, EL3h, AArch32 supervisor, and no mode at all. */
	static const uint64_t modes[] = { 0x3c9, 0x3cd, 0x1d3, 0x3c3 };
	uint64_t pc = reg(cpu, HV_REG_PC);

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		set_reg(cpu, HV_REG_CPSR, modes[i] | 0xfull << 28 | 1ull << 32);
		claim_equal(reg(cpu, HV_REG_CPSR), modes[i] | 0xfull << 28,
			"cpsr_is_read_back_as_32_bits");
		claim_result(hv_vcpu_run(cpu->id), HV_ILLEGAL_GUEST_STATE,
			"a_mode_that_cannot_be_is_told_by_the_run");
	}
	set_reg(cpu, HV_REG_CPSR, 0x3c5);
	claim_equal(reg(cpu, HV_REG_PC), pc, "and_nothing_was_executed");
}

static void simd(struct cpu *cpu)
{
	hv_simd_fp_uchar16_t value = { 0 }, got;
	bool held = true;

	for (unsigned n = 0; n < 32; n++) {
		for (unsigned i = 0; i < 16; i++)
			value[i] = (uint8_t)(n * 16 + i);
		NEED(hv_vcpu_set_simd_fp_reg(cpu->id, HV_SIMD_FP_REG_Q0 + n,
			value));
	}
	for (unsigned n = 0; n < 32; n++) {
		NEED(hv_vcpu_get_simd_fp_reg(cpu->id, HV_SIMD_FP_REG_Q0 + n,
			&got));
		for (unsigned i = 0; i < 16; i++)
			held &= got[i] == (uint8_t)(n * 16 + i);
	}
	claim(held, "vector_registers_hold_what_is_set");
	NEED(hv_vcpu_set_sys_reg(cpu->id, HV_SYS_REG_CPACR_EL1, 3u << 20));
	cpu_run(cpu);
	NEED(hv_vcpu_get_simd_fp_reg(cpu->id, HV_SIMD_FP_REG_Q7, &got));
	claim(got[7] == (7 * 16 + 7) + 0x80 && got[6] == 7 * 16 + 6 &&
			got[15] == ((7 * 16 + 15) ^ 0x80),
		"the_guest_sees_and_changes_a_vector");
}

static void check_sys(struct cpu *cpu, hv_sys_reg_t which, uint64_t value)
{
	uint64_t got = ~value;

	NEED(hv_vcpu_set_sys_reg(cpu->id, which, value));
	NEED(hv_vcpu_get_sys_reg(cpu->id, which, &got));
	if (got != value)
		printf("# register 0x%x\n", (unsigned)which);
	claim_equal(got, value, "system_register_holds_what_is_set");
}

static void system_registers(struct cpu *cpu)
{
	check_sys(cpu, HV_SYS_REG_TPIDR_EL1, 0x1111222233334444);
	check_sys(cpu, HV_SYS_REG_SP_EL0, 0x5555);
	check_sys(cpu, HV_SYS_REG_SP_EL1, 0x6660);
	check_sys(cpu, HV_SYS_REG_ELR_EL1, 0x7777000);
	check_sys(cpu, HV_SYS_REG_SPSR_EL1, 0x3c4);
	check_sys(cpu, HV_SYS_REG_VBAR_EL1, 0x8888800);
	check_sys(cpu, HV_SYS_REG_MPIDR_EL1, 0x80000103);
	cpu_run(cpu);
	claim_equal(reg(cpu, HV_REG_X0), 0x1111222233334444,
		"guest_sees_tpidr_el1");
	claim_equal(reg(cpu, HV_REG_X1), 0x5555, "guest_sees_sp_el0");
	claim_equal(reg(cpu, HV_REG_X2), 0x6660, "guest_sees_sp_el1");
	claim_equal(reg(cpu, HV_REG_X3), 0x7777000, "guest_sees_elr_el1");
	claim_equal(reg(cpu, HV_REG_X4), 0x3c4, "guest_sees_spsr_el1");
	claim_equal(reg(cpu, HV_REG_X5), 0x8888800, "guest_sees_vbar_el1");
	claim_equal(reg(cpu, HV_REG_X6), 0x80000103, "guest_sees_mpidr_el1");
	cpu_run(cpu);
	claim_equal(get_sys(cpu, HV_SYS_REG_TPIDR_EL0), 0x77,
		"vmm_sees_the_guests_tpidr_el0");
	claim_equal(get_sys(cpu, HV_SYS_REG_FAR_EL1), 0x77,
		"vmm_sees_the_guests_far_el1");
}

int main(void)
{
	struct cpu cpu;

	VM_START(guest_add);
	cpu = cpu_start();
	general(&cpu);
	impossible_modes(&cpu);
	simd(&cpu);
	system_registers(&cpu);
	cpu_end(&cpu);
	vm_end();
	return verdict();
}
