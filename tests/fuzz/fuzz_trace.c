/* SPDX-License-Identifier: MIT */
/*
 * A whole file through the reader. The input is a row of segments, each begun
 * by 16 bytes: what to put right (bit 0 the head, bit 1 the hash of the
 * payload, bit 2 its compression, bit 3 the tail, bit 4 number and place in the
 * chain), the type, the count of events, how many bytes of the input are the
 * payload, and bytes that are put somewhere into the segment. No fuzzer
 * guesses checksums.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "fuzz.h"
#include "format.h"
#include "trace.h"

#define RECIPE 16u

struct maker {
	int fd;
	uint64_t size, ordinal, first, chain;
};

static void make_head(struct maker *m, uint8_t *p, const uint8_t *recipe,
	const uint8_t *payload, size_t raw, size_t packed)
{
	bool chained = recipe[0] & 16;

	hvt_put32(p + HVT_AT_FRAME, HVT_HEAD_FRAME);
	hvt_put32(p + HVT_AT_FRAME_SIZE, HVT_HEAD_SIZE - 8);
	memcpy(p + HVT_AT_MAGIC, HVT_MAGIC, 8);
	hvt_put32(p + HVT_AT_VERSION, HVT_FORMAT_VERSION);
	hvt_put32(p + HVT_AT_TYPE, recipe[1] & 7);
	hvt_put64(p + HVT_AT_ORDINAL, chained ? m->ordinal : recipe[8]);
	hvt_put64(p + HVT_AT_FIRST, chained ? m->first : recipe[9]);
	hvt_put64(p + HVT_AT_COUNT, recipe[2] | (uint64_t)recipe[3] << 8);
	hvt_put64(p + HVT_AT_EXITS, recipe[10]);
	hvt_put64(p + HVT_AT_LAST_TICK, recipe[11]);
	hvt_put32(p + HVT_AT_RAW, (uint32_t)raw);
	hvt_put32(p + HVT_AT_PACKED, (uint32_t)packed);
	hvt_put64(p + HVT_AT_CHAIN, chained ? m->chain : recipe[12]);
	if (recipe[0] & 2)
		hvt_put64(p + HVT_AT_HASH,
			XXH3_64bits_withSeed(payload, raw,
				hvt_get64(p + HVT_AT_CHAIN)));
	/* Something else at a place that the recipe says. */
	if (recipe[13])
		p[recipe[13] % HVT_AT_HEAD_HASH] ^= recipe[14];
	if (recipe[0] & 1)
		hvt_put64(p + HVT_AT_HEAD_HASH,
			XXH3_64bits(p, HVT_AT_HEAD_HASH));
}

static void make_segment(struct maker *m, const uint8_t *recipe,
	const uint8_t *payload, size_t raw)
{
	size_t bound = ZSTD_compressBound(raw), packed = raw;
	uint8_t *p = calloc(1, HVT_HEAD_SIZE + bound + HVT_TAIL_SIZE), *tail;

	NEED(p);
	if (recipe[0] & 4)
		packed = ZSTD_compress(
			p + HVT_HEAD_SIZE, bound, payload, raw, 1);
	else
		memcpy(p + HVT_HEAD_SIZE, payload, raw);
	NEED(!ZSTD_isError(packed));
	make_head(m, p, recipe, payload, raw, packed);
	tail = p + HVT_HEAD_SIZE + packed;
	if (recipe[0] & 8) {
		hvt_put32(tail, HVT_TAIL_FRAME);
		hvt_put32(tail + 4, HVT_TAIL_SIZE - 8);
		hvt_put64(tail + 8, HVT_HEAD_SIZE + packed + HVT_TAIL_SIZE);
	}
	packed += HVT_HEAD_SIZE + HVT_TAIL_SIZE;
	NEED(pwrite(m->fd, p, packed, (off_t)m->size) == (ssize_t)packed);
	m->size += packed;
	m->ordinal++;
	m->first = hvt_get64(p + HVT_AT_FIRST) + hvt_get64(p + HVT_AT_COUNT);
	m->chain = hvt_get64(p + HVT_AT_HASH);
	free(p);
}

static void make_file(int fd, const uint8_t *data, size_t size)
{
	struct maker m = { .fd = fd };

	NEED(ftruncate(fd, 0) == 0);
	while (size >= RECIPE) {
		size_t raw = data[4] | (size_t)data[5] << 8;

		raw = raw < size - RECIPE ? raw : size - RECIPE;
		make_segment(&m, data, data + RECIPE, raw);
		data += RECIPE + raw;
		size -= RECIPE + raw;
	}
	/* What is left is no whole segment. */
	NEED(pwrite(fd, data, size, (off_t)m.size) == (ssize_t)size);
}

static void untold(const struct hvt_error *e, void *context)
{
	NEED(e->text[0]);
	++*(unsigned *)context;
}

/* Forwards: events in order, an end, and the same once more. */
static void read_forwards(struct hvt_trace *t, uint64_t events[2])
{
	struct hvt_event event;
	struct hvt_error e = { 0 };
	uint64_t next = 0;
	unsigned errors = 0;
	char line[64];
	int got;

	*events = 0;
	while ((got = hvt_trace_next(t, &event, &e))) {
		if (got == -ENODATA)
			break;
		if (got < 0) {
			NEED(got == -EBADMSG && e.code == got && e.text[0]);
			NEED(++errors < 100000);
			continue;
		}
		NEED(event.number >= next || errors);
		next = event.number + 1;
		NEED(hvt_trace_call(t, event.call));
		(void)hvt_event_format(&event, line, sizeof(line));
		++*events;
	}
	events[1] = errors;
}

static void read_backwards(struct hvt_trace *t)
{
	struct hvt_event event;
	unsigned steps = 0;
	int got;

	while ((got = hvt_trace_prev(t, &event, NULL))) {
		NEED(got == 1 || got == -EBADMSG || got == -ENODATA ||
			got == -ERANGE);
		if (++steps == 3000)
			break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	uint64_t counts[2][2];
	struct hvt_verdict verdict;
	struct hvt_error e = { 0 };
	struct hvt_trace *t;
	unsigned told = 0;
	int err;

	if (fd < 0) {
		fd = memfd_create("trace", MFD_CLOEXEC);
		NEED(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	make_file(fd, data, size);
	err = hvt_trace_open(&t, path, &e);
	if (err) {
		NEED(e.code == err && e.text[0]);
		return 0;
	}
	for (int pass = 0; pass < 2; pass++) {
		read_forwards(t, counts[pass]);
		NEED(hvt_trace_rewind(t, &e) == 0);
	}
	NEED(!memcmp(counts[0], counts[1], sizeof(counts[0])));
	for (uint64_t by = HVT_SEEK_EVENT; by <= HVT_SEEK_TICK; by++)
		for (uint64_t v = 0; v < 300; v += 1 + v / 2)
			(void)hvt_trace_seek(t, (enum hvt_seek)by, v, &e);
	read_backwards(t);
	err = hvt_trace_verify(t, &verdict, untold, &told);
	NEED((err != 0) == (told != 0) && verdict.damaged == told);
	NEED(err || !counts[0][1]);
	hvt_trace_close(t);
	return 0;
}
