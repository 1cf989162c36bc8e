/* SPDX-License-Identifier: MIT */
#include <Hypervisor/Hypervisor.h>
#include <criterion/criterion.h>
#include <string.h>

#include "call_ids.h"
#include "guest/judge.h"

static struct hvt_guest_divergence d;

static bool same(const struct hvt_event *recorded, const struct hvt_event *found)
{
	memset(&d, 0, sizeof(d));
	d.param = 99;
	return hvt_judge_call(recorded, found, &d);
}

Test(judge, takes_the_same_for_the_same)
{
	struct hvt_event e = { .call = HVT_CALL_HV_VCPU_GET_REG,
		.values = { 0, 3, 17 } };

	cr_assert(same(&e, &e));
	cr_assert_eq(d.what, 0);
	e.result = HV_BAD_ARGUMENT;
	cr_assert(same(&e, &e));
}

Test(judge, tells_another_result)
{
	struct hvt_event a = { .call = HVT_CALL_HV_VM_MAP }, b = a;

	b.result = HV_NO_RESOURCES;
	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.what, HVT_DIFFERS_RESULT);
	cr_assert_eq(d.param, -1);
	/* Before any output. */
	a = b = (struct hvt_event){ .call = HVT_CALL_HV_VCPU_GET_REG };
	b.values[2] = 1;
	b.result = HV_BUSY;
	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.what, HVT_DIFFERS_RESULT);
}

/* What a call was given is not its doing. */
Test(judge, compares_outputs_alone)
{
	struct hvt_event a = { .call = HVT_CALL_HV_VCPU_GET_REG,
		.values = { 1, 2, 3 } };
	struct hvt_event b = a;

	b.values[0] = b.values[1] = 9;
	cr_assert(same(&a, &b));
	b.values[2] = 4;
	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.what, HVT_DIFFERS_OUTPUT);
	cr_assert_eq(d.param, 2);
}

Test(judge, does_not_compare_addresses_of_the_host)
{
	struct hvt_event a = { .call = HVT_CALL_HV_VCPU_CREATE,
		.values = { 1, 0x7000, 5 } };
	struct hvt_event b = a;

	b.values[1] = 0x9000;
	cr_assert(same(&a, &b));
	b.values[0] = 2;
	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.param, 0);
	a = b = (struct hvt_event){ .call = HVT_CALL_HV_VM_MAP };
	b.values[0] = 0x1000;
	cr_assert(same(&a, &b));
}

/* ISTATUS: a timer that is off may have its time come, and kernels differ. */
Test(judge, does_not_compare_what_a_timer_says_of_the_time)
{
	struct hvt_event a = { .call = HVT_CALL_HV_VCPU_GET_SYS_REG,
		.values = { 0, HV_SYS_REG_CNTV_CTL_EL0, 0 } };
	struct hvt_event b = a;

	b.values[2] = 4;
	cr_assert(same(&a, &b));
	b.values[2] = 5;
	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.param, 2);
	a.values[1] = b.values[1] = HV_SYS_REG_CNTP_TVAL_EL0;
	cr_assert(same(&a, &b));
	a.values[1] = b.values[1] = HV_SYS_REG_CNTV_CVAL_EL0;
	cr_assert_not(same(&a, &b));
	/* The same bits of another call's are no timer's. */
	a = b = (struct hvt_event){ .call = HVT_CALL_HV_VCPU_GET_REG,
		.values = { 0, HV_SYS_REG_CNTV_CTL_EL0, 0 } };
	b.values[2] = 4;
	cr_assert_not(same(&a, &b));
}

Test(judge, does_not_compare_times)
{
	const uint32_t clocks[] = { HVT_CALL_HV_VCPU_GET_EXEC_TIME,
		HVT_CALL_HV_VCPU_GET_WAIT_FOR_INTERRUPT_TIME };

	for (unsigned i = 0; i < 2; i++) {
		struct hvt_event a = { .call = clocks[i] }, b = a;

		b.values[1] = 17;
		cr_assert(same(&a, &b));
		b.result = HV_BAD_ARGUMENT;
		cr_assert_not(same(&a, &b));
		cr_assert_eq(d.what, HVT_DIFFERS_RESULT);
	}
}

/* A time is the result itself. */
Test(judge, does_not_compare_results_that_vary)
{
	struct hvt_event a = { .call = HVT_CALL_MACH_ABSOLUTE_TIME }, b = a;

	b.result = 5;
	cr_assert_eq(same(&a, &b),
			hvt_call_schema(HVT_CALL_MACH_ABSOLUTE_TIME)->varies);
}

static void expect_exit(uint32_t reason, unsigned param, bool compared)
{
	struct hvt_event a = { .call = HVT_CALL_HV_VCPU_RUN,
		.values = { 0, reason, 2, 3, 4 } };
	struct hvt_event b = a;

	b.values[param]++;
	cr_assert_eq(same(&a, &b), !compared, "%u %u", reason, param);
	if (!compared)
		return;
	cr_assert_eq(d.what, HVT_DIFFERS_OUTPUT);
	cr_assert_eq(d.param, (int)param);
}

Test(judge, compares_an_exception_with_all_that_it_says)
{
	for (unsigned i = 1; i < 5; i++)
		expect_exit(HV_EXIT_REASON_EXCEPTION, i, true);
}

/* What is left over there, of an exception before, is no part of the exit. */
Test(judge, compares_the_reason_alone_of_other_exits)
{
	const uint32_t reasons[] = { HV_EXIT_REASON_CANCELED,
		HV_EXIT_REASON_VTIMER_ACTIVATED, HV_EXIT_REASON_UNKNOWN, 77 };

	for (unsigned r = 0; r < 4; r++) {
		expect_exit(reasons[r], 1, true);
		for (unsigned i = 2; i < 5; i++)
			expect_exit(reasons[r], i, false);
	}
}

Test(judge, tells_the_first_byte_and_how_many)
{
	uint8_t x[64] = { 0 }, y[64] = { 0 };
	struct hvt_event a = { .call = HVT_CALL_HV_GIC_STATE_GET_DATA,
		.data = x, .data_size = 64 };
	struct hvt_event b = a;

	b.data = y;
	cr_assert(same(&a, &b));
	y[9] = y[63] = 1;
	x[30] = 2;
	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.what, HVT_DIFFERS_OUTPUT);
	cr_assert_eq(d.param, 1);
	cr_assert_eq(d.offset, 9);
	cr_assert_eq(d.differing, 3);
}

Test(judge, tells_bytes_of_another_length)
{
	uint8_t x[64] = { 1 }, y[64] = { 1 };
	struct hvt_event a = { .call = HVT_CALL_HV_GIC_STATE_GET_DATA,
		.data = x, .data_size = 64 };
	struct hvt_event b = { .call = a.call, .data = y, .data_size = 63 };

	cr_assert_not(same(&a, &b));
	cr_assert_eq(d.what, HVT_DIFFERS_OUTPUT);
	b.data = NULL;
	b.data_size = 0;
	cr_assert_not(same(&a, &b));
	cr_assert_not(same(&b, &a));
	a = b;
	cr_assert(same(&a, &b));
}

/* Every call that there is, with nothing in its events. */
Test(judge, knows_every_call)
{
	for (uint32_t call = 0; call < hvt_call_limit(); call++) {
		struct hvt_event e = { .call = call };

		if (hvt_call_schema(call))
			cr_assert(same(&e, &e), "%u", call);
	}
}

Test(judge, tells_the_bytes_of_a_page)
{
	static uint8_t a[4096], b[4096];

	cr_assert(hvt_judge_page(a, b, sizeof(a), &d));
	b[4095] = 1;
	cr_assert_not(hvt_judge_page(a, b, sizeof(a), &d));
	cr_assert_eq(d.what, HVT_DIFFERS_MEMORY);
	cr_assert_eq(d.param, -1);
	cr_assert_eq(d.offset, 4095);
	cr_assert_eq(d.differing, 1);
	memset(b, 2, sizeof(b));
	cr_assert_not(hvt_judge_page(a, b, sizeof(a), &d));
	cr_assert_eq(d.offset, 0);
	cr_assert_eq(d.differing, 4096);
}
