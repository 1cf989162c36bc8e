/* SPDX-License-Identifier: MIT */
/* The table of calls, as other tools see it. */
#include <criterion/criterion.h>
#include <string.h>

#include "call_ids.h"
#include "schema.h"

Test(schema, has_93_functions_of_the_api_and_two_companions)
{
	unsigned api = 0, others = 0;

	for (uint32_t i = 0; i < hvt_call_limit(); i++) {
		const struct hvt_call_schema *s = hvt_call_schema(i);

		if (!s)
			continue;
		api += !strncmp(s->name, "hv_", 3);
		others += !strncmp(s->name, "mach_", 5);
	}
	cr_assert_eq(api, 93);
	cr_assert_eq(others, 2);
	cr_assert_null(hvt_call_schema(0));
	cr_assert_null(hvt_call_schema(94));
	cr_assert_null(hvt_call_schema(hvt_call_limit()));
	cr_assert_null(hvt_call_schema(UINT32_MAX));
}

/* On disk for good: a number that moves makes old traces lie. */
Test(schema, keeps_the_numbers_of_its_functions)
{
	cr_assert_eq(HVT_CALL_HV_VM_CREATE, 2);
	cr_assert_eq(HVT_CALL_HV_VM_MAP, 4);
	cr_assert_eq(HVT_CALL_HV_VCPU_CREATE, 23);
	cr_assert_eq(HVT_CALL_HV_VCPU_RUN, 49);
	cr_assert_eq(HVT_CALL_HV_GIC_SET_SPI, 74);
	cr_assert_eq(HVT_CALL_HV_GIC_STATE_GET_DATA, 93);
	cr_assert_eq(HVT_CALL_MACH_ABSOLUTE_TIME, 201);
	cr_assert_eq(HVT_CALL_MACH_TIMEBASE_INFO, 202);
}

Test(schema, gives_no_function_more_than_one_buffer)
{
	for (uint32_t i = 0; i < hvt_call_limit(); i++) {
		const struct hvt_call_schema *s = hvt_call_schema(i);
		unsigned buffers = 0;

		if (!s)
			continue;
		cr_assert_leq(s->param_count, HVT_VALUES_MAX);
		for (unsigned k = 0; k < s->param_count; k++) {
			enum hvt_role role = s->params[k].role;

			cr_assert_not_null(s->params[k].name);
			buffers += role == HVT_ROLE_INBUF ||
				role == HVT_ROLE_OUTBUF || role == HVT_ROLE_VEC;
		}
		cr_assert_leq(buffers, 1, "%s", s->name);
	}
}

/* session.c keeps a run's return without copying bytes. */
Test(schema, gives_the_return_of_a_run_no_bytes)
{
	const struct hvt_call_schema *s = hvt_call_schema(HVT_CALL_HV_VCPU_RUN);

	for (unsigned k = 1; k < s->param_count; k++)
		cr_assert_eq(s->params[k].role, HVT_ROLE_EXIT);
}

Test(schema, knows_inputs_from_outputs)
{
	cr_assert(hvt_role_is_input(HVT_ROLE_IN));
	cr_assert(hvt_role_is_input(HVT_ROLE_HOST));
	cr_assert(hvt_role_is_input(HVT_ROLE_OBJ));
	cr_assert(hvt_role_is_input(HVT_ROLE_INBUF));
	cr_assert(hvt_role_is_input(HVT_ROLE_VEC));
	cr_assert_not(hvt_role_is_input(HVT_ROLE_OUT));
	cr_assert_not(hvt_role_is_input(HVT_ROLE_OUTHOST));
	cr_assert_not(hvt_role_is_input(HVT_ROLE_OUTBUF));
	cr_assert_not(hvt_role_is_input(HVT_ROLE_EXIT));
}
