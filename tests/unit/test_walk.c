/* SPDX-License-Identifier: MIT */
/*
 * Translation by the guest's tables: those that tests/support/stage1.c makes,
 * of every shape, and any others.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_engine.h"
#include "rng.h"
#include "stage1.h"
#include "walk.h"

#define SIZE     (4u << 20)
#define SCTLR_M  1ull
#define SCTLR_EE (1ull << 25)

static uint8_t *memory;
static struct rng rng;

static void set_up(void)
{
	rng_init(&rng);
	fake_engine_install();
	fake.max_ipa_bits = 52;
	memory = aligned_alloc(65536, SIZE);
	memset(memory, 0, SIZE);
}

TestSuite(walk, .init = set_up);

static void map_memory(uint64_t ipa)
{
	hv_vm_config_t config = hv_vm_config_create();

	cr_assert_eq(hv_vm_config_set_ipa_size(config, 52), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
	cr_assert_eq(hv_vm_map(memory, ipa, SIZE, HV_MEMORY_READ), HV_SUCCESS);
	os_release(config);
}

/* An address of the upper or lower half with s->va_bits bits. */
static uint64_t random_va(const struct stage1 *s, bool high)
{
	uint64_t va = rng_next(&rng) & ((1ull << s->va_bits) - 1);

	return high ? va | ~0ull << s->va_bits : va;
}

static struct hvt_stage1 registers(const struct stage1 *s, bool high)
{
	struct hvt_stage1 r = { .sctlr = SCTLR_M, .tcr = stage1_tcr(s, high) };

	if (s->big_endian)
		r.sctlr |= SCTLR_EE;
	if (high)
		r.ttbr1 = stage1_ttbr(s) | 0x1234ull << 48;
	else
		r.ttbr0 = stage1_ttbr(s) | 0x1234ull << 48;
	return r;
}

/* Anywhere in a page that it is aligned for: small ones share a page. */
static void place_first(struct stage1 *s)
{
	size_t size = stage1_first_size(s);
	size_t page = (size_t)1 << stage1_shift(s->granule, 3);

	s->first = rng_below(&rng, page / size) * size;
}

/* One mapping in fresh tables, and the addresses around it. */
static void one(struct stage1 *s, int level, bool high)
{
	unsigned low = stage1_shift(s->granule, level);
	unsigned out_bits = s->wide ? 52 : 48;
	uint64_t va = random_va(s, high) >> low << low, got;
	uint64_t ipa = (rng_next(&rng) & ((1ull << out_bits) - 1)) >> low << low;
	uint64_t offset = rng_next(&rng) & ((1ull << low) - 1);
	struct hvt_stage1 r;

	place_first(s);
	r = registers(s, high);
	s->used = 0;
	cr_assert(stage1_map(s, va, ipa, level,
		(rng_next(&rng) & 0x07f0000000000c00ull) | (s->wide ? 0 : 0xfc)));
	cr_assert_eq(hvt_walk(&r, va + offset, &got), 0,
		"granule %u, %u bits, level %d, va %llx", s->granule,
		s->va_bits, level, (unsigned long long)va);
	cr_assert_eq(got, ipa + offset);
	/* Next to it there is nothing. */
	if (s->va_bits > low)
		cr_assert_eq(hvt_walk(&r, va ^ 1ull << low, &got), -EFAULT);
	/* Nor in the other half, nor where bits are too many. */
	cr_assert_neq(hvt_walk(&r, ~va, &got), 0);
	if (s->va_bits < 55)
		cr_assert_eq(hvt_walk(&r, va ^ 1ull << 54, &got), -EFAULT);
	cr_assert_eq(hvt_walk(&r, va ^ 1ull << 60, &got), -EFAULT);
	/* But for a tag, where they are ignored. */
	r.tcr |= high ? 1ull << 38 : 1ull << 37;
	cr_assert_eq(hvt_walk(&r, (va + offset) ^ 0x5aull << 56, &got), 0);
	cr_assert_eq(got, ipa + offset);
	/* Walks may be switched off. */
	r.tcr |= high ? 1ull << 23 : 1ull << 7;
	cr_assert_eq(hvt_walk(&r, va + offset, &got), -EFAULT);
}

Test(walk, translates_by_tables_of_every_shape)
{
	unsigned done = 0;
	uint64_t ipa = 1ull << 40;

	map_memory(ipa);
	for (unsigned shape = 0; shape < 3 * 40 * 8; shape++) {
		struct stage1 s = { .granule = shape % 3,
			.va_bits = 16 + shape / 3 % 40,
			.wide = shape / 120 & 1,
			.big_endian = shape / 240 & 1,
			.memory = memory, .ipa = ipa, .size = SIZE };
		bool high = shape / 480;
		unsigned least = s.granule == STAGE1_64K ? 17 : 16;

		if (s.va_bits < least || s.va_bits > (s.wide ||
				s.granule == STAGE1_64K ? 52 : 48))
			continue;
		for (int level = stage1_first_level(&s); level <= 3; level++) {
			if (!stage1_has_leaf(&s, level))
				continue;
			memset(memory, 0, SIZE);
			one(&s, level, high);
			done++;
		}
	}
	cr_assert_gt(done, 1000);
}

Test(walk, finds_tables_above_48_bits)
{
	uint64_t ipa = 0xb000000000000ull + SIZE;

	map_memory(ipa);
	for (unsigned granule = 0; granule < 3; granule++)
		for (unsigned va_bits = 30; va_bits <= 52; va_bits++) {
			struct stage1 s = { .granule = granule,
				.va_bits = va_bits, .wide = true,
				.memory = memory, .ipa = ipa, .size = SIZE };

			memset(memory, 0, SIZE);
			one(&s, 3, va_bits & 1);
		}
}

Test(walk, is_no_walk_with_the_mmu_off)
{
	struct hvt_stage1 r = { .tcr = 16, .ttbr0 = 0x1000 };
	uint64_t ipa;

	cr_assert_eq(hvt_walk(&r, 0x123456789abc, &ipa), 0);
	cr_assert_eq(ipa, 0x123456789abc);
}

Test(walk, tells_which_entry_lies_where_nothing_is)
{
	struct stage1 s = { .granule = STAGE1_4K, .va_bits = 39,
		.memory = memory, .ipa = 1ull << 40, .size = SIZE };
	struct hvt_stage1 r = registers(&s, false);
	uint64_t ipa = 0, missing = 0x7700000003;

	map_memory(s.ipa);
	cr_assert(stage1_map(&s, 0x1234567000, 0, 3, 0));
	/* The first table points into the void: level 2, index 0x1a2. */
	memcpy(memory + (0x1234567000 >> 30) * 8, &missing, 8);
	cr_assert_eq(hvt_walk(&r, 0x1234567000, &ipa), -ENXIO);
	cr_assert_eq(ipa, 0x7700000000 + (0x1234567000 >> 21 & 511) * 8);
	r.ttbr0 = 0x5500000000;
	cr_assert_eq(hvt_walk(&r, 0x1234567000, &ipa), -ENXIO);
	cr_assert_eq(ipa, 0x5500000000 + (0x1234567000 >> 30) * 8);
}

Test(walk, ends_whatever_the_guest_has_written)
{
	unsigned ok = 0, rounds = test_scale(300000, 10000000);

	map_memory(0);
	rng_bytes(&rng, memory, SIZE);
	for (unsigned i = 0; i < rounds; i++) {
		struct hvt_stage1 r = { rng_any(&rng) | SCTLR_M, rng_any(&rng),
			rng_any(&rng), rng_any(&rng) };
		uint64_t ipa = 1ull << 63;
		int err;

		/* Half of the descriptors are pointers into the memory. */
		if (i % 64 == 0)
			for (unsigned n = 0; n < 512; n++) {
				uint64_t entry = rng_below(&rng, SIZE) | 3;

				memcpy(memory + rng_below(&rng, SIZE / 8) * 8,
					&entry, 8);
			}
		r.ttbr0 %= SIZE;
		r.ttbr1 %= SIZE;
		err = hvt_walk(&r, rng_bool(&rng) ? rng_any(&rng)
						  : ~rng_any(&rng), &ipa);
		cr_assert(err == 0 || err == -EFAULT || err == -ENXIO);
		cr_assert(err == -EFAULT || ipa < 1ull << 53);
		ok += !err;
	}
	cr_assert_gt(ok, 0);
}

Test(walk, takes_signatures_off)
{
	/* 39 bits below, 48 above, no tags. */
	const uint64_t tcr = 25 | 16ull << 16 | 2ull << 30;

	cr_assert_eq(hvt_walk_unsigned(tcr, 0x7a5f123456789abc & ~(1ull << 55)),
		0x3456789abc);
	cr_assert_eq(hvt_walk_unsigned(tcr, 0x12f5800012345678),
		0xffff800012345678);
	/* With tags bits 63:56 are not of the signature. */
	cr_assert_eq(hvt_walk_unsigned(tcr | 1ull << 37, 0x7a5f003456789abc),
		0x7a00003456789abc);
	cr_assert_eq(hvt_walk_unsigned(tcr | 1ull << 38, 0x12f5800012345678),
		0x12ff800012345678);
}
