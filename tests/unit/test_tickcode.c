/* SPDX-License-Identifier: MIT */
/* Times, rounded: how far off, and never backwards. */
#include <criterion/criterion.h>

#include "rng.h"
#include "tickcode.h"

/* Encodes and decodes: what a reader gets for tick. */
static uint64_t through(uint64_t tick, uint64_t limit, uint64_t *last,
		size_t *size)
{
	uint8_t bytes[HVT_TICK_MAX];
	uint64_t before = *last, delta;
	uint8_t *end = hvt_put_tick(bytes, tick, limit, last);
	struct hvt_input in = { bytes, end };

	*size = (size_t)(end - bytes);
	cr_assert_leq(*size, sizeof(bytes));
	for (in.end = bytes; in.end < end; in.end++) {
		in.p = bytes;
		cr_assert_not(hvt_get_tick(&in, &delta), "cut short");
	}
	in.p = bytes;
	cr_assert(hvt_get_tick(&in, &delta));
	cr_assert_eq(in.p, end);
	cr_assert_eq(before + delta, *last, "both have the same");
	return *last;
}

static void check_error(uint64_t gap)
{
	uint64_t last = 1000, tick = last + gap, got;
	size_t size;

	got = through(tick, UINT64_MAX, &last, &size);
	cr_assert_leq((got > tick ? got - tick : tick - got) * 16, gap,
			"gap %llu", (unsigned long long)gap);
	if (gap < 16)
		cr_assert_eq(got, tick);
	if (size == 1)
		cr_assert_lt(gap, 16ull << 30);
	else
		cr_assert_eq(got, tick, "an escape is exact");
}

Test(tickcode, is_off_by_a_sixteenth_at_most)
{
	struct rng r;

	for (uint64_t gap = 0; gap < 1 << 16; gap++)
		check_error(gap);
	for (unsigned bit = 16; bit < 63; bit++)
		for (int d = -2; d <= 2; d++)
			check_error((1ull << bit) + (uint64_t)d);
	rng_init(&r);
	for (unsigned i = 0; i < 1000000; i++)
		check_error(rng_any(&r) >> 1);
}

Test(tickcode, takes_a_byte_for_up_to_15_times_2_to_the_30)
{
	size_t size;

	for (uint64_t gap = 0; gap <= 15ull << 29; gap = gap * 9 / 8 + 1) {
		uint64_t last = 0;

		through(gap, UINT64_MAX, &last, &size);
		cr_assert_eq(size, 1);
	}
}

Test(tickcode, does_not_add_errors_up)
{
	uint64_t tick = 0, last = 0, gap;
	struct rng r;
	size_t size;

	rng_init(&r);
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t before = last;

		tick += rng_below(&r, 1u << rng_below(&r, 24));
		through(tick, UINT64_MAX, &last, &size);
		cr_assert_geq(last, before, "never backwards");
		gap = tick > before ? tick - before : 0;
		/* Behind a rounding up there may be less than it to tell. */
		cr_assert_leq(last > tick ? last - tick : tick - last,
				gap / 16 + (before > tick ? before - tick : 0));
	}
}

Test(tickcode, never_goes_beyond_the_limit)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t last = rng_below(&r, 1000);
		uint64_t tick = last + (rng_any(&r) >> 2);
		uint64_t limit = tick + (rng_bool(&r) ? 0 : rng_any(&r) >> 2);
		size_t size;

		cr_assert_leq(through(tick, limit, &last, &size), limit);
	}
}

Test(tickcode, says_nothing_for_a_time_that_goes_back)
{
	uint64_t last = 500;
	size_t size;

	cr_assert_eq(through(400, 500, &last, &size), 500);
	cr_assert_eq(size, 1);
}
