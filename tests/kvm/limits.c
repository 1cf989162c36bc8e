/* SPDX-License-Identifier: MIT */
/*
 * What a Mac shows to the VMM and KVM does not: what becomes of it instead.
 * docs/COVERAGE.md tells the same. A claim that fails here on a newer kernel
 * is good news: there may be a way by now.
 */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

enum { EC_UNKNOWN = 0, EC_FETCH = 0x21, EC_DATA = 0x25 };

/* Each vector tells its number: a synchronous exception at EL1h is 0x104. */
#define VECTORS      (RAM + 0x800)
#define TAKEN        0x104
#define CASE(number) (RAM + 0x1000 + 0x40 * (number))
#define TABLE        (RAM + 0x2000)

/* X1: DEVICE, X0: as each case has it. HVC #1 is behind the instruction. */
GUEST(guest_limits,
	".org guest_limits + 0x800\n .set n, 0\n .rept 16\n"
	"hvc #(0x100 + n)\n .balign 128\n .set n, n + 1\n .endr\n"
	".org guest_limits + 0x1000\n br x1\n"
	".org guest_limits + 0x1040\n ldr x2, [x1]\n hvc #1\n"
	".org guest_limits + 0x1080\n smc #1\n hvc #1\n"
	".org guest_limits + 0x10c0\n dc cvac, x1\n hvc #1\n"
	".org guest_limits + 0x1100\n wfe\n hvc #1\n"
	".org guest_limits + 0x1140\n mrs x2, s3_0_c12_c12_0\n hvc #1\n"
	".org guest_limits + 0x1180\n mrs x2, pmcr_el0\n hvc #1\n"
	".org guest_limits + 0x11c0\n msr oslar_el1, xzr\n hvc #1\n"
	".org guest_limits + 0x1200\n hvc #2\n hvc #1\n"
	".org guest_limits + 0x2000\n .quad 0, 0\n");

static uint8_t *ram;

static struct cpu start(void)
{
	struct cpu cpu;

	ram = VM_START(guest_limits);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_X1, DEVICE);
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_VBAR_EL1, VECTORS));
	return cpu;
}

static void end(struct cpu *cpu)
{
	cpu_end(cpu);
	vm_end();
}

/* Runs a case; returns the immediate of the HVC that ended it. */
static uint64_t run(struct cpu *cpu, unsigned number)
{
	set_reg(cpu, HV_REG_PC, CASE(number));
	cpu_run(cpu);
	claim_equal(EC(cpu->exit->exception.syndrome), EC_HVC,
		"nothing_but_the_hvc_exits");
	return cpu->exit->exception.syndrome & 0xffff;
}

static uint64_t sys(const struct cpu *cpu, hv_sys_reg_t reg)
{
	uint64_t value = 0;

	NEED(hv_vcpu_get_sys_reg(cpu->id, reg, &value));
	return value;
}

/* The guest takes an exception of that class. */
static void taken(unsigned number, unsigned class, const char *name)
{
	struct cpu cpu = start();

	claim_equal(run(&cpu, number), TAKEN, name);
	claim_equal(EC(sys(&cpu, HV_SYS_REG_ESR_EL1)), class, name);
	end(&cpu);
}

static void fetch(void)
{
	struct cpu cpu = start();

	claim_equal(run(&cpu, 0), TAKEN, "fetch_from_nowhere_is_the_guests");
	claim_equal(EC(sys(&cpu, HV_SYS_REG_ESR_EL1)), EC_FETCH,
		"as_an_instruction_abort");
	claim_equal(sys(&cpu, HV_SYS_REG_ESR_EL1) & 0x3f, 0x10,
		"that_is_external");
	claim_equal(sys(&cpu, HV_SYS_REG_FAR_EL1), DEVICE, "with_its_address");
	end(&cpu);
}

/*
 * Addresses of 39 bits: RAM is a block of the lower half, the upper has its
 * tables where nothing is mapped.
 */
static void walk(void)
{
	const uint64_t block = RAM | 1u << 10 | 3u << 8 | 1;
	struct cpu cpu = start();
	uint64_t status;

	memcpy(ram + (TABLE - RAM) + 8, &block, sizeof(block));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_MAIR_EL1, 0xff));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_TTBR0_EL1, TABLE));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_TTBR1_EL1, DEVICE));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_TCR_EL1, 25 | 1u << 8 |
		1u << 10 | 3u << 12 | 25u << 16 | 2u << 30 | 2ull << 32));
	NEED(hv_vcpu_set_sys_reg(cpu.id, HV_SYS_REG_SCTLR_EL1, 0x30d00801));
	set_reg(&cpu, HV_REG_X1, 0xffffff8000000000);
	claim_equal(run(&cpu, 1), TAKEN, "tables_nowhere_are_the_guests");
	claim_equal(EC(sys(&cpu, HV_SYS_REG_ESR_EL1)), EC_DATA,
		"as_a_data_abort");
	/* Of the walk, says 7.2; 6.12 does not. */
	status = sys(&cpu, HV_SYS_REG_ESR_EL1) & 0x3f;
	claim(status == 0x10 || (status & 0x3c) == 0x14, "that_is_external");
	end(&cpu);
}

static void skipped(void)
{
	struct cpu cpu = start();

	claim_equal(run(&cpu, 2), 1, "smc_with_an_immediate_is_kvms");
	claim_equal(reg(&cpu, HV_REG_X0), ~0ull, "which_knows_no_such_call");
	claim_equal(run(&cpu, 3), 1, "cache_maintenance_of_nothing_is_skipped");
	claim_equal(run(&cpu, 4), 1, "wfe_goes_on");
	claim_equal(run(&cpu, 7), 1, "oslar_is_kvms");
	end(&cpu);
}

/* Calls of the architecture are KVM's, all others the VMM's. */
static void calls(void)
{
	static const struct {
		uint32_t function;
		bool kvms;
	} functions[] = {
		{ 0, false }, { 0x7fffffff, false },
		{ 0x80000000, true }, { 0x8000ffff, true },
		{ 0x80010000, false }, { 0x84000000, false },
		{ 0xbfffffff, false },
		{ 0xc0000000, true }, { 0xc000ffff, true },
		{ 0xc0010000, false }, { 0xc4000003, false },
		{ 0xffffffff, false },
	};
	struct cpu cpu = start();
	char name[48];

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		set_reg(&cpu, HV_REG_X0, functions[i].function);
		snprintf(name, sizeof(name), "hvc_of_%08x_is_%s",
			functions[i].function,
			functions[i].kvms ? "kvms" : "the_vmms");
		claim_equal(run(&cpu, 8), functions[i].kvms ? 1 : 2, name);
		if (!functions[i].kvms)
			claim_equal(reg(&cpu, HV_REG_X0), functions[i].function,
				"x0_is_as_it_was");
	}
	end(&cpu);
}

int main(void)
{
	fetch();
	walk();
	skipped();
	taken(5, EC_UNKNOWN, "gic_registers_without_gic_are_undefined");
	taken(6, EC_UNKNOWN, "pmu_registers_are_undefined");
	calls();
	return verdict();
}
