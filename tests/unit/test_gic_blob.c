/* SPDX-License-Identifier: MIT */
/* The form of a GIC's state on disk: hostile input when it comes back. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gic_image.h"
#include "rng.h"

static struct hvt_gic_image image, back;
static uint8_t *bytes;
static size_t size;
static struct rng rng;

static void random_group(struct hvt_gic_group *g)
{
	g->group1 = (uint32_t)rng_next(&rng);
	g->enabled = (uint32_t)rng_next(&rng);
	g->latched = (uint32_t)rng_next(&rng);
	g->active = (uint32_t)rng_next(&rng);
	g->lines = (uint32_t)rng_next(&rng);
	for (unsigned n = 0; n < 2; n++)
		g->config[n] = (uint32_t)rng_next(&rng) & 0xaaaaaaaa;
	for (unsigned n = 0; n < 32; n++)
		g->priority[n] = (uint8_t)(rng_next(&rng) & 0xf8);
}

static void random_image(uint64_t present)
{
	memset(&image, 0, sizeof(image));
	image.ctlr = 2;
	image.present = present;
	for (unsigned i = 0; i < HVT_SPI_GROUPS; i++)
		random_group(&image.spis[i]);
	for (unsigned i = 0; i < HVT_SPI_COUNT; i++)
		image.routes[i] = (uint32_t)rng_next(&rng) & 0xffffff;
	for (unsigned i = 0; i < HVT_VCPU_MAX; i++) {
		struct hvt_gic_group *g = &image.private[i];

		if (!(present >> i & 1))
			continue;
		random_group(g);
		g->lines &= 0xffff0000;
		g->config[0] = 0xaaaaaaaa;
		g->config[1] = 0;
	}
}

static void write_blob(void)
{
	size = hvt_gic_blob_size(
		(unsigned)__builtin_popcountll(image.present));
	free(bytes);
	bytes = malloc(size);
	hvt_gic_blob_write(&image, bytes);
}

static void set_up(void)
{
	rng_init(&rng);
	random_image(0x8000000000000105);
	write_blob();
}

static void tear_down(void)
{
	free(bytes);
}

TestSuite(gic_blob, .init = set_up, .fini = tear_down);

Test(gic_blob, comes_back_as_it_was_written)
{
	static const uint64_t presents[] = { 0, 1, 1ull << 63, UINT64_MAX };

	for (unsigned i = 0; i < 4; i++) {
		random_image(presents[i]);
		write_blob();
		cr_assert_eq(hvt_gic_blob_read(&back, bytes, size), 0);
		cr_assert_eq(memcmp(&back, &image, sizeof(image)), 0);
	}
}

Test(gic_blob, has_the_layout_that_is_documented)
{
	uint32_t word;

	cr_assert_eq(size, 5668 + 4 * 64);
	cr_assert_eq(memcmp(bytes, "HVGICv3\0\1\0\0\0", 12), 0);
	memcpy(&word, bytes + 12, 4);
	cr_assert_eq(word, size);
	memcpy(&word, bytes + 24, 4);
	cr_assert_eq(word, image.ctlr);
	memcpy(&word, bytes + 28 + 60, 4);
	cr_assert_eq(word, image.spis[1].group1);
	memcpy(&word, bytes + 1828 + 4 * 7, 4);
	cr_assert_eq(word, image.routes[7]);
	memcpy(&word, bytes + 5668 + 3 * 64, 4);
	cr_assert_eq(word, 63);
	cr_assert_eq(bytes[size - 1], image.private[63].priority[31]);
}

/* As others may have written one: it is read for good. */
Test(gic_blob, of_a_new_gic_is_what_it_has_been_since_version_1)
{
	uint64_t sum = 0xcbf29ce484222325;

	hvt_gic_image_reset(&image, 3);
	write_blob();
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	cr_assert_eq(sum, 0x1d8652542deb1b60);
}

Test(gic_blob, is_refused_if_any_byte_of_it_cannot_be)
{
	uint8_t *again = malloc(size);
	unsigned refused = 0;

	for (size_t i = 0; i < size; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1u << bit);
			if (hvt_gic_blob_read(&back, bytes, size)) {
				refused++;
			} else {
				/* Then it is what another GIC has. */
				hvt_gic_blob_write(&back, again);
				cr_assert_eq(memcmp(again, bytes, size), 0,
					"byte %zu", i);
			}
			bytes[i] ^= (uint8_t)(1u << bit);
		}
	}
	/* Header, reserved bits and the low bits of priorities at least. */
	cr_assert_gt(refused, 28 * 8 - 8 + 33 * 32 * 3);
	cr_assert_eq(hvt_gic_blob_read(&back, bytes, size), 0);
	free(again);
}

Test(gic_blob, is_refused_at_any_other_size)
{
	uint8_t *longer = calloc(1, size + 64);

	memcpy(longer, bytes, size);
	for (size_t n = 0; n < size + 64; n++) {
		/* Of just that size, so that reading on is noticed. */
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, longer, n);
		cr_assert_eq(hvt_gic_blob_read(&back, copy, n),
			n == size ? 0 : -EINVAL);
		/* A header that agrees does not help. */
		if (n >= 16) {
			memcpy(copy + 12, &(uint32_t){ (uint32_t)n }, 4);
			cr_assert_eq(hvt_gic_blob_read(&back, copy, n),
				n == size ? 0 : -EINVAL);
		}
		free(copy);
	}
	free(longer);
}

Test(gic_blob, names_each_redistributor_once_and_in_order)
{
	static const struct {
		uint32_t ids[4];
		int want;
	} rows[] = { { { 0, 2, 8, 63 }, 0 }, { { 0, 2, 8, 64 }, -EINVAL },
		{ { 0, 2, 2, 63 }, -EINVAL }, { { 0, 8, 2, 63 }, -EINVAL },
		{ { 2, 2, 8, 63 }, -EINVAL },
		{ { 0, 2, 8, UINT32_MAX }, -EINVAL } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned k = 0; k < 4; k++)
			memcpy(bytes + 5668 + 64 * k, &rows[i].ids[k], 4);
		cr_assert_eq(hvt_gic_blob_read(&back, bytes, size),
			rows[i].want, "%u", i);
	}
}

Test(gic_blob, of_random_bytes_is_refused_or_understood)
{
	uint8_t *again = malloc(size);

	for (unsigned n = 0; n < 20000; n++) {
		unsigned changes = 1 + (unsigned)(rng_next(&rng) % 8);

		write_blob();
		while (changes--)
			bytes[rng_next(&rng) % size] = (uint8_t)rng_next(&rng);
		if (hvt_gic_blob_read(&back, bytes, size))
			continue;
		hvt_gic_blob_write(&back, again);
		cr_assert_eq(memcmp(again, bytes, size), 0);
	}
	free(again);
}
