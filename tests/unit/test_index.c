/* SPDX-License-Identifier: MIT */
/* Lists of segments as payloads, and the two-level search through them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "rng.h"

static struct rng rng;

static void set_up(void)
{
	rng_init(&rng);
}

TestSuite(index, .init = set_up);

static void fill(struct hvt_index *index, size_t count)
{
	struct hvt_index_entry e = { 0 };

	for (size_t i = 0; i < count; i++) {
		e.offset += 1 + rng_below(&rng, 1u << 20);
		e.first += rng_below(&rng, 1000);
		e.exits += rng_below(&rng, 1000);
		e.first_tick = rng_any(&rng);
		e.threads = rng_next(&rng);
		cr_assert_eq(hvt_index_add(index, &e), 0);
	}
}

Test(index, comes_back_as_it_was)
{
	for (size_t count = 0; count < 3000; count = 2 * count + 1) {
		struct hvt_index index = { 0 }, got = { 0 };
		uint8_t *payload;
		size_t size;

		fill(&index, count);
		payload = hvt_index_encode(&index, &size);
		cr_assert_eq(size, count * HVT_INDEX_ENTRY);
		cr_assert_eq(hvt_index_decode(&got, payload, size), 0);
		cr_assert_eq(got.count, count);
		if (count)
			cr_assert_eq(memcmp(got.entries, index.entries,
					count * sizeof(got.entries[0])), 0);
		free(payload);
		hvt_index_fini(&index);
		hvt_index_fini(&got);
	}
}

Test(index, cut_short_is_refused)
{
	struct hvt_index index = { 0 };
	uint8_t *payload;
	size_t size;

	fill(&index, 5);
	payload = hvt_index_encode(&index, &size);
	for (size_t cut = 0; cut < size; cut++) {
		struct hvt_index got = { 0 };

		cr_assert_eq(hvt_index_decode(&got, payload, cut),
				cut % HVT_INDEX_ENTRY ? -EBADMSG : 0);
		hvt_index_fini(&got);
	}
	free(payload);
	hvt_index_fini(&index);
}

/* One field of the entry in the middle is set back behind that before it. */
static int decode_with(unsigned field, uint64_t back)
{
	struct hvt_index index = { 0 }, got = { 0 };
	uint8_t *payload, *p;
	size_t size;
	int err;

	fill(&index, 5);
	payload = hvt_index_encode(&index, &size);
	p = payload + 2 * HVT_INDEX_ENTRY + 8 * field;
	hvt_put64(p, hvt_get64(p - HVT_INDEX_ENTRY) - back);
	err = hvt_index_decode(&got, payload, size);
	free(payload);
	hvt_index_fini(&index);
	hvt_index_fini(&got);
	return err;
}

Test(index, out_of_order_is_refused)
{
	cr_assert_eq(decode_with(0, 0), -EBADMSG, "two at one offset");
	cr_assert_eq(decode_with(0, 1), -EBADMSG);
	cr_assert_eq(decode_with(1, 0), 0);
	cr_assert_eq(decode_with(1, 1), -EBADMSG);
	cr_assert_eq(decode_with(2, 0), 0);
	cr_assert_eq(decode_with(2, 1), -EBADMSG);
}
