/* SPDX-License-Identifier: MIT */
/* The tree of regions against an array, and how deep it gets. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "region_map.h"
#include "rng.h"

#define PAGE 0x1000ull
#define MANY 100000u

static struct hvt_region_map map;

static struct hvt_region *region(uint64_t page, uint64_t pages)
{
	struct hvt_region *r = calloc(1, sizeof(*r));

	cr_assert(r);
	r->ipa = page * PAGE;
	r->size = pages * PAGE;
	r->host = (uint8_t *)(uintptr_t)(0x100000000 + r->ipa);
	r->slot = HVT_NO_SLOT;
	return r;
}

static void clear(void)
{
	hvt_region_map_clear(&map);
}

TestSuite(region_map, .fini = clear);

static unsigned depth(const struct hvt_region *r)
{
	unsigned left, right;

	if (!r)
		return 0;
	left = depth(r->left);
	right = depth(r->right);
	return 1 + (left > right ? left : right);
}

/* A thing of which each page may be the start, of one to three pages. */
#define PAGES 64u

static void check_against(struct hvt_region *const at[PAGES + 3])
{
	const struct hvt_region *before = NULL, *next;
	size_t joins = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		next = NULL;
		for (unsigned n = i; n < PAGES && !next; n++)
			next = at[n];
		cr_assert_eq(hvt_region_find(&map, i * PAGE), next);
		cr_assert_eq(hvt_region_find(&map, i * PAGE + 8), next);
		cr_assert_eq(hvt_region_before(&map, i * PAGE), before);
		joins += at[i] && before && at[i] != before &&
			hvt_region_end(before) == at[i]->ipa;
		before = at[i] ? at[i] : before;
	}
	cr_assert_eq(map.joins, joins);
}

Test(region_map, finds_what_an_array_has)
{
	struct hvt_region *at[PAGES + 3] = { NULL };
	struct rng rng;

	rng_init(&rng);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned page = (unsigned)rng_below(&rng, PAGES - 3), size = 1;
		struct hvt_region *r = at[page];

		while (!at[page + size] && size < 3 && rng_bool(&rng))
			size++;
		if (r) {
			hvt_region_erase(&map, r);
			size = (unsigned)(r->size / PAGE);
			page = (unsigned)(r->ipa / PAGE);
			free(r);
			r = NULL;
		} else {
			r = region(page, size);
			hvt_region_insert(&map, r);
		}
		for (unsigned n = 0; n < size; n++)
			at[page + n] = r;
		check_against(at);
	}
}

Test(region_map, joins_what_goes_on_in_guest_and_host_with_the_same_flags)
{
	struct hvt_region *a = region(1, 2), *b = region(3, 1);

	cr_assert(hvt_region_joins(a, b));
	cr_assert_not(hvt_region_joins(b, a));
	cr_assert_not(hvt_region_joins(a, NULL));
	cr_assert_not(hvt_region_joins(NULL, b));
	b->flags = HV_MEMORY_READ;
	cr_assert_not(hvt_region_joins(a, b));
	a->flags = HV_MEMORY_READ;
	cr_assert(hvt_region_joins(a, b));
	b->host += PAGE;
	cr_assert_not(hvt_region_joins(a, b));
	b->host -= PAGE;
	b->ipa += PAGE;
	cr_assert_not(hvt_region_joins(a, b));
	free(a);
	free(b);
}

/* Odd steps go through all numbers below a power of two once. */
static uint64_t nth(unsigned order, unsigned i)
{
	switch (order) {
	case 0:
		return i;
	case 1:
		return MANY - 1 - i;
	default:
		return (uint64_t)i * 0x9e3779b1u % (1u << 17);
	}
}

Test(region_map, stays_shallow_in_whatever_order)
{
	for (unsigned order = 0; order < 3; order++) {
		for (unsigned i = 0; i < MANY; i++)
			hvt_region_insert(&map, region(2 * nth(order, i), 1));
		/* Twice the depth of a perfect one is 34. */
		cr_assert_leq(depth(map.root), 80);
		for (unsigned i = 0; i < MANY; i++) {
			struct hvt_region *r =
				hvt_region_find(&map, 2 * nth(order, i) * PAGE);

			cr_assert_eq(r->ipa, 2 * nth(order, i) * PAGE);
			hvt_region_erase(&map, r);
			free(r);
		}
		cr_assert_null(map.root);
	}
}
