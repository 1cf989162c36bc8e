/* SPDX-License-Identifier: MIT */
/* Map changes at random, against a table of pages. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest/mapped.h"
#include "rng.h"

#define PAGES 64u
#define PAGE  0x4000ull
#define IPA   0x40000000ull

static struct hvt_mapped mapped;

static void tear_down(void)
{
	hvt_mapped_fini(&mapped);
}

TestSuite(mapped, .fini = tear_down, .timeout = 60);

static int note(uint32_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct hvt_event e = { .call = call, .values = { a, b, c, d } };

	return hvt_mapped_note(&mapped, &e);
}

static struct page {
	uint64_t addr, flags; /* 0: not mapped */
} table[PAGES];

static void map(unsigned first, unsigned count, uint64_t addr, uint64_t flags)
{
	cr_assert_eq(note(HVT_CALL_HV_VM_MAP, addr, IPA + first * PAGE,
			count * PAGE, flags), 0);
	for (unsigned i = 0; i < count; i++)
		table[first + i] = (struct page){ addr + i * PAGE, flags };
}

static bool is_free(unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (table[first + i].flags)
			return false;
	return true;
}

static void change(unsigned first, unsigned count, uint64_t flags)
{
	cr_assert_eq(note(flags ? HVT_CALL_HV_VM_PROTECT : HVT_CALL_HV_VM_UNMAP,
			IPA + first * PAGE, count * PAGE, flags, 0), 0);
	for (unsigned i = 0; i < count; i++)
		if (table[first + i].flags)
			table[first + i].flags = flags;
}

static struct page found[PAGES];

static int find_pages(const struct hvt_mapped_piece *p, void *unused)
{
	(void)unused;
	for (uint64_t at = 0; at < p->size; at += PAGE) {
		struct page *one = &found[(p->ipa - IPA + at) / PAGE];

		cr_assert_eq(one->flags, 0);
		*one = (struct page){ p->addr + at, p->flags };
	}
	return 0;
}

static void compare(void)
{
	memset(found, 0, sizeof(found));
	cr_assert_eq(hvt_mapped_each(&mapped, find_pages, NULL), 0);
	for (unsigned i = 0; i < PAGES; i++) {
		cr_assert_eq(found[i].flags, table[i].flags);
		cr_assert(!found[i].flags || found[i].addr == table[i].addr);
	}
}

Test(mapped, is_what_the_changes_come_to)
{
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < 5000; i++) {
		unsigned first = (unsigned)rng_below(&r, PAGES);
		unsigned count = 1 + (unsigned)rng_below(&r, PAGES - first);

		if (rng_below(&r, 2) && is_free(first, count))
			map(first, count, (1 + rng_below(&r, 99)) << 32,
					1 + rng_below(&r, 7));
		else
			change(first, 1 + count / 4, rng_below(&r, 3));
		compare();
	}
	cr_assert_eq(note(HVT_CALL_HV_VM_DESTROY, 0, 0, 0, 0), 0);
	memset(table, 0, sizeof(table));
	compare();
}

Test(mapped, refuses_what_is_no_range)
{
	cr_assert_eq(note(HVT_CALL_HV_VM_MAP, 0, IPA, 0, 1), -EBADMSG);
	cr_assert_eq(note(HVT_CALL_HV_VM_MAP, 0, IPA, UINT64_MAX, 1), -EBADMSG);
	cr_assert_eq(note(HVT_CALL_HV_VM_UNMAP, IPA, UINT64_MAX, 0, 0), -EBADMSG);
	cr_assert_eq(note(HVT_CALL_HV_VM_PROTECT, UINT64_MAX, 2, 1, 0), -EBADMSG);
}

static int count(const struct hvt_mapped_piece *p, void *context)
{
	(void)p;
	++*(unsigned *)context;
	return 0;
}

/* Going through all pieces at each change would take the square of this. */
Test(mapped, takes_as_many_changes_as_a_trace_may_have)
{
	const unsigned many = 200000;
	unsigned there = 0;

	for (unsigned i = 0; i < many; i++)
		cr_assert_eq(note(HVT_CALL_HV_VM_MAP, (i + 1) * 2 * PAGE,
				IPA + i * PAGE, PAGE, 1), 0);
	for (unsigned i = 0; i < many; i += 2)
		cr_assert_eq(note(HVT_CALL_HV_VM_UNMAP, IPA + i * PAGE, PAGE, 0,
				0), 0);
	cr_assert_eq(hvt_mapped_each(&mapped, count, &there), 0);
	cr_assert_eq(there, many / 2);
}
