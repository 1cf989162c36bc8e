/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdbool.h>

#include "address_hash.h"

#define COUNT 4096u

TestSuite(address_hash, .timeout = 60);

/* Of random numbers 2589 places are taken, give or take 30. */
Test(address_hash, spreads_addresses_however_far_apart)
{
	for (unsigned shift = 12; shift <= 52; shift++) {
		bool taken[COUNT] = { false };
		unsigned places = 0;

		for (uint64_t n = 0; n < COUNT; n++) {
			bool *one = &taken[hvt_address_hash(n << shift) % COUNT];

			places += !*one;
			*one = true;
		}
		cr_assert_gt(places, 2200, "%u: %u", shift, places);
	}
}
