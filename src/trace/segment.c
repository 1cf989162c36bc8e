/* SPDX-License-Identifier: MIT */
/* Heads, compression and checksums. */
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Off the vCPU threads; above it a byte costs too much. */
#define LEVEL 3
/*
 * Of pages of guest memory: there are many of them at once, while a guest is
 * loaded. 1 takes little more than half the time of 3, and 8 % more room.
 */
#define LEVEL_OF_PAGES 1
#define BYTES_OF_PAGES 1024 /* an event of a segment has, where most are pages */

struct hvt_packer {
	ZSTD_CCtx *zstd;
	uint8_t *bytes;
	size_t capacity;
};

uint64_t hvt_segment_size(const struct hvt_head *head)
{
	return (uint64_t)HVT_HEAD_SIZE + head->packed + HVT_TAIL_SIZE;
}

static void head_encode(uint8_t *p, const struct hvt_head *h)
{
	hvt_put32(p + HVT_AT_FRAME, HVT_HEAD_FRAME);
	hvt_put32(p + HVT_AT_FRAME_SIZE, HVT_HEAD_SIZE - 8);
	for (unsigned i = 0; i < 8; i++)
		p[HVT_AT_MAGIC + i] = (uint8_t)HVT_MAGIC[i];
	hvt_put32(p + HVT_AT_VERSION, HVT_FORMAT_VERSION);
	hvt_put32(p + HVT_AT_TYPE, h->type);
	memcpy(p + HVT_AT_ID, h->id, 16);
	hvt_put64(p + HVT_AT_ORDINAL, h->ordinal);
	hvt_put64(p + HVT_AT_FIRST, h->first);
	hvt_put64(p + HVT_AT_COUNT, h->count);
	hvt_put64(p + HVT_AT_FIRST_TICK, h->first_tick);
	hvt_put64(p + HVT_AT_LAST_TICK, h->last_tick);
	hvt_put64(p + HVT_AT_EXITS, h->exits);
	hvt_put64(p + HVT_AT_STALL, h->stall);
	hvt_put32(p + HVT_AT_RAW, h->raw);
	hvt_put32(p + HVT_AT_PACKED, h->packed);
	hvt_put64(p + HVT_AT_HASH, h->hash);
	hvt_put64(p + HVT_AT_CHAIN, h->chain);
	hvt_put64(p + HVT_AT_THREADS, h->threads);
	hvt_put64(p + HVT_AT_HEAD_HASH, XXH3_64bits(p, HVT_AT_HEAD_HASH));
}

static bool is_sane(const struct hvt_head *h)
{
	return h->type >= HVT_SEGMENT_META && h->raw <= HVT_RAW_MAX &&
			h->packed <= ZSTD_compressBound(HVT_RAW_MAX) &&
			h->count <= HVT_SEGMENT_EVENTS_MAX &&
			h->first + h->count >= h->first;
}

int hvt_head_decode(const uint8_t p[HVT_HEAD_SIZE], struct hvt_head *h)
{
	*h = (struct hvt_head){ .version = hvt_get32(p + HVT_AT_VERSION) };
	if (hvt_get32(p + HVT_AT_FRAME) != HVT_HEAD_FRAME ||
			memcmp(p + HVT_AT_MAGIC, HVT_MAGIC, 8) != 0)
		return -EINVAL;
	if (h->version != HVT_FORMAT_VERSION)
		return -EPROTONOSUPPORT;
	if (hvt_get32(p + HVT_AT_FRAME_SIZE) != HVT_HEAD_SIZE - 8 ||
			XXH3_64bits(p, HVT_AT_HEAD_HASH) !=
				hvt_get64(p + HVT_AT_HEAD_HASH))
		return -EBADMSG;
	h->type = hvt_get32(p + HVT_AT_TYPE);
	memcpy(h->id, p + HVT_AT_ID, 16);
	h->ordinal = hvt_get64(p + HVT_AT_ORDINAL);
	h->first = hvt_get64(p + HVT_AT_FIRST);
	h->count = hvt_get64(p + HVT_AT_COUNT);
	h->first_tick = hvt_get64(p + HVT_AT_FIRST_TICK);
	h->last_tick = hvt_get64(p + HVT_AT_LAST_TICK);
	h->exits = hvt_get64(p + HVT_AT_EXITS);
	h->stall = hvt_get64(p + HVT_AT_STALL);
	h->raw = hvt_get32(p + HVT_AT_RAW);
	h->packed = hvt_get32(p + HVT_AT_PACKED);
	h->hash = hvt_get64(p + HVT_AT_HASH);
	h->chain = hvt_get64(p + HVT_AT_CHAIN);
	h->threads = hvt_get64(p + HVT_AT_THREADS);
	return is_sane(h) ? 0 : -EBADMSG;
}

struct hvt_packer *hvt_packer_create(void)
{
	struct hvt_packer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->zstd = ZSTD_createCCtx();
	if (!p->zstd) {
		free(p);
		return NULL;
	}
	return p;
}

void hvt_packer_destroy(struct hvt_packer *p)
{
	if (!p)
		return;
	ZSTD_freeCCtx(p->zstd);
	free(p->bytes);
	free(p);
}

static int level_of(const struct hvt_head *head, const struct hvt_payload *payload)
{
	bool pages = head->type == HVT_SEGMENT_EVENTS &&
			payload->size / BYTES_OF_PAGES > head->count;

	return pages ? LEVEL_OF_PAGES : LEVEL;
}

/* A block per part: each has symbol statistics of its own. */
static int compress(struct hvt_packer *p, const struct hvt_payload *payload,
		int level, size_t *packed)
{
	ZSTD_outBuffer out = { p->bytes + HVT_HEAD_SIZE,
		p->capacity - HVT_HEAD_SIZE - HVT_TAIL_SIZE, 0 };
	ZSTD_inBuffer in = { payload->bytes, 0, 0 };

	ZSTD_CCtx_reset(p->zstd, ZSTD_reset_session_only);
	ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setPledgedSrcSize(p->zstd, payload->size);
	for (unsigned i = 0; i < payload->parts; i++) {
		bool last = i + 1 == payload->parts;
		size_t left;

		in.size = payload->ends[i];
		left = ZSTD_compressStream2(p->zstd, &out, &in,
				last ? ZSTD_e_end : ZSTD_e_flush);
		if (left) /* an error, or the bound was none */
			return -ENOMEM;
	}
	*packed = out.pos;
	return 0;
}

int hvt_packer_pack(struct hvt_packer *p, struct hvt_head *head,
		const struct hvt_payload *payload, const uint8_t **bytes,
		size_t *size)
{
	/* A block's head is 3 bytes; parts add blocks to the bound's. */
	size_t need = HVT_HEAD_SIZE + HVT_TAIL_SIZE + 16u * HVT_PARTS_MAX +
			ZSTD_compressBound(payload->size);
	size_t packed = 0;
	uint8_t *tail;
	int err;

	if (need > p->capacity) {
		uint8_t *more = realloc(p->bytes, need);

		if (!more)
			return -ENOMEM;
		p->bytes = more;
		p->capacity = need;
	}
	err = compress(p, payload, level_of(head, payload), &packed);
	if (err)
		return err;
	head->raw = (uint32_t)payload->size;
	head->packed = (uint32_t)packed;
	head->hash = XXH3_64bits_withSeed(
			payload->bytes, payload->size, head->chain);
	head_encode(p->bytes, head);
	tail = p->bytes + HVT_HEAD_SIZE + packed;
	hvt_put32(tail, HVT_TAIL_FRAME);
	hvt_put32(tail + 4, HVT_TAIL_SIZE - 8);
	hvt_put64(tail + 8, hvt_segment_size(head));
	*bytes = p->bytes;
	*size = hvt_segment_size(head);
	return 0;
}

int hvt_segment_unpack(
		const struct hvt_head *head, const uint8_t *rest, uint8_t *out)
{
	const uint8_t *tail = rest + head->packed;
	size_t n = ZSTD_decompress(out, head->raw, rest, head->packed);

	if (ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation)
		return -ENOMEM;
	if (ZSTD_isError(n) || n != head->raw ||
			XXH3_64bits_withSeed(out, n, head->chain) != head->hash)
		return -EBADMSG;
	if (hvt_get32(tail) != HVT_TAIL_FRAME ||
			hvt_get32(tail + 4) != HVT_TAIL_SIZE - 8 ||
			hvt_get64(tail + 8) != hvt_segment_size(head))
		return -EBADMSG;
	return 0;
}
