/* SPDX-License-Identifier: MIT */
/* The table against an array that is searched. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "map.h"
#include "rng.h"

#define KEYS 20000u

Test(map, keeps_the_values_of_many_keys_as_it_grows)
{
	uint64_t *keys = calloc(KEYS, sizeof(*keys));
	struct hvt_map map = { 0 };
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < KEYS; i++) {
		uint64_t *value;

		/* Different in their upper halves only, in their lower, both. */
		keys[i] = i % 3 ? (uint64_t)i << (i % 3 * 16) : i;
		keys[i] ^= rng_bool(&r) ? 1ull << 62 : 0;
		value = hvt_map_at(&map, keys[i]);
		cr_assert_not_null(value);
		if (!*value)
			*value = i + 1;
		else
			cr_assert_eq(keys[*value - 1], keys[i]);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		uint64_t *value = hvt_map_at(&map, keys[i]);

		cr_assert_leq(*value, i + 1);
		cr_assert_eq(keys[*value - 1], keys[i]);
	}
	cr_assert_leq(map.count, KEYS);
	hvt_map_fini(&map);
	free(keys);
}

Test(map, begins_with_nought_and_again_when_cleared)
{
	struct hvt_map map = { 0 };

	hvt_map_clear(&map);
	for (int round = 0; round < 3; round++) {
		for (uint64_t key = 0; key < 3000; key++) {
			uint64_t *value = hvt_map_at(&map, key << 40);

			cr_assert_eq(*value, 0);
			*value = key + 1;
		}
		cr_assert_eq(map.count, 3000);
		hvt_map_clear(&map);
		cr_assert_eq(map.count, 0);
	}
	hvt_map_fini(&map);
	cr_assert_eq(map.capacity, 0);
}
