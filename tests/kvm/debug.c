/* SPDX-License-Identifier: MIT */
/*
 * Debug exceptions: breakpoints, watchpoints and single step as a debugger in
 * the VMM uses them, and the same as a guest uses them for itself.
 */
#include "conformance.h"

#include <stdio.h>

enum { EC_BREAKPOINT = 0x30, EC_STEP = 0x32, EC_WATCHPOINT = 0x34 };

#define MDSCR_SS  1ull
#define MDSCR_KDE (1ull << 13)
#define MDSCR_MDE (1ull << 15)
#define CPSR_SS   (1ull << 21)
/* EL1h with all masked but debug exceptions; those are PSTATE.D. */
#define CPSR_EL1     0x3c5ull
#define CPSR_EL1_DBG 0x1c5ull
#define CPSR_EL0     0x3c0ull

/* Breakpoint: enabled at EL1 and EL0, all four bytes, unlinked address. */
#define BCR (1ull | 3ull << 1 | 15ull << 5)
/* Watchpoint on eight bytes: loads 1, stores 2. */
#define WCR(kind) (1ull | 3ull << 1 | (kind) << 3 | 255ull << 5)

#define DATA (RAM + 0x10000)

/* X1: DATA. The vectors tell the exception's class in the immediate. */
GUEST(guest_debug,
	"mov x2, #1\n mov x2, #2\n mov x2, #3\n str x2, [x1]\n"
	"ldr x3, [x1]\n mov x2, #6\n hvc #1\n mov x2, #8\n hvc #2\n b .\n"
	".org guest_debug + 0x100\n b .\n"
	".org guest_debug + 0x200\n svc #5\n mov x2, #9\n hvc #3\n"
	".org guest_debug + 0x800\n .set n, 0\n .rept 16\n"
	"hvc #(0x100 + n)\n eret\n .balign 128\n .set n, n + 1\n .endr\n"
	/* Sets a breakpoint for itself at X4 and goes on to X5. */
	".org guest_debug + 0x1400\n msr oslar_el1, xzr\n msr dbgbvr0_el1, x4\n"
	"msr dbgbcr0_el1, x6\n msr mdscr_el1, x7\n isb\n br x5\n"
	/* Reads back what there is. */
	".org guest_debug + 0x1500\n mrs x8, dbgbvr0_el1\n mrs x9, mdscr_el1\n"
	"hvc #4\n msr dbgbvr0_el1, x8\n msr mdscr_el1, xzr\n isb\n hvc #5\n");

static uint64_t syndrome(const struct cpu *cpu)
{
	return cpu->exit->exception.syndrome;
}

static struct cpu start(void)
{
	struct cpu cpu;

	VM_START(guest_debug);
	cpu = cpu_start();
	set_reg(&cpu, HV_REG_X1, DATA);
	set_sys(&cpu, HV_SYS_REG_VBAR_EL1, RAM + 0x800);
	return cpu;
}

static void end(struct cpu *cpu)
{
	cpu_end(cpu);
	vm_end();
}

static void trap(const struct cpu *cpu, bool exceptions, bool accesses)
{
	NEED(hv_vcpu_set_trap_debug_exceptions(cpu->id, exceptions));
	NEED(hv_vcpu_set_trap_debug_reg_accesses(cpu->id, accesses));
}

static void breakpoint(bool accesses)
{
	struct cpu cpu = start();

	trap(&cpu, true, accesses);
	set_sys(&cpu, HV_SYS_REG_DBGBVR0_EL1, RAM + 8);
	set_sys(&cpu, HV_SYS_REG_DBGBCR0_EL1, BCR);
	/* Without MDE it is not enabled. */
	cpu_run(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_HVC,
		"breakpoint_needs_mdscr_mde");
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_MDE);
	set_reg(&cpu, HV_REG_PC, RAM);
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu), (uint64_t)EC_BREAKPOINT << 26 | 1u << 25 |
			0x22, "breakpoint_syndrome");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 8, "breakpoint_leaves_pc_at_it");
	claim_equal(reg(&cpu, HV_REG_X2), 2, "breakpoint_is_before_it");
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 8, "breakpoint_stays");
	set_sys(&cpu, HV_SYS_REG_DBGBCR0_EL1, 0);
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & 0xffff, 1, "it_goes_on_without_it");
	claim_equal(get_sys(&cpu, HV_SYS_REG_DBGBVR0_EL1), RAM + 8,
		"breakpoint_value_is_read_back");
	end(&cpu);
}

/* Each of the breakpoints that the CPU says it has. */
static void all_breakpoints(void)
{
	struct cpu cpu = start();
	unsigned count = get_sys(&cpu, HV_SYS_REG_ID_AA64DFR0_EL1) >> 12 & 15;
	bool all = true;

	trap(&cpu, true, true);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_MDE);
	for (unsigned n = 0; n <= count; n++) {
		hv_sys_reg_t bvr = (hv_sys_reg_t)(HV_SYS_REG_DBGBVR0_EL1 + 8 * n);

		set_sys(&cpu, bvr, RAM + 4);
		set_sys(&cpu, bvr + 1, BCR);
		set_reg(&cpu, HV_REG_PC, RAM);
		cpu_run(&cpu);
		all &= EC(syndrome(&cpu)) == EC_BREAKPOINT &&
			reg(&cpu, HV_REG_PC) == RAM + 4;
		set_sys(&cpu, bvr + 1, 0);
	}
	claim(all && count >= 1, "every_breakpoint_works");
	end(&cpu);
}

static void watchpoint(void)
{
	struct cpu cpu = start();

	trap(&cpu, true, true);
	set_sys(&cpu, HV_SYS_REG_DBGWVR1_EL1, DATA);
	set_sys(&cpu, HV_SYS_REG_DBGWCR1_EL1, WCR(2ull));
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_MDE);
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & ~0x1ff8000ull, (uint64_t)EC_WATCHPOINT << 26 |
			1u << 25 | 1u << 6 | 0x22, "watchpoint_of_a_store");
	claim_equal(cpu.exit->exception.virtual_address, DATA,
		"watchpoint_tells_the_address");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 12, "watchpoint_leaves_pc_at_it");
	set_sys(&cpu, HV_SYS_REG_DBGWCR1_EL1, WCR(1ull));
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & ~0x1ff8000ull, (uint64_t)EC_WATCHPOINT << 26 |
			1u << 25 | 0x22, "watchpoint_of_a_load");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 16, "the_store_was_done_by_then");
	set_sys(&cpu, HV_SYS_REG_DBGWCR1_EL1, 0);
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X3), 3, "the_load_is_done_behind_it");
	end(&cpu);
}

static void step_once(struct cpu *cpu)
{
	set_reg(cpu, HV_REG_CPSR, reg(cpu, HV_REG_CPSR) | CPSR_SS);
	cpu_run(cpu);
}

static void step(void)
{
	const uint64_t stepped = (uint64_t)EC_STEP << 26 | 1u << 25 |
		1u << 24 | 0x22;
	struct cpu cpu = start();
	bool each = true, cleared = true;

	trap(&cpu, true, true);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_SS);
	for (unsigned n = 1; n <= 6; n++) {
		step_once(&cpu);
		each &= syndrome(&cpu) == stepped &&
			reg(&cpu, HV_REG_PC) == RAM + 4 * n;
		cleared &= !(reg(&cpu, HV_REG_CPSR) & CPSR_SS);
	}
	claim(each, "each_step_is_one_instruction");
	claim(cleared, "a_step_clears_cpsr_ss");
	/* Nothing is executed then: the exception is pending. */
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu), (uint64_t)EC_STEP << 26 | 1u << 25 | 0x22,
		"without_cpsr_ss_it_is_due_at_once");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 24, "and_nothing_is_executed");
	/* The call is executed, and the step is due behind it. */
	step_once(&cpu);
	claim_equal(syndrome(&cpu) & ~0xffffull, (uint64_t)EC_HVC << 26 |
			1u << 25, "a_step_onto_hvc_is_the_hvc");
	claim(!(reg(&cpu, HV_REG_CPSR) & CPSR_SS), "hvc_clears_cpsr_ss");
	cpu_run(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_STEP, "the_step_is_due_behind_it");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 28, "behind_the_hvc");
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, 0);
	set_reg(&cpu, HV_REG_CPSR, CPSR_EL1);
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & 0xffff, 2, "without_mdscr_ss_it_runs");
	end(&cpu);
}

/* What the VMM emulates is not stepped over: it stays to be executed. */
static void step_onto_abort(void)
{
	struct cpu cpu = start();

	trap(&cpu, true, true);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_SS);
	set_reg(&cpu, HV_REG_X1, DEVICE);
	set_reg(&cpu, HV_REG_PC, RAM + 12);
	step_once(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_DATA_ABORT, "step_onto_a_store_exits");
	claim(reg(&cpu, HV_REG_CPSR) & CPSR_SS, "which_is_not_executed_yet");
	set_reg(&cpu, HV_REG_X1, DATA);
	cpu_run(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_STEP, "it_is_executed_by_the_next_run");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 16, "and_stepped");
	end(&cpu);
}

/* A cancel does not lose count. */
static void step_and_cancel(void)
{
	struct cpu cpu = start();
	uint64_t pc;
	bool once = true;

	trap(&cpu, true, true);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_SS);
	for (unsigned n = 0; n < 6; n++) {
		NEED(hv_vcpus_exit(&cpu.id, 1));
		pc = reg(&cpu, HV_REG_PC);
		set_reg(&cpu, HV_REG_CPSR, reg(&cpu, HV_REG_CPSR) | CPSR_SS);
		if (cpu_run(&cpu) == HV_EXIT_REASON_CANCELED)
			cpu_run(&cpu);
		once &= EC(syndrome(&cpu)) == EC_STEP &&
			reg(&cpu, HV_REG_PC) == pc + 4;
	}
	claim(once, "a_canceled_step_is_one_instruction_still");
	end(&cpu);
}

static void step_at_el0(void)
{
	struct cpu cpu = start();

	trap(&cpu, true, false);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_SS);
	set_reg(&cpu, HV_REG_CPSR, CPSR_EL0);
	set_reg(&cpu, HV_REG_PC, RAM + 0x200);
	step_once(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_STEP, "step_onto_svc_exits");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 0x800 + 0x400,
		"at_the_vector_it_goes_to");
	claim_equal(reg(&cpu, HV_REG_CPSR) & 0xf, 5, "at_el1");
	end(&cpu);
}

/* BRK at a step, and the VMM's breakpoint while stepping. */
static void step_and_breakpoint(void)
{
	struct cpu cpu = start();

	trap(&cpu, true, true);
	set_sys(&cpu, HV_SYS_REG_DBGBVR2_EL1, RAM + 4);
	set_sys(&cpu, HV_SYS_REG_DBGBCR2_EL1, BCR);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_SS | MDSCR_MDE);
	step_once(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_STEP, "step_before_a_breakpoint");
	step_once(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_BREAKPOINT, "breakpoint_while_stepping");
	claim_equal(reg(&cpu, HV_REG_PC), RAM + 4, "at_its_address");
	end(&cpu);
}

/* With the traps off the guest debugs itself. */
static void guests_own(void)
{
	struct cpu cpu = start();

	set_reg(&cpu, HV_REG_X4, RAM + 8);
	set_reg(&cpu, HV_REG_X5, RAM);
	set_reg(&cpu, HV_REG_X6, BCR);
	set_reg(&cpu, HV_REG_X7, MDSCR_MDE | MDSCR_KDE);
	set_reg(&cpu, HV_REG_PC, RAM + 0x1400);
	set_reg(&cpu, HV_REG_CPSR, CPSR_EL1_DBG);
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & 0xffff, 0x104,
		"the_guests_breakpoint_goes_to_the_guest");
	claim_equal(get_sys(&cpu, HV_SYS_REG_ESR_EL1) >> 26, 0x31,
		"as_one_of_its_own_level");
	claim_equal(get_sys(&cpu, HV_SYS_REG_ELR_EL1), RAM + 8, "where_it_is");
	/* The VMM takes over: the same breakpoint comes to it. */
	trap(&cpu, true, false);
	set_reg(&cpu, HV_REG_PC, RAM);
	set_reg(&cpu, HV_REG_CPSR, CPSR_EL1);
	cpu_run(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_BREAKPOINT,
		"trapped_it_comes_to_the_vmm");
	trap(&cpu, false, false);
	set_reg(&cpu, HV_REG_PC, RAM);
	set_reg(&cpu, HV_REG_CPSR, CPSR_EL1_DBG);
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & 0xffff, 0x104,
		"and_no_longer_trapped_to_the_guest");
	/* The VMM set as the guest would: the guest gets the step. */
	set_sys(&cpu, HV_SYS_REG_DBGBCR0_EL1, 0);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_SS | MDSCR_KDE);
	set_reg(&cpu, HV_REG_PC, RAM);
	set_reg(&cpu, HV_REG_CPSR, CPSR_EL1_DBG | CPSR_SS);
	cpu_run(&cpu);
	claim_equal(get_sys(&cpu, HV_SYS_REG_ESR_EL1) >> 26, 0x33,
		"the_guests_step_goes_to_the_guest");
	claim_equal(get_sys(&cpu, HV_SYS_REG_ELR_EL1), RAM + 4, "one_instruction_on");
	end(&cpu);
}

/* With accesses trapped the guest does not get at the VMM's breakpoint. */
static void kept_apart(void)
{
	struct cpu cpu = start();
	bool on = false;

	set_sys(&cpu, HV_SYS_REG_DBGBVR0_EL1, 0x7777770);
	trap(&cpu, true, true);
	NEED(hv_vcpu_get_trap_debug_reg_accesses(cpu.id, &on));
	claim(on, "trap_of_accesses_is_read_back");
	claim_equal(get_sys(&cpu, HV_SYS_REG_DBGBVR0_EL1), 0x7777770,
		"the_value_of_before_is_still_there");
	set_sys(&cpu, HV_SYS_REG_DBGBVR0_EL1, RAM + 8);
	set_sys(&cpu, HV_SYS_REG_DBGBCR0_EL1, BCR);
	set_sys(&cpu, HV_SYS_REG_MDSCR_EL1, MDSCR_MDE);
	set_reg(&cpu, HV_REG_PC, RAM + 0x1500);
	cpu_run(&cpu);
	claim_equal(reg(&cpu, HV_REG_X8), 0x7777770, "the_guest_sees_its_own");
	claim_equal(reg(&cpu, HV_REG_X9), 0, "and_its_own_mdscr");
	cpu_run(&cpu);
	claim_equal(syndrome(&cpu) & 0xffff, 5, "it_may_write_them");
	set_reg(&cpu, HV_REG_PC, RAM);
	cpu_run(&cpu);
	claim_equal(EC(syndrome(&cpu)), EC_BREAKPOINT,
		"and_does_not_disturb_the_vmms");
	trap(&cpu, false, false);
	claim_equal(get_sys(&cpu, HV_SYS_REG_DBGBVR0_EL1), RAM + 8,
		"the_vmms_stay_when_the_traps_go");
	end(&cpu);
}

static void arguments(void)
{
	struct cpu cpu = start();
	bool on = true;

	NEED(hv_vcpu_get_trap_debug_reg_accesses(cpu.id, &on));
	claim(!on, "accesses_are_not_trapped_at_first");
	claim_result(hv_vcpu_get_trap_debug_reg_accesses(cpu.id, NULL),
		HV_BAD_ARGUMENT, "get_trap_accesses_into_nothing");
	claim_result(hv_vcpu_get_trap_debug_exceptions(cpu.id, NULL),
		HV_BAD_ARGUMENT, "get_trap_exceptions_into_nothing");
	claim_result(hv_vcpu_set_trap_debug_reg_accesses(cpu.id + 1, true),
		HV_BAD_ARGUMENT, "trap_accesses_of_no_vcpu");
	claim_result(hv_vcpu_set_trap_debug_exceptions(cpu.id + 1, true),
		HV_BAD_ARGUMENT, "trap_exceptions_of_no_vcpu");
	end(&cpu);
	/* Left on by one vCPU it is off for the next. */
	cpu = start();
	trap(&cpu, true, true);
	cpu_end(&cpu);
	cpu = cpu_start();
	NEED(hv_vcpu_get_trap_debug_exceptions(cpu.id, &on));
	claim(!on, "a_new_vcpu_has_no_traps");
	end(&cpu);
}

int main(void)
{
	breakpoint(false);
	breakpoint(true);
	all_breakpoints();
	watchpoint();
	step();
	step_onto_abort();
	step_and_cancel();
	step_at_el0();
	step_and_breakpoint();
	guests_own();
	kept_apart();
	arguments();
	return verdict();
}
