/* SPDX-License-Identifier: MIT */
/*
 * Seeking in a closed trace of 100 GB. It is made of the event segments of a
 * real trace, again and again, numbered and chained as one trace; between two
 * of them stands a segment of a type that readers do not know and pass over,
 * whose payload is a skippable frame that is a hole in the file. So the trace
 * is whole and sound, but takes little of the disk. Reads are counted at
 * pread(2), which this program is linked to wrap.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "bench_events.h"
#include "file.h"
#include "index.h"
#include "scan.h"

#define SIZE           100000000000ull
#define SEGMENTS       16384u
#define SEGMENTS_SMOKE 16u
#define SEEKS          1000u
#define SEEKS_SMOKE    16u
#define PATTERNS_MAX   16u
#define HOLE_TYPE      0x7fff0001u
#define HOLE_FRAME     0x184d2a5fu /* skippable, of zstd */

/* An event segment of the real trace. */
struct pattern {
	struct hvt_head head;
	uint8_t *bytes, *raw;
	uint64_t exits;
};

struct maker {
	int fd;
	uint64_t offset, hole;
	struct hvt_head last; /* of the segment before */
	struct pattern patterns[PATTERNS_MAX];
	unsigned pattern_count;
	struct hvt_index leaf, root;
	struct hvt_packer *packer;
	uint8_t *meta;
	uint64_t meta_size;
};

static uint64_t reads;

ssize_t __real_pread(int fd, void *p, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t size, off_t offset);

ssize_t __wrap_pread(int fd, void *p, size_t size, off_t offset)
{
	reads++;
	return __real_pread(fd, p, size, offset);
}

static uint8_t *load(int fd, uint64_t offset, size_t size)
{
	uint8_t *p = malloc(size + 1);

	bench_check(p ? 0 : -ENOMEM, "load");
	bench_check(hvt_file_read(fd, p, size, offset) != (ssize_t)size,
			"load");
	return p;
}

static void take_pattern(struct maker *m, int fd, uint64_t offset,
		const struct hvt_head *head, uint64_t exits)
{
	struct hvt_segment_buffer b = { 0 };
	struct pattern *p = &m->patterns[m->pattern_count++];

	bench_check(hvt_scan_segment(fd, offset, head, &b), "pattern");
	free(b.packed);
	*p = (struct pattern){ .head = *head, .raw = b.raw,
		.bytes = load(fd, offset, hvt_segment_size(head)),
		.exits = exits };
}

static void take_patterns(struct maker *m, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hvt_head head;
	uint64_t offset = 0, exits = 0;

	bench_check(fd < 0 ? -errno : 0, path);
	while (!hvt_scan_head(fd, offset, &head)) {
		if (head.type == HVT_SEGMENT_META) {
			m->last = head;
			m->meta_size = hvt_segment_size(&head);
			m->meta = load(fd, 0, m->meta_size);
		}
		if (head.type == HVT_SEGMENT_EVENTS &&
				m->pattern_count < PATTERNS_MAX)
			take_pattern(m, fd, offset, &head, head.exits - exits);
		exits = head.exits;
		offset += hvt_segment_size(&head);
	}
	close(fd);
	bench_check(m->pattern_count ? 0 : -EINVAL, path);
}

static void put(struct maker *m, const uint8_t *bytes, uint64_t size)
{
	bench_check(hvt_file_write(m->fd, bytes, size, m->offset), "write");
}

/* The numbers of the head h into the bytes of one. */
static void patch(uint8_t *p, const struct hvt_head *h)
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
static struct hvt_head following(const struct maker *m, uint32_t type)
{
	struct hvt_head h = m->last;

	h.type = type;
	h.ordinal++;
	h.chain = m->last.hash;
	h.first += m->last.count;
	h.count = 0;
	h.first_tick = m->last.last_tick;
	return h;
}

static void advance(struct maker *m, const struct hvt_head *h)
{
	m->offset += hvt_segment_size(h);
	m->last = *h;
}

static void put_events(struct maker *m, const struct pattern *p)
{
	struct hvt_head h = following(m, HVT_SEGMENT_EVENTS);
	struct hvt_index_entry e = { .offset = m->offset, .first = h.first,
		.first_tick = h.first_tick, .threads = p->head.threads };

	h.count = p->head.count;
	h.last_tick += p->head.last_tick - p->head.first_tick;
	h.exits += p->exits;
	h.raw = p->head.raw;
	h.packed = p->head.packed;
	h.hash = XXH3_64bits_withSeed(p->raw, h.raw, h.chain);
	patch(p->bytes, &h);
	put(m, p->bytes, hvt_segment_size(&h));
	e.exits = h.exits;
	bench_check(hvt_index_add(&m->leaf, &e), "index");
	advance(m, &h);
}

static void put_hole(struct maker *m)
{
	uint8_t bytes[HVT_HEAD_SIZE + 8], tail[HVT_TAIL_SIZE];
	struct hvt_head h = following(m, HOLE_TYPE);
	uint64_t end;

	h.raw = 0;
	h.packed = (uint32_t)m->hole + 8;
	h.hash = XXH3_64bits_withSeed("", 0, h.chain);
	memcpy(bytes, m->patterns[0].bytes, HVT_HEAD_SIZE);
	patch(bytes, &h);
	hvt_put32(bytes + HVT_HEAD_SIZE, HOLE_FRAME);
	hvt_put32(bytes + HVT_HEAD_SIZE + 4, (uint32_t)m->hole);
	put(m, bytes, sizeof(bytes));
	hvt_put32(tail, HVT_TAIL_FRAME);
	hvt_put32(tail + 4, HVT_TAIL_SIZE - 8);
	hvt_put64(tail + 8, hvt_segment_size(&h));
	end = m->offset + hvt_segment_size(&h) - HVT_TAIL_SIZE;
	bench_check(hvt_file_write(m->fd, tail, HVT_TAIL_SIZE, end), "write");
	advance(m, &h);
}

static void put_index(struct maker *m, uint32_t type, struct hvt_index *index)
{
	struct hvt_head h = following(m, type);
	struct hvt_index_entry e = index->entries[0];
	struct hvt_payload payload = { .parts = 1 };
	const uint8_t *bytes;
	size_t size;

	e.exits = index->entries[index->count - 1].exits;
	e.offset = m->offset;
	payload.bytes = hvt_index_encode(index, &size);
	bench_check(payload.bytes ? 0 : -ENOMEM, "index");
	payload.size = payload.ends[0] = size;
	bench_check(hvt_packer_pack(m->packer, &h, &payload, &bytes, &size),
			"pack");
	put(m, bytes, size);
	free((void *)(uintptr_t)payload.bytes);
	index->count = 0;
	if (type == HVT_SEGMENT_INDEX)
		bench_check(hvt_index_add(&m->root, &e), "index");
	advance(m, &h);
}

static void make(struct maker *m, const char *path, unsigned segments)
{
	m->hole = (SIZE / SEGMENTS) & ~4095ull;
	m->packer = hvt_packer_create();
	m->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bench_check(m->fd < 0 || !m->packer ? -errno : 0, path);
	put(m, m->meta, m->meta_size);
	m->offset = m->meta_size;
	for (unsigned i = 0; i < segments; i++) {
		put_events(m, &m->patterns[i % m->pattern_count]);
		put_hole(m);
		if (m->leaf.count == HVT_INDEX_INTERVAL || i + 1 == segments)
			put_index(m, HVT_SEGMENT_INDEX, &m->leaf);
	}
	put_index(m, HVT_SEGMENT_END, &m->root);
	bench_check(fsync(m->fd) ? -errno : 0, path);
}

static void unmake(struct maker *m, const char *path)
{
	for (unsigned i = 0; i < m->pattern_count; i++) {
		free(m->patterns[i].bytes);
		free(m->patterns[i].raw);
	}
	hvt_index_fini(&m->leaf);
	hvt_index_fini(&m->root);
	hvt_packer_destroy(m->packer);
	free(m->meta);
	close(m->fd);
	(void)unlink(path);
}

/* Not in the page cache any more: what is read comes from the disk. */
static void chill(const struct maker *m)
{
	(void)posix_fadvise(m->fd, 0, 0, POSIX_FADV_DONTNEED);
}

static uint64_t random_below(uint64_t n)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static struct hvt_trace *open_trace(struct bench *b, const struct maker *m,
		const char *path)
{
	struct hvt_trace *t;
	uint64_t start;
	double ms;

	chill(m);
	reads = 0;
	start = bench_now_ns();
	bench_check(hvt_trace_open(&t, path, NULL), path);
	ms = (double)(bench_now_ns() - start) / 1e6;
	bench_row(b, "opening it, cold", "ms", ms, ms, BENCH_FREE, 0);
	bench_row(b, "opening it", "reads", (double)reads, (double)reads,
			BENCH_FREE, 0);
	return t;
}

/* To random places; the event must be the one that was sought. */
static void seek(struct bench *b, const struct maker *m, struct hvt_trace *t,
		enum hvt_seek by, uint64_t limit, bool cold, const char *name)
{
	unsigned count = b->smoke ? SEEKS_SMOKE : SEEKS;
	double *ms = calloc(count, sizeof(*ms)), median, p99;
	uint64_t most = 0;
	struct hvt_event e;
	char text[64];

	bench_check(ms ? 0 : -ENOMEM, "seek");
	for (unsigned i = 0; i < count; i++) {
		uint64_t value = random_below(limit), start;

		if (cold)
			chill(m);
		reads = 0;
		start = bench_now_ns();
		bench_check(hvt_trace_seek(t, by, value, NULL), "seek");
		ms[i] = (double)(bench_now_ns() - start) / 1e6;
		most = reads > most ? reads : most;
		bench_check(hvt_trace_next(t, &e, NULL) - 1, "next");
		bench_check(by == HVT_SEEK_EVENT && e.number != value, "event");
	}
	p99 = bench_quantile(ms, count, 0.99);
	median = bench_quantile(ms, count, 0.5);
	snprintf(text, sizeof(text), "%s, %s", name, cold ? "cold" : "warm");
	bench_row(b, text, "ms", ms[0], median, BENCH_AT_MOST, 10);
	snprintf(text, sizeof(text), "%s, %s, 99 of 100 within", name,
			cold ? "cold" : "warm");
	bench_row(b, text, "ms", p99, p99, BENCH_AT_MOST, 10);
	snprintf(text, sizeof(text), "%s, %s, most", name,
			cold ? "cold" : "warm");
	bench_row(b, text, "reads", (double)most, (double)most, BENCH_AT_MOST,
			3);
	free(ms);
}

int main(int argc, char **argv)
{
	struct bench b;
	struct maker m = { 0 };
	struct hvt_trace *t;
	const char *path;
	double gb;

	bench_begin(&b, "trace_seek", argc, argv);
	take_patterns(&m, bench_trace_path(&b));
	path = bench_path(&b, "sparse.hvt");
	make(&m, path, b.smoke ? SEGMENTS_SMOKE : SEGMENTS);
	gb = (double)m.offset / 1e9;
	bench_row(&b, "size of the trace", "GB", gb, gb, BENCH_FREE, 0);
	t = open_trace(&b, &m, path);
	seek(&b, &m, t, HVT_SEEK_EVENT, m.last.first, false, "event");
	seek(&b, &m, t, HVT_SEEK_EVENT, m.last.first, true, "event");
	seek(&b, &m, t, HVT_SEEK_EXIT, m.last.exits, true, "exit");
	seek(&b, &m, t, HVT_SEEK_TICK, m.last.last_tick, true, "tick");
	hvt_trace_close(t);
	unmake(&m, path);
	return bench_end(&b);
}
