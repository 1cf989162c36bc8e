/* SPDX-License-Identifier: MIT */
/* What makes two calls the same: function and inputs, nothing else. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "events.h"

/* Is parameter i looked at? Said here once more. */
static bool counts(enum hvt_role role)
{
	return role == HVT_ROLE_IN || role == HVT_ROLE_OBJ ||
		role == HVT_ROLE_INBUF || role == HVT_ROLE_VEC;
}

Test(compare, finds_every_input_that_differs_and_no_output)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 20000; i++) {
		struct test_event a, b;
		const struct hvt_call_schema *s;
		int param;
		unsigned k;

		event_random(&r, &a);
		b = a;
		b.event.data = b.event.data_size ? b.bytes : NULL;
		cr_assert(hvt_compare(&a.event, &b.event, &param));
		s = hvt_call_schema(a.event.call);
		if (!s->param_count)
			continue;
		k = (unsigned)rng_below(&r, s->param_count);
		if (role_is_buffer(s->params[k].role) && b.event.data_size &&
			rng_bool(&r))
			b.bytes[rng_below(&r, b.event.data_size)] ^= 0x10;
		else
			b.event.values[k] ^= 1ull << rng_below(&r, 64);
		cr_assert_eq(hvt_compare(&a.event, &b.event, &param),
			!counts(s->params[k].role), "%s, %s", s->name,
			s->params[k].name);
		if (counts(s->params[k].role))
			cr_assert_eq(param, (int)k);
	}
}

Test(compare, looks_at_no_result_thread_or_time)
{
	struct test_event a, b;
	struct rng r;
	int param;

	rng_init(&r);
	event_random(&r, &a);
	b = a;
	b.event.data = b.event.data_size ? b.bytes : NULL;
	b.event.result ^= 5;
	b.event.thread ^= 3;
	b.event.tick ^= 9;
	b.event.number = 1234;
	cr_assert(hvt_compare(&a.event, &b.event, &param));
}

Test(compare, tells_another_function_from_another_input)
{
	struct hvt_event a = { .call = 2 }, b = { .call = 3 };
	int param = 7;

	cr_assert_not(hvt_compare(&a, &b, &param));
	cr_assert_eq(param, -1);
}
