/* SPDX-License-Identifier: MIT */
/* Heads, payloads and tails: every bit of them counts. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "rng.h"
#include "segment.h"

static struct hvt_packer *packer;
static struct rng rng;

static void set_up(void)
{
	rng_init(&rng);
	packer = hvt_packer_create();
	cr_assert_not_null(packer);
}

static void tear_down(void)
{
	hvt_packer_destroy(packer);
}

TestSuite(segment, .init = set_up, .fini = tear_down);

static struct hvt_head random_head(void)
{
	struct hvt_head h = {
		.version = HVT_FORMAT_VERSION,
		.type = HVT_SEGMENT_EVENTS,
		.ordinal = rng_any(&rng),
		.first = rng_any(&rng) >> 1,
		.count = rng_below(&rng, HVT_SEGMENT_EVENTS_MAX + 1),
		.first_tick = rng_any(&rng),
		.last_tick = rng_any(&rng),
		.exits = rng_any(&rng),
		.stall = rng_any(&rng),
		.chain = rng_next(&rng),
		.threads = rng_next(&rng),
	};

	rng_bytes(&rng, h.id, sizeof(h.id));
	return h;
}

/* Packs random bytes, half of them repeating; the segment is to free. */
static uint8_t *pack(struct hvt_head *h, uint8_t *raw, size_t size,
		size_t *packed)
{
	struct hvt_payload payload = { .bytes = raw, .size = size };
	const uint8_t *bytes;
	uint8_t *copy;

	rng_bytes(&rng, raw, size / 2);
	memset(raw + size / 2, 'x', size - size / 2);
	while (payload.parts < 1 + rng_below(&rng, HVT_PARTS_MAX - 1)) {
		size_t last = payload.parts ? payload.ends[payload.parts - 1]
					    : 0;

		payload.ends[payload.parts++] =
				last + rng_below(&rng, size - last + 1);
	}
	payload.ends[payload.parts - 1] = size;
	cr_assert_eq(hvt_packer_pack(packer, h, &payload, &bytes, packed), 0);
	cr_assert_eq(h->raw, size);
	cr_assert_eq(hvt_segment_size(h), *packed);
	copy = malloc(*packed);
	memcpy(copy, bytes, *packed);
	return copy;
}

Test(segment, comes_back_with_its_head_and_payload)
{
	static uint8_t raw[100000], out[100000];

	for (int i = 0; i < 300; i++) {
		struct hvt_head h = random_head(), got;
		size_t size = rng_below(&rng, i % 2 ? 100 : sizeof(raw)), n;
		uint8_t *bytes = pack(&h, raw, size, &n);

		cr_assert_eq(hvt_head_decode(bytes, &got), 0);
		cr_assert_eq(memcmp(&h, &got, sizeof(h)), 0);
		cr_assert_eq(hvt_segment_unpack(&got, bytes + HVT_HEAD_SIZE,
						out), 0);
		cr_assert_eq(memcmp(raw, out, size), 0);
		free(bytes);
	}
}

Test(segment, is_made_of_frames_that_zstd_passes_over_or_reads)
{
	static uint8_t raw[5000], out[5000];
	struct hvt_head h = random_head();
	size_t n;
	uint8_t *bytes = pack(&h, raw, sizeof(raw), &n);

	cr_assert_eq(ZSTD_decompress(out, sizeof(out), bytes, n), sizeof(raw));
	cr_assert_eq(memcmp(raw, out, sizeof(raw)), 0);
	cr_assert_eq(ZSTD_getFrameContentSize(bytes + HVT_HEAD_SIZE, n),
			sizeof(raw));
	free(bytes);
}

Test(segment, notices_every_flipped_bit)
{
	static uint8_t raw[700], out[700];
	struct hvt_head h = random_head(), got;
	size_t n;
	uint8_t *bytes = pack(&h, raw, sizeof(raw), &n);

	for (size_t bit = 0; bit < 8 * n; bit++) {
		int err;

		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		err = hvt_head_decode(bytes, &got);
		if (bit < 8 * HVT_HEAD_SIZE) {
			bool magic = bit < 32 || (bit >= 64 && bit < 128);
			bool version = bit >= 128 && bit < 160;

			cr_assert_eq(err, magic ? -EINVAL
					: version ? -EPROTONOSUPPORT
						  : -EBADMSG, "bit %zu", bit);
		} else {
			cr_assert_eq(err, 0);
			/* Padding in a frame may change; the payload not. */
			err = hvt_segment_unpack(&got, bytes + HVT_HEAD_SIZE,
					out);
			cr_assert(err == -EBADMSG ||
					!memcmp(raw, out, sizeof(raw)),
					"bit %zu", bit);
			if (bit >= 8 * (n - HVT_TAIL_SIZE))
				cr_assert_eq(err, -EBADMSG);
		}
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	free(bytes);
}

Test(segment, of_another_place_in_the_chain_is_another)
{
	static uint8_t raw[700], out[700];
	struct hvt_head h = random_head();
	size_t n;
	uint8_t *bytes = pack(&h, raw, sizeof(raw), &n);

	h.chain++;
	cr_assert_eq(hvt_segment_unpack(&h, bytes + HVT_HEAD_SIZE, out),
			-EBADMSG);
	free(bytes);
}

static int decode_sealed(uint8_t *bytes)
{
	struct hvt_head got;

	hvt_put64(bytes + HVT_AT_HEAD_HASH,
			XXH3_64bits(bytes, HVT_AT_HEAD_HASH));
	return hvt_head_decode(bytes, &got);
}

Test(segment, with_a_head_that_is_sealed_but_absurd_is_refused)
{
	uint8_t raw[100], copy[HVT_HEAD_SIZE];
	struct hvt_head h = random_head();
	size_t n;
	uint8_t *bytes;
	static const struct {
		unsigned at;
		uint64_t good, bad;
	} fields[] = {
		{ HVT_AT_RAW, HVT_RAW_MAX, HVT_RAW_MAX + 1 },
		{ HVT_AT_PACKED, HVT_RAW_MAX, UINT32_MAX },
	};

	h.count = 0;
	bytes = pack(&h, raw, sizeof(raw), &n);
	cr_assert_eq(decode_sealed(bytes), 0, "these tests can seal");
	for (size_t i = 0; i < 2; i++) {
		memcpy(copy, bytes, sizeof(copy));
		hvt_put32(copy + fields[i].at, (uint32_t)fields[i].good);
		cr_assert_eq(decode_sealed(copy), 0);
		hvt_put32(copy + fields[i].at, (uint32_t)fields[i].bad);
		cr_assert_eq(decode_sealed(copy), -EBADMSG);
	}
	memcpy(copy, bytes, sizeof(copy));
	hvt_put64(copy + HVT_AT_COUNT, HVT_SEGMENT_EVENTS_MAX);
	cr_assert_eq(decode_sealed(copy), 0);
	hvt_put64(copy + HVT_AT_COUNT, HVT_SEGMENT_EVENTS_MAX + 1);
	cr_assert_eq(decode_sealed(copy), -EBADMSG);
	hvt_put64(copy + HVT_AT_COUNT, 2);
	hvt_put64(copy + HVT_AT_FIRST, UINT64_MAX - 1);
	cr_assert_eq(decode_sealed(copy), -EBADMSG, "numbers would wrap");
	memcpy(copy, bytes, sizeof(copy));
	hvt_put32(copy + HVT_AT_TYPE, 0);
	cr_assert_eq(decode_sealed(copy), -EBADMSG);
	hvt_put32(copy + HVT_AT_TYPE, 99);
	cr_assert_eq(decode_sealed(copy), 0, "types may be added");
	hvt_put32(copy + HVT_AT_FRAME_SIZE, HVT_HEAD_SIZE);
	cr_assert_eq(decode_sealed(copy), -EBADMSG);
	free(bytes);
}
