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
#include "repeated.h"

#define SIZE           100000000000ull
#define SEGMENTS       16384u
#define SEGMENTS_SMOKE 16u
#define SEEKS          1000u
#define SEEKS_SMOKE    16u
#define HOLE_TYPE      0x7fff0001u
#define HOLE_FRAME     0x184d2a5fu /* skippable, of zstd */

static uint64_t reads;

ssize_t __real_pread(int fd, void *p, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *p, size_t size, off_t offset);

ssize_t __wrap_pread(int fd, void *p, size_t size, off_t offset)
{
	reads++;
	return __real_pread(fd, p, size, offset);
}

static void put_hole(struct repeated *m)
{
	uint64_t hole = (SIZE / SEGMENTS) & ~4095ull, end;
	uint8_t bytes[HVT_HEAD_SIZE + 8], tail[HVT_TAIL_SIZE];
	struct hvt_head h = repeated_next(m, HOLE_TYPE);

	h.raw = 0;
	h.packed = (uint32_t)hole + 8;
	h.hash = XXH3_64bits_withSeed("", 0, h.chain);
	memcpy(bytes, m->patterns[0].bytes, HVT_HEAD_SIZE);
	repeated_patch(bytes, &h);
	hvt_put32(bytes + HVT_HEAD_SIZE, HOLE_FRAME);
	hvt_put32(bytes + HVT_HEAD_SIZE + 4, (uint32_t)hole);
	repeated_put(m, bytes, sizeof(bytes));
	hvt_put32(tail, HVT_TAIL_FRAME);
	hvt_put32(tail + 4, HVT_TAIL_SIZE - 8);
	hvt_put64(tail + 8, hvt_segment_size(&h));
	end = m->offset + hvt_segment_size(&h) - HVT_TAIL_SIZE;
	bench_check(hvt_file_write(m->fd, tail, HVT_TAIL_SIZE, end), "write");
	repeated_advance(m, &h);
}

static void make(struct repeated *m, const char *from, const char *path,
		unsigned segments)
{
	repeated_begin(m, from, path);
	while (segments--) {
		repeated_put_events(m);
		put_hole(m);
	}
	repeated_end(m);
}

/* Not in the page cache any more: what is read comes from the disk. */
static void chill(const struct repeated *m)
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

static struct hvt_trace *open_trace(struct bench *b, const struct repeated *m,
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
static void seek(struct bench *b, const struct repeated *m, struct hvt_trace *t,
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
	struct repeated m;
	struct hvt_trace *t;
	const char *path;
	double gb;

	bench_begin(&b, "trace_seek", argc, argv);
	path = bench_path(&b, "sparse.hvt");
	make(&m, bench_trace_path(&b), path,
			b.smoke ? SEGMENTS_SMOKE : SEGMENTS);
	gb = (double)m.offset / 1e9;
	bench_row(&b, "size of the trace", "GB", gb, gb, BENCH_FREE, 0);
	t = open_trace(&b, &m, path);
	seek(&b, &m, t, HVT_SEEK_EVENT, m.last.first, false, "event");
	seek(&b, &m, t, HVT_SEEK_EVENT, m.last.first, true, "event");
	seek(&b, &m, t, HVT_SEEK_EXIT, m.last.exits, true, "exit");
	seek(&b, &m, t, HVT_SEEK_TICK, m.last.last_tick, true, "tick");
	hvt_trace_close(t);
	repeated_close(&m);
	(void)unlink(path);
	return bench_end(&b);
}
