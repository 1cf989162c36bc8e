/* SPDX-License-Identifier: MIT */
/* Buckets of a sixteenth of a power of two, and what is told from them. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "look/histogram.h"
#include "rng.h"

static struct histogram *make(void)
{
	struct histogram *h = calloc(1, sizeof(*h));

	cr_assert(h);
	return h;
}

Test(histogram, has_buckets_without_gap_or_overlap)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		cr_assert_eq(histogram_bucket(histogram_low(i)), i);
	for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++)
		cr_assert_eq(histogram_bucket(histogram_low(i) - 1), i - 1);
	cr_assert_eq(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
	cr_assert_eq(histogram_bucket(0), 0);
}

Test(histogram, is_exact_below_sixteen)
{
	struct histogram *h = make();

	for (uint64_t v = 0; v < 16; v++)
		histogram_add(h, v);
	for (uint64_t v = 0; v < 16; v++)
		cr_assert_eq(histogram_quantile(h, (double)(v + 1) / 16), v);
	free(h);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

Test(histogram, tells_quantiles_within_a_sixteenth)
{
	static const double shares[] = { 0.01, 0.5, 0.9, 0.99, 0.999, 1 };
	static uint64_t values[10000];
	struct histogram *h = make();
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 10000; i++) {
		values[i] = rng_next(&r) >> rng_below(&r, 64);
		histogram_add(h, values[i]);
	}
	qsort(values, 10000, sizeof(values[0]), by_value);
	for (unsigned i = 0; i < 6; i++) {
		uint64_t want = values[(unsigned)(shares[i] * 10000) - 1];
		uint64_t got = histogram_quantile(h, shares[i]);

		cr_assert_geq(got, want);
		cr_assert_leq(got - want, want / 16, "%f: %lu for %lu",
			shares[i], got, want);
	}
	cr_assert_eq(histogram_quantile(h, 1), values[9999]);
	cr_assert_eq(h->min, values[0]);
	free(h);
}

Test(histogram, of_nothing_is_all_zero)
{
	struct histogram *h = make();

	cr_assert_eq(histogram_quantile(h, 0.5), 0);
	cr_assert_eq(histogram_quantile(h, 1), 0);
	cr_assert_eq(histogram_mean(h), 0);
	free(h);
}

Test(histogram, merged_is_that_of_all_values)
{
	struct histogram *a = make(), *b = make(), *all = make();
	struct histogram *none = make();
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t v = rng_below(&r, 1000000);

		histogram_add(i % 3 ? a : b, v);
		histogram_add(all, v);
	}
	histogram_merge(a, b);
	cr_assert_arr_eq(a, all, sizeof(*a));
	histogram_merge(a, none);
	cr_assert_arr_eq(a, all, sizeof(*a));
	cr_assert_float_eq(histogram_mean(a), (double)a->sum / 1000, 1e-9);
	free(a);
	free(b);
	free(all);
	free(none);
}
