/* SPDX-License-Identifier: MIT */
/* Rows put side by side. */
#include <criterion/criterion.h>
#include <string.h>

#include "look/align.h"
#include "rng.h"

/* "=", "a", "b" for each step. */
static const char *steps_of(const char *a, const char *b)
{
	static char text[2 * ALIGN_MAX + 1];
	uint8_t steps[2 * ALIGN_MAX];
	uint64_t x[ALIGN_MAX], y[ALIGN_MAX];
	unsigned n;

	for (size_t i = 0; a[i]; i++)
		x[i] = (unsigned char)a[i];
	for (size_t i = 0; b[i]; i++)
		y[i] = (unsigned char)b[i];
	n = align(x, (unsigned)strlen(a), y, (unsigned)strlen(b), steps);
	for (unsigned i = 0; i < n; i++)
		text[i] = "=ab"[steps[i]];
	text[n] = 0;
	return text;
}

Test(align, finds_what_is_in_both)
{
	cr_assert_str_eq(steps_of("", ""), "");
	cr_assert_str_eq(steps_of("abc", "abc"), "===");
	cr_assert_str_eq(steps_of("abc", ""), "aaa");
	cr_assert_str_eq(steps_of("", "ab"), "bb");
	cr_assert_str_eq(steps_of("axc", "ayc"), "=ab=");
	cr_assert_str_eq(steps_of("abcd", "acbd"), "=a=b=");
	cr_assert_str_eq(steps_of("abc", "xabc"), "b===");
}

/* Played back, the steps give both rows. */
Test(align, makes_one_row_of_the_other)
{
	struct rng r;

	rng_init(&r);
	for (unsigned round = 0; round < 50; round++) {
		uint64_t a[ALIGN_MAX], b[ALIGN_MAX];
		uint8_t steps[2 * ALIGN_MAX];
		unsigned na = (unsigned)rng_below(&r, ALIGN_MAX + 1);
		unsigned nb = (unsigned)rng_below(&r, ALIGN_MAX + 1);
		unsigned i = 0, j = 0, n;

		for (unsigned k = 0; k < ALIGN_MAX; k++) {
			a[k] = rng_below(&r, 4);
			b[k] = rng_below(&r, 4);
		}
		n = align(a, na, b, nb, steps);
		for (unsigned k = 0; k < n; k++) {
			if (steps[k] == ALIGN_BOTH)
				cr_assert_eq(a[i], b[j]);
			i += steps[k] != ALIGN_B;
			j += steps[k] != ALIGN_A;
		}
		cr_assert_eq(i, na);
		cr_assert_eq(j, nb);
	}
}
