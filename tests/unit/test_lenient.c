/* SPDX-License-Identifier: MIT */
/*
 * Replays that keep going where the VMM reads more or less than when recorded:
 * what is tolerated, what it is told, and what is a divergence still.
 */
#include <Hypervisor/Hypervisor.h>
#include <criterion/criterion.h>

#include "replay_steps.h"

TestSuite(lenient, .init = set_up, .fini = tear_down);

/* Bits: what another VMM does otherwise. */
static unsigned otherwise;

enum {
	READS_TWICE = 1,
	READS_LATER_ONE_EARLY = 2,
	READS_NOTHING = 4,
	READS_WHAT_IS_NOT_KNOWN = 8,
	READS_BEHIND_A_WRITE = 16,
	WRITES_ELSE = 32,
	READS_AT_THE_END = 64,
	READS_ITS_LAST_ONE_NOT = 128,
};

/* The second of two reads fails then. */
static bool is_strict;

static bool does(unsigned what)
{
	return otherwise & what;
}

static uint64_t get(hv_vcpu_t vcpu, hv_reg_t reg)
{
	uint64_t value = 77;

	if (does(READS_NOTHING))
		return 0;
	hv_vcpu_get_reg(vcpu, reg, &value);
	return value;
}

static void script(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;
	uint64_t pc, again, x1;

	hv_vm_create(NULL);			  /* 0, 1 */
	hv_vcpu_create(&vcpu, &exit, NULL);	  /* 2, 3 */
	hv_vcpu_set_reg(vcpu, HV_REG_X1, 0x1111); /* 4 */
	hv_vcpu_run(vcpu);			  /* 5, 6 */
	x1 = does(READS_LATER_ONE_EARLY) ? get(vcpu, HV_REG_X1) : 0;
	pc = get(vcpu, HV_REG_PC);		  /* 7 */
	again = does(READS_TWICE) ? get(vcpu, HV_REG_PC) : pc;
	cr_assert(again == pc || is_strict);
	if (does(READS_WHAT_IS_NOT_KNOWN))
		hv_vcpu_get_reg(vcpu, HV_REG_X2, &x1);
	else if (does(READS_LATER_ONE_EARLY))
		cr_assert_eq(get(vcpu, HV_REG_X1), x1);
	else
		x1 = get(vcpu, HV_REG_X1);	  /* 8 */
	hv_vcpu_set_reg(vcpu, HV_REG_PC, does(WRITES_ELSE) ? 5 : 4); /* 9 */
	if (does(READS_BEHIND_A_WRITE))
		hv_vcpu_get_reg(vcpu, HV_REG_PC, &pc);
	hv_vcpu_run(vcpu);			  /* 10, 11 */
	if (!does(READS_ITS_LAST_ONE_NOT))
		get(vcpu, HV_REG_X3);		  /* 12 */
	if (does(READS_AT_THE_END))
		get(vcpu, HV_REG_X3);
}

#define SCRIPT_EVENTS 13u

static void replay_otherwise(unsigned what)
{
	record(script);
	otherwise = what;
	hvt_replay_keep_going();
	replay(script, STALL_MS);
}

static void expect_tolerated(uint64_t more, uint64_t fewer, uint64_t first)
{
	expect_complete(SCRIPT_EVENTS);
	cr_assert_eq(status.more, more);
	cr_assert_eq(status.fewer, fewer);
	cr_assert_eq(status.tolerated_at, first);
}

Test(lenient, tells_of_nothing_where_all_is_the_same)
{
	replay_otherwise(0);
	expect_tolerated(0, 0, 0);
}

Test(lenient, answers_a_read_again_as_before)
{
	replay_otherwise(READS_TWICE);
	expect_tolerated(1, 0, 8);
}

/* The early read skips one, which is known then; and it is made once more. */
Test(lenient, finds_reads_in_another_order)
{
	replay_otherwise(READS_LATER_ONE_EARLY);
	expect_tolerated(2, 1, 7);
}

Test(lenient, skips_reads_that_are_left_out)
{
	replay_otherwise(READS_NOTHING);
	expect_tolerated(0, 3, 7);
}

Test(lenient, skips_the_last_read)
{
	replay_otherwise(READS_ITS_LAST_ONE_NOT);
	expect_tolerated(0, 1, 12);
}

Test(lenient, answers_behind_the_end)
{
	replay_otherwise(READS_AT_THE_END);
	expect_tolerated(1, 0, SCRIPT_EVENTS);
}

Test(lenient, makes_up_no_answer)
{
	replay_otherwise(READS_WHAT_IS_NOT_KNOWN);
	expect_divergence(8, "reg, 0x1 in the trace, 0x2");
}

/* What was written may read back as something else. */
Test(lenient, forgets_what_was_read_before_a_write)
{
	replay_otherwise(READS_BEHIND_A_WRITE);
	expect_divergence(10, "the function");
}

Test(lenient, tolerates_no_other_write)
{
	replay_otherwise(WRITES_ELSE);
	expect_divergence(9, "value, 0x4 in the trace, 0x5");
}

Test(lenient, is_what_must_be_asked_for)
{
	record(script);
	otherwise = READS_TWICE;
	is_strict = true;
	replay(script, STALL_MS);
	expect_divergence(8, "reg, 0x1 in the trace, 0x1f");
}
