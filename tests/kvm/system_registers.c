/* SPDX-License-Identifier: MIT */
/*
 * Each system register that the API names: it takes a value and gives it back,
 * before and behind a run, or says that there is none. ID registers and what
 * the guest sees of the others are in identity.c and registers.c.
 */
#include "conformance.h"

#include <stdio.h>

GUEST(guest_nothing, "hvc #1\n b .");

#define ALL (~0ull)
/* What is 64 bits wide, aligned so that any CPU keeps it. */
#define VALUE 0x0000123456789000ull

/* mask: of the bits of VALUE those that are kept by every CPU. */
static const struct {
	hv_sys_reg_t reg;
	uint64_t mask;
} kept[] = {
	{ HV_SYS_REG_SCTLR_EL1, ALL },
	{ HV_SYS_REG_CPACR_EL1, ALL },
	{ HV_SYS_REG_TTBR0_EL1, ALL },
	{ HV_SYS_REG_TTBR1_EL1, ALL },
	{ HV_SYS_REG_TCR_EL1, UINT32_MAX },
	{ HV_SYS_REG_MAIR_EL1, ALL },
	{ HV_SYS_REG_AMAIR_EL1, 0 },
	{ HV_SYS_REG_CONTEXTIDR_EL1, UINT32_MAX },
	{ HV_SYS_REG_PAR_EL1, ALL },
	{ HV_SYS_REG_SPSR_EL1, UINT32_MAX },
	{ HV_SYS_REG_ELR_EL1, ALL },
	{ HV_SYS_REG_AFSR0_EL1, 0 },
	{ HV_SYS_REG_AFSR1_EL1, 0 },
	{ HV_SYS_REG_ESR_EL1, UINT32_MAX },
	{ HV_SYS_REG_FAR_EL1, ALL },
	{ HV_SYS_REG_VBAR_EL1, ALL },
	{ HV_SYS_REG_SP_EL0, ALL },
	{ HV_SYS_REG_SP_EL1, ALL },
	{ HV_SYS_REG_TPIDR_EL1, ALL },
	{ HV_SYS_REG_TPIDR_EL0, ALL },
	{ HV_SYS_REG_TPIDRRO_EL0, ALL },
	{ HV_SYS_REG_CNTKCTL_EL1, 0 },
	{ HV_SYS_REG_CNTV_CVAL_EL0, ALL },
	{ HV_SYS_REG_CSSELR_EL1, 0 },
	{ HV_SYS_REG_MDSCR_EL1, 0 },
	{ HV_SYS_REG_MDCCINT_EL1, 0 },
	{ HV_SYS_REG_CNTV_CTL_EL0, 0 },
	{ HV_SYS_REG_ACTLR_EL1, 0 },
	{ HV_SYS_REG_APIAKEYLO_EL1, ALL },
	{ HV_SYS_REG_APIAKEYHI_EL1, ALL },
	{ HV_SYS_REG_APIBKEYLO_EL1, ALL },
	{ HV_SYS_REG_APIBKEYHI_EL1, ALL },
	{ HV_SYS_REG_APDAKEYLO_EL1, ALL },
	{ HV_SYS_REG_APDAKEYHI_EL1, ALL },
	{ HV_SYS_REG_APDBKEYLO_EL1, ALL },
	{ HV_SYS_REG_APDBKEYHI_EL1, ALL },
	{ HV_SYS_REG_APGAKEYLO_EL1, ALL },
	{ HV_SYS_REG_APGAKEYHI_EL1, ALL },
};
#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* Whether a timer that is off is due is unknown (CNTV_CTL_EL0.ISTATUS). */
static uint64_t get(const struct cpu *cpu, hv_sys_reg_t reg)
{
	uint64_t value = 0;

	NEED(hv_vcpu_get_sys_reg(cpu->id, reg, &value));
	return reg == HV_SYS_REG_CNTV_CTL_EL0 ? value & ~4ull : value;
}

static void expect(const struct cpu *cpu, hv_sys_reg_t reg, uint64_t value,
	const char *when)
{
	char text[64];

	snprintf(text, sizeof(text), "register_%x_%s", (unsigned)reg, when);
	claim_equal(get(cpu, reg), value, text);
}

/* The guest runs with the MMU off: what counts for it is put back. */
static void all_are_kept(void)
{
	static const hv_sys_reg_t zero[] = { HV_SYS_REG_SCTLR_EL1,
		HV_SYS_REG_CPACR_EL1 };
	struct cpu cpu;

	VM_START(guest_nothing);
	cpu = cpu_start();
	for (size_t i = 0; i < KEPT; i++) {
		claim_result(hv_vcpu_set_sys_reg(cpu.id, kept[i].reg,
			(VALUE + (i << 12)) & kept[i].mask), HV_SUCCESS,
			"a_system_register_is_set");
		expect(&cpu, kept[i].reg, (VALUE + (i << 12)) & kept[i].mask,
			"is_read_back");
	}
	for (size_t i = 0; i < 2; i++)
		NEED(hv_vcpu_set_sys_reg(cpu.id, zero[i], 0));
	cpu_run(&cpu);
	for (size_t i = 2; i < KEPT; i++)
		expect(&cpu, kept[i].reg, (VALUE + (i << 12)) & kept[i].mask,
			"is_kept_by_a_run");
	cpu_end(&cpu);
	vm_end();
}

/* All 16 of each kind are named, however many the CPU has. */
static void debug_registers(void)
{
	struct cpu cpu;

	VM_START(guest_nothing);
	cpu = cpu_start();
	for (unsigned i = 0; i < 64; i++)
		NEED(hv_vcpu_set_sys_reg(cpu.id,
			(hv_sys_reg_t)(HV_SYS_REG_DBGBVR0_EL1 + i / 4 * 8 +
				i % 4), i % 2 ? 0 : 0x1000 * i));
	cpu_run(&cpu);
	for (unsigned i = 0; i < 64; i++)
		expect(&cpu, (hv_sys_reg_t)(HV_SYS_REG_DBGBVR0_EL1 +
			i / 4 * 8 + i % 4), i % 2 ? 0 : 0x1000 * i,
			"is_kept_by_a_run");
	cpu_end(&cpu);
	vm_end();
}

/* The vCPU was another one before, which has left all kinds of values. */
static void a_new_vcpu_has_zeroes(void)
{
	struct cpu cpu;

	VM_START(guest_nothing);
	cpu = cpu_start();
	for (size_t i = 0; i < KEPT; i++)
		NEED(hv_vcpu_set_sys_reg(cpu.id, kept[i].reg,
			VALUE & kept[i].mask));
	for (unsigned n = 0; n < 31; n++)
		set_reg(&cpu, HV_REG_X0 + n, VALUE);
	cpu_end(&cpu);
	NEED(hv_vcpu_create(&cpu.id, &cpu.exit, NULL));
	for (size_t i = 0; i < KEPT; i++)
		expect(&cpu, kept[i].reg, 0, "is_0_at_first");
	for (unsigned n = 0; n <= HV_REG_CPSR; n++)
		claim_equal(reg(&cpu, n), 0, "a_register_is_0_at_first");
	cpu_end(&cpu);
	vm_end();
}

static void refused(void)
{
	static const struct {
		hv_sys_reg_t reg;
		hv_return_t result;
	} none[] = {
		/* KVM has none of these for a guest. */
		{ HV_SYS_REG_SCXTNUM_EL0, HV_UNSUPPORTED },
		{ HV_SYS_REG_SCXTNUM_EL1, HV_UNSUPPORTED },
		{ HV_SYS_REG_TPIDR2_EL0, HV_UNSUPPORTED },
		{ HV_SYS_REG_SMPRI_EL1, HV_UNSUPPORTED },
		{ HV_SYS_REG_SMCR_EL1, HV_UNSUPPORTED },
		/* Only with a GIC, and only with EL2. */
		{ HV_SYS_REG_CNTP_CTL_EL0, HV_BAD_ARGUMENT },
		{ HV_SYS_REG_CNTP_CVAL_EL0, HV_BAD_ARGUMENT },
		{ HV_SYS_REG_CNTP_TVAL_EL0, HV_BAD_ARGUMENT },
		{ HV_SYS_REG_HCR_EL2, HV_BAD_ARGUMENT },
		{ HV_SYS_REG_SP_EL2, HV_BAD_ARGUMENT },
		{ HV_SYS_REG_CNTHP_TVAL_EL2, HV_BAD_ARGUMENT },
		/* Not of the API: CNTVCT_EL0, and nothing at all. */
		{ 0xdf02, HV_BAD_ARGUMENT },
		{ 0xffff, HV_BAD_ARGUMENT },
	};
	struct cpu cpu;
	uint64_t value;
	char text[64];

	VM_START(guest_nothing);
	cpu = cpu_start();
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		snprintf(text, sizeof(text), "no_register_%x",
			(unsigned)none[i].reg);
		claim_result(hv_vcpu_get_sys_reg(cpu.id, none[i].reg, &value),
			none[i].result, text);
		claim_result(hv_vcpu_set_sys_reg(cpu.id, none[i].reg, 0),
			none[i].result, text);
	}
	claim_result(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_ACTLR_EL1, 2),
		HV_UNSUPPORTED, "no_memory_order_of_x86");
	cpu_end(&cpu);
	vm_end();
}

int main(void)
{
	all_are_kept();
	debug_registers();
	a_new_vcpu_has_zeroes();
	refused();
	return verdict();
}
