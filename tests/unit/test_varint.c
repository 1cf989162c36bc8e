/* SPDX-License-Identifier: MIT */
/* Integers of variable length: all there and back, and all that is none. */
#include <criterion/criterion.h>
#include <string.h>

#include "rng.h"
#include "varint.h"

static bool get(const uint8_t *p, size_t size, uint64_t *v, size_t *used)
{
	struct hvt_input in = { p, p + size };
	bool ok = hvt_get_varint(&in, v);

	*used = (size_t)(in.p - p);
	return ok;
}

Test(varint, comes_back_whatever_it_is)
{
	uint8_t bytes[HVT_VARINT_MAX + 1];
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t v = i < 1000 ? i : i < 1064 ? 1ull << (i - 1000)
				     : i < 1128 ? (2ull << (i - 1064)) - 1
						: rng_any(&r);
		size_t size = (size_t)(hvt_put_varint(bytes, v) - bytes);
		size_t used;
		uint64_t got;

		cr_assert_leq(size, HVT_VARINT_MAX);
		cr_assert(get(bytes, sizeof(bytes), &got, &used));
		cr_assert_eq(got, v);
		cr_assert_eq(used, size);
		for (size_t cut = 0; cut < size; cut++)
			cr_assert_not(get(bytes, cut, &got, &used));
		cr_assert_eq(hvt_unzigzag(hvt_zigzag(v)), v);
	}
}

Test(varint, of_more_than_64_bits_is_refused)
{
	uint8_t bytes[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 1, 0 };
	uint64_t v;
	size_t used;

	cr_assert(get(bytes, sizeof(bytes), &v, &used));
	cr_assert_eq(v, UINT64_MAX);
	for (unsigned top = 2; top < 256; top++) {
		bytes[9] = (uint8_t)top;
		cr_assert_not(get(bytes, sizeof(bytes), &v, &used));
	}
	memset(bytes, 0x80, 10);
	cr_assert_not(get(bytes, sizeof(bytes), &v, &used));
}

Test(varint, zigzag_keeps_small_differences_small)
{
	cr_assert_eq(hvt_zigzag(0), 0);
	cr_assert_eq(hvt_zigzag(UINT64_MAX), 1);
	cr_assert_eq(hvt_zigzag(1), 2);
	cr_assert_eq(hvt_zigzag(UINT64_MAX - 1), 3);
	cr_assert_eq(hvt_zigzag(1ull << 63), UINT64_MAX);
}
