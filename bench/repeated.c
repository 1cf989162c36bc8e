/* SPDX-License-Identifier: MIT */
#include "repeated.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "file.h"
#include "scan.h"

static uint8_t *load(int fd, uint64_t offset, size_t size)
{
	uint8_t *p = malloc(size + 1);

	bench_check(p ? 0 : -ENOMEM, "load");
	bench_check(hvt_file_read(fd, p, size, offset) != (ssize_t)size,
			"load");
	return p;
}

static void take_pattern(struct repeated *r, int fd, uint64_t offset,
		const struct hvt_head *head, uint64_t exits)
{
	struct hvt_segment_buffer b = { 0 };
	struct repeated_pattern *p = &r->patterns[r->pattern_count++];

	bench_check(hvt_scan_segment(fd, offset, head, &b), "pattern");
	free(b.packed);
	*p = (struct repeated_pattern){ .head = *head, .raw = b.raw,
		.bytes = load(fd, offset, hvt_segment_size(head)),
		.exits = exits };
}

static void take_patterns(struct repeated *r, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hvt_head head;
	uint64_t offset = 0, exits = 0;

	bench_check(fd < 0 ? -errno : 0, path);
	while (!hvt_scan_head(fd, offset, &head)) {
		if (head.type == HVT_SEGMENT_META) {
			r->last = head;
			r->meta_size = hvt_segment_size(&head);
			r->meta = load(fd, 0, r->meta_size);
		}
		if (head.type == HVT_SEGMENT_EVENTS &&
				r->pattern_count < REPEATED_PATTERNS_MAX)
			take_pattern(r, fd, offset, &head, head.exits - exits);
		exits = head.exits;
		offset += hvt_segment_size(&head);
	}
	close(fd);
	bench_check(r->pattern_count ? 0 : -EINVAL, path);
}

void repeated_put(struct repeated *r, const uint8_t *bytes, uint64_t size)
{
	bench_check(hvt_file_write(r->fd, bytes, size, r->offset), "write");
}

/* The numbers of the head h into the bytes of one. */
void repeated_patch(uint8_t *p, const struct hvt_head *h)
{
	hvt_put32(p + HVT_AT_TYPE, h->type);
	hvt_put64(p + HVT_AT_ORDINAL, h->ordinal);
	hvt_put64(p + HVT_AT_FIRST, h->first);
	hvt_put64(p + HVT_AT_COUNT, h->count);
	hvt_put64(p + HVT_AT_FIRST_TICK, h->first_tick);
	hvt_put64(p + HVT_AT_LAST_TICK, h->last_tick);
	hvt_put64(p + HVT_AT_EXITS, h->exits);
	hvt_put32(p + HVT_AT_RAW, h->raw);
	hvt_put32(p + HVT_AT_PACKED, h->packed);
	hvt_put64(p + HVT_AT_HASH, h->hash);
	hvt_put64(p + HVT_AT_CHAIN, h->chain);
	hvt_put64(p + HVT_AT_HEAD_HASH, XXH3_64bits(p, HVT_AT_HEAD_HASH));
}

/* The head of a segment behind the last one, without events so far. */
struct hvt_head repeated_next(const struct repeated *r, uint32_t type)
{
	struct hvt_head h = r->last;

	h.type = type;
	h.ordinal++;
	h.chain = r->last.hash;
	h.first += r->last.count;
	h.count = 0;
	h.first_tick = r->last.last_tick;
	return h;
}

void repeated_advance(struct repeated *r, const struct hvt_head *h)
{
	r->offset += hvt_segment_size(h);
	r->last = *h;
}

static void put_pattern(struct repeated *r, const struct repeated_pattern *p)
{
	struct hvt_head h = repeated_next(r, HVT_SEGMENT_EVENTS);
	struct hvt_index_entry e = { .offset = r->offset, .first = h.first,
		.first_tick = h.first_tick, .threads = p->head.threads };

	h.count = p->head.count;
	h.last_tick += p->head.last_tick - p->head.first_tick;
	h.exits += p->exits;
	h.raw = p->head.raw;
	h.packed = p->head.packed;
	h.hash = XXH3_64bits_withSeed(p->raw, h.raw, h.chain);
	repeated_patch(p->bytes, &h);
	repeated_put(r, p->bytes, hvt_segment_size(&h));
	e.exits = h.exits;
	bench_check(hvt_index_add(&r->leaf, &e), "index");
	repeated_advance(r, &h);
}

static void put_index(struct repeated *r, uint32_t type, struct hvt_index *index)
{
	struct hvt_head h = repeated_next(r, type);
	struct hvt_index_entry e = hvt_index_whole(index, r->offset);
	struct hvt_payload payload = { .parts = 1 };
	const uint8_t *bytes;
	size_t size;

	payload.bytes = hvt_index_encode(index, &size);
	bench_check(payload.bytes ? 0 : -ENOMEM, "index");
	payload.size = payload.ends[0] = size;
	bench_check(hvt_packer_pack(r->packer, &h, &payload, &bytes, &size),
			"pack");
	repeated_put(r, bytes, size);
	free((void *)(uintptr_t)payload.bytes);
	index->count = 0;
	if (type == HVT_SEGMENT_INDEX)
		bench_check(hvt_index_add(&r->root, &e), "index");
	repeated_advance(r, &h);
}

void repeated_begin(struct repeated *r, const char *from, const char *path)
{
	*r = (struct repeated){ 0 };
	take_patterns(r, from);
	r->packer = hvt_packer_create();
	r->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bench_check(r->fd < 0 || !r->packer ? -errno : 0, path);
	repeated_put(r, r->meta, r->meta_size);
	r->offset = r->meta_size;
}

void repeated_put_events(struct repeated *r)
{
	if (r->leaf.count == HVT_INDEX_INTERVAL)
		put_index(r, HVT_SEGMENT_INDEX, &r->leaf);
	put_pattern(r, &r->patterns[r->put++ % r->pattern_count]);
}

void repeated_end(struct repeated *r)
{
	if (r->leaf.count)
		put_index(r, HVT_SEGMENT_INDEX, &r->leaf);
	put_index(r, HVT_SEGMENT_END, &r->root);
	bench_check(fsync(r->fd) ? -errno : 0, "fsync");
}

void repeated_close(struct repeated *r)
{
	for (unsigned i = 0; i < r->pattern_count; i++) {
		free(r->patterns[i].bytes);
		free(r->patterns[i].raw);
	}
	hvt_index_fini(&r->leaf);
	hvt_index_fini(&r->root);
	hvt_packer_destroy(r->packer);
	free(r->meta);
	close(r->fd);
}
