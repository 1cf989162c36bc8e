/* SPDX-License-Identifier: MIT */
/* Exits put together from events, and what class they are of. */
#include <criterion/criterion.h>
#include <errno.h>

#include "exit_events.h"
#include "look/exits.h"

static struct exit_tracker tracker;

static const struct exit *add(struct hvt_event e)
{
	const struct exit *done;

	cr_assert_eq(exit_tracker_add(&tracker, &e, &done), 0);
	return done;
}

static void fini(void)
{
	exit_tracker_fini(&tracker);
}

TestSuite(exits, .fini = fini);

Test(exits, have_the_times_of_guest_and_vmm)
{
	const struct exit *x;

	cr_assert_null(add(run_enter(0, 1, 100, 7)));
	cr_assert_null(add(run_leave(1, 1, 150, ESR_WRITE_W3, 0x9000018)));
	cr_assert_null(add(reg_call(2, 1, true, HV_REG_X3, 0x41)));
	cr_assert_null(add(reg_call(3, 1, true, HV_REG_PC, 0x4000)));
	cr_assert_null(add(reg_call(4, 1, false, HV_REG_PC, 0x4004)));
	x = add(run_enter(5, 1, 160, 7));
	cr_assert(x);
	cr_assert_eq(x->class, EXIT_MMIO_WRITE);
	cr_assert_eq(x->number, 1);
	cr_assert_eq(x->vcpu, 7);
	cr_assert_eq(x->left - x->entered, 50);
	cr_assert_eq(x->back - x->left, 10);
	cr_assert_eq(x->ipa, 0x9000018);
	cr_assert(x->has_pc && x->pc == 0x4000);
	cr_assert(x->has_value && x->value == 0x41);
	cr_assert_not(x->has_x0);
	cr_assert_eq(x->calls, 3);
	cr_assert_eq(x->reg_calls, 3);
}

Test(exits, of_loads_have_the_value_that_is_set)
{
	const struct exit *x;

	add(run_enter(0, 0, 1, 0));
	add(run_leave(1, 0, 2, ESR_READ_W3, 0x9000000));
	add(reg_call(2, 0, true, HV_REG_X3, 1));
	add(reg_call(3, 0, false, HV_REG_X4, 2));
	add(reg_call(4, 0, false, HV_REG_X3, 3));
	x = add(run_enter(5, 0, 3, 0));
	cr_assert_eq(x->class, EXIT_MMIO_READ);
	cr_assert(x->has_value && x->value == 3);
}

Test(exits, of_threads_are_kept_apart)
{
	const struct exit *x;
	uint64_t vcpu;

	add(run_enter(0, 0, 1, 0));
	add(run_enter(1, 40, 2, 5));
	add(run_leave(2, 40, 3, ESR_HVC, 0));
	add(reg_call(3, 0, true, HV_REG_X0, 9));
	add(reg_call(4, 40, true, HV_REG_X0, 0x84000000));
	cr_assert(exit_tracker_vcpu(&tracker, 40, &vcpu) && vcpu == 5);
	cr_assert_not(exit_tracker_vcpu(&tracker, 3, &vcpu));
	cr_assert_null(exit_tracker_rest(&tracker, 0));
	x = exit_tracker_rest(&tracker, 40);
	cr_assert(x && x->class == EXIT_HVC && x->x0 == 0x84000000);
	cr_assert_eq(x->back, 0);
	cr_assert_null(exit_tracker_rest(&tracker, 40));
}

Test(exits, without_their_beginning_took_no_time)
{
	const struct exit *x;

	add(run_leave(9, 2, 30, ESR_WFI, 0));
	x = add(run_enter(10, 2, 31, 1));
	cr_assert_eq(x->left, x->entered);
	cr_assert_eq(x->class, EXIT_WFX);
}

Test(exits, are_of_the_vcpu_that_runs_next_where_that_is_all_there_is)
{
	const struct exit *x;
	uint64_t vcpu;

	add(run_leave(9, 2, 30, ESR_WFI, 0));
	add(run_leave(10, 3, 31, ESR_WFI, 0));
	cr_assert_not(exit_tracker_vcpu(&tracker, 2, &vcpu));
	x = add(run_enter(11, 2, 32, 5));
	cr_assert_eq(x->vcpu, 5);
	x = exit_tracker_rest(&tracker, 3);
	cr_assert_eq(x->vcpu, EXIT_VCPU_UNKNOWN);
}

Test(exits, have_nothing_of_what_is_missing)
{
	const struct exit *x;

	add(run_enter(0, 1, 10, 4));
	add(run_enter(1, 2, 11, 5));
	cr_assert_null(add(run_leave(2, 2, 12, ESR_HVC, 0)));
	exit_tracker_gap(&tracker);
	cr_assert_null(add(reg_call(90, 2, true, HV_REG_X0, 7)));
	x = add(run_enter(91, 2, 80, 5));
	cr_assert(x && x->number == 2 && !x->back && !x->has_x0 && !x->calls);
	cr_assert_null(add(run_leave(92, 1, 90, ESR_WFI, 0)));
	x = add(run_enter(93, 1, 91, 4));
	cr_assert(x && x->left == x->entered && x->back == 91);
}

Test(exits, behind_which_another_one_is_seen_first_are_not_lost)
{
	const struct exit *x;

	add(run_enter(0, 2, 10, 1));
	cr_assert_null(add(run_leave(1, 2, 30, ESR_HVC, 0)));
	x = add(run_leave(9, 2, 40, ESR_WFI, 0));
	cr_assert(x && x->number == 1 && x->back == 0 && x->class == EXIT_HVC);
	x = add(run_enter(10, 2, 41, 1));
	cr_assert(x && x->number == 9);
}

Test(exits, of_no_thread_of_a_trace_are_refused)
{
	struct hvt_event e = run_enter(0, UINT32_MAX, 0, 0);
	const struct exit *done;

	cr_assert_eq(exit_tracker_add(&tracker, &e, &done), -ENOMEM);
}

static void expect(struct hvt_event e, enum exit_class class, const char *word)
{
	cr_assert_eq(exit_classify(&e), class);
	cr_assert_str_eq(exit_class_word(class), word);
}

Test(exits, have_a_class_whatever_they_are)
{
	struct hvt_event failed = run_leave(0, 0, 0, ESR_HVC, 0);

	failed.result = HV_DENIED;
	expect(failed, EXIT_FAILED, "failed");
	expect(run_leave(0, 0, 0, ESR_READ_W3, 0), EXIT_MMIO_READ, "mmio");
	expect(run_leave(0, 0, 0, ESR_WRITE_W3, 0), EXIT_MMIO_WRITE, "mmio");
	expect(run_leave(0, 0, 0, 0x92000047, 0), EXIT_ABORT, "abort");
	expect(run_leave(0, 0, 0, 0x82000007, 0), EXIT_ABORT, "abort");
	expect(run_leave(0, 0, 0, ESR_HVC, 0), EXIT_HVC, "hvc");
	expect(run_leave(0, 0, 0, 0x5e000000, 0), EXIT_SMC, "smc");
	expect(run_leave(0, 0, 0, 0x62300000, 0), EXIT_SYSREG, "sysreg");
	expect(run_leave(0, 0, 0, ESR_WFI, 0), EXIT_WFX, "wfx");
	expect(run_leave(0, 0, 0, 0xf2000001, 0), EXIT_DEBUG, "debug");
	expect(run_leave(0, 0, 0, 0xca000022, 0), EXIT_DEBUG, "debug");
	expect(run_leave(0, 0, 0, 0x1fe00000, 0), EXIT_OTHER, "other");
	expect(run_end(0, 0, 0, HV_EXIT_REASON_VTIMER_ACTIVATED), EXIT_VTIMER,
		"vtimer");
	expect(run_end(0, 0, 0, HV_EXIT_REASON_CANCELED), EXIT_CANCELED,
		"canceled");
	expect(run_end(0, 0, 0, 77), EXIT_UNKNOWN, "unknown");
}

Test(exits, sort_functions_by_what_they_are_about)
{
	cr_assert_str_eq(call_sort("hv_vcpu_run"), "run");
	cr_assert_str_eq(call_sort("hv_vcpus_exit"), "run");
	cr_assert_str_eq(call_sort("hv_vcpu_set_simd_fp_reg"), "reg");
	cr_assert_str_eq(call_sort("hv_vcpu_set_pending_interrupt"), "irq");
	cr_assert_str_eq(call_sort("hv_vcpu_set_vtimer_mask"), "time");
	cr_assert_str_eq(call_sort("hv_vcpu_create"), "vcpu");
	cr_assert_str_eq(call_sort("hv_gic_set_spi"), "irq");
	cr_assert_str_eq(call_sort("hv_vm_protect"), "memory");
	cr_assert_str_eq(call_sort("hv_vm_config_create"), "vm");
	cr_assert_str_eq(call_sort("mach_absolute_time"), "time");
	cr_assert_str_eq(call_sort("of_next_year"), "call");
}
