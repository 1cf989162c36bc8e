/* SPDX-License-Identifier: MIT */
/* What is carried, what is a shape, and whose last value is meant. */
#include <criterion/criterion.h>
#include <string.h>

#include "events.h"
#include "shape.h"

Test(shape, carries_by_kind_what_the_roles_say)
{
	for (uint32_t call = 0; call < hvt_call_limit(); call++) {
		const struct hvt_call_schema *s = hvt_call_schema(call);

		for (unsigned i = 0; s && i < s->param_count; i++)
			for (uint32_t k = HVT_EVENT_CALL; k <= HVT_EVENT_LEAVE;
					k++)
				cr_assert_eq(hvt_shape_carries(k, &s->params[i]),
						kind_carries(k,
							s->params[i].role));
	}
}

/* The length of a buffer must be known before the bytes are cut up. */
Test(shape, has_the_lengths_of_all_buffers)
{
	unsigned buffers = 0;

	for (uint32_t call = 0; call < hvt_call_limit(); call++) {
		const struct hvt_call_schema *s = hvt_call_schema(call);

		for (unsigned i = 0; s && i < s->param_count; i++) {
			bool buffer = role_is_buffer(s->params[i].role);

			cr_assert_eq(hvt_shape_is_buffer(&s->params[i]),
					buffer);
			cr_assert(!buffer || s->params[i].in_shape, "%s",
					s->name);
			buffers += buffer;
		}
	}
	cr_assert_gt(buffers, 5);
}

static uint64_t track(uint32_t call, uint32_t kind, uint32_t thread,
		uint64_t second)
{
	struct hvt_event e = { .call = call, .kind = kind, .thread = thread,
		.values = { 7, second, 9 } };

	return hvt_shape_track(hvt_call_schema(call), &e);
}

Test(shape, gives_a_getter_the_track_of_its_setter)
{
	uint64_t get = track(HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, 3, 5);

	cr_assert_eq(get, track(HVT_CALL_HV_VCPU_SET_REG, HVT_EVENT_CALL, 3, 5));
	cr_assert_neq(get,
			track(HVT_CALL_HV_VCPU_SET_REG, HVT_EVENT_CALL, 3, 6));
	cr_assert_neq(get,
			track(HVT_CALL_HV_VCPU_SET_REG, HVT_EVENT_CALL, 2, 5));
	cr_assert_neq(get, track(HVT_CALL_HV_VCPU_GET_SYS_REG, HVT_EVENT_CALL,
					   3, 5));
	/* Only the low half of what selects counts: FORMAT.md says so. */
	cr_assert_eq(get, track(HVT_CALL_HV_VCPU_GET_REG, HVT_EVENT_CALL, 3,
					  5 | 1ull << 32));
}

Test(shape, tells_times_from_codes)
{
	cr_assert(hvt_call_schema(HVT_CALL_MACH_ABSOLUTE_TIME)->varies);
	cr_assert_not(hvt_call_schema(HVT_CALL_HV_VCPU_RUN)->varies);
	cr_assert_not(hvt_shape_has_tick(HVT_EVENT_CALL));
	cr_assert(hvt_shape_has_tick(HVT_EVENT_ENTER));
	cr_assert(hvt_shape_has_tick(HVT_EVENT_LEAVE));
}
