/* SPDX-License-Identifier: MIT */
/* Which differences between events of two recordings count. */
#include <criterion/criterion.h>
#include <string.h>

#include "events.h"
#include "exit_events.h"
#include "look/digest.h"

static struct digest_rules rules;

static bool same(const struct hvt_event *a, const struct hvt_event *b)
{
	return event_digest(&rules, hvt_call_schema(a->call), a) ==
		event_digest(&rules, hvt_call_schema(b->call), b);
}

static uint32_t call_named(const char *name)
{
	for (uint32_t i = 0; i < hvt_call_limit(); i++)
		if (hvt_call_schema(i) &&
			!strcmp(hvt_call_schema(i)->name, name))
			return i;
	cr_assert_fail("%s", name);
	return 0;
}

Test(digest, counts_all_but_time_and_thread)
{
	struct hvt_event a = reg_call(1, 0, true, HV_REG_X1, 5), b = a;

	b.number = 7;
	b.thread = 3;
	b.tick = 99;
	cr_assert(same(&a, &b));
	b.values[REG_VALUE] = 6;
	cr_assert_not(same(&a, &b));
	b = a;
	b.result = HV_DENIED;
	cr_assert_not(same(&a, &b));
	b = a;
	b.call = known_calls()->set_reg;
	cr_assert_not(same(&a, &b));
	b = a;
	b.kind = HVT_EVENT_ENTER;
	cr_assert_not(same(&a, &b));
}

Test(digest, counts_host_addresses_and_times_only_if_asked)
{
	struct hvt_event a = { .kind = HVT_EVENT_ENTER,
		.call = call_named("hv_vm_map"), .values = { 1, 2, 3, 4 } };
	struct hvt_event b = a;
	struct hvt_event t = { .kind = HVT_EVENT_CALL,
		.call = call_named("mach_absolute_time"), .result = 5 };
	struct hvt_event u = t;

	b.values[0] = 9;
	u.result = 6;
	cr_assert(same(&a, &b));
	cr_assert(same(&t, &u));
	rules.exact = true;
	cr_assert_not(same(&a, &b));
	cr_assert_not(same(&t, &u));
}

Test(digest, counts_what_the_event_carries)
{
	struct hvt_event a = run_leave(0, 0, 0, ESR_HVC, 0), b = a;

	b.values[RUN_VCPU] = 5;
	cr_assert(same(&a, &b));
	b.values[RUN_IPA] = 5;
	cr_assert_not(same(&a, &b));
	a.kind = b.kind = HVT_EVENT_ENTER;
	b.values[RUN_VCPU] = 0;
	cr_assert(same(&a, &b));
}

Test(digest, does_not_count_what_an_exit_has_left_over)
{
	struct hvt_event a = run_end(0, 0, 0, HV_EXIT_REASON_CANCELED), b = a;

	b.values[RUN_SYNDROME] = ESR_HVC;
	b.values[RUN_IPA] = 0x9000000;
	cr_assert(same(&a, &b));
	rules.exact = true;
	cr_assert_not(same(&a, &b));
	rules.exact = false;
	a.values[RUN_REASON] = b.values[RUN_REASON] = HV_EXIT_REASON_EXCEPTION;
	cr_assert_not(same(&a, &b));
}

Test(digest, passes_over_what_is_ignored)
{
	struct hvt_event a = reg_call(1, 0, true, HV_REG_X1, 5), b = a;

	cr_assert(digest_rules_ignore(&rules, "value,result"));
	b.values[REG_VALUE] = 6;
	b.result = HV_DENIED;
	cr_assert(same(&a, &b));
	b.values[REG_REG] = 7;
	cr_assert_not(same(&a, &b));
	cr_assert_not(digest_rules_ignore(&rules, ","));
	cr_assert_not(digest_rules_ignore(&rules,
		"a_name_that_is_much_longer_than_any_parameter"));
	cr_assert_not(digest_rules_ignore(&rules,
		"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"));
}

Test(digest, counts_every_byte)
{
	struct hvt_event a = { .kind = HVT_EVENT_CALL,
		.call = call_named("hv_vcpu_set_sme_za_reg") };
	uint8_t bytes[2][40] = { { 0 } };
	struct hvt_event b = a;

	for (size_t size = 0; size <= 40; size++) {
		a.data_size = b.data_size = size;
		a.data = bytes[0];
		b.data = bytes[1];
		cr_assert(same(&a, &b));
		for (size_t i = 0; i < size; i++) {
			bytes[1][i] = 1;
			cr_assert_not(same(&a, &b));
			bytes[1][i] = 0;
		}
		b.data_size++;
		cr_assert(size == 40 || !same(&a, &b));
	}
}

static void expect(const struct hvt_event *a, const struct hvt_event *b,
		const char *want)
{
	char text[128];

	event_difference(&rules, hvt_call_schema(a->call), a,
		hvt_call_schema(b->call), b, text, sizeof(text));
	cr_assert_str_eq(text, want);
}

Test(digest, says_what_the_first_difference_is)
{
	struct hvt_event a = reg_call(1, 0, true, HV_REG_X1, 5), b = a;

	b.values[REG_VALUE] = 0x20;
	expect(&a, &b, "value, 0x5 and 0x20");
	b = a;
	b.result = -1;
	expect(&a, &b, "the result, 0 and -1");
	b.call = known_calls()->set_reg;
	expect(&a, &b, "the function, hv_vcpu_get_reg and hv_vcpu_set_reg");
	b = a;
	b.kind = HVT_EVENT_LEAVE;
	expect(&a, &b, "one was entered, one returned");
	b = a;
	a.data = (const uint8_t *)"abcd";
	b.data = (const uint8_t *)"abXd";
	a.data_size = b.data_size = 4;
	expect(&a, &b, "the bytes, from byte 2 on");
}
