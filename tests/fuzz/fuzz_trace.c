/* SPDX-License-Identifier: MIT */
/*
 * A whole file through the reader. The first byte of the input chooses what is
 * put right before reading, as no fuzzer guesses checksums: bit 0 the header,
 * bit 1 the blocks (magic and checksums), bit 2 turns the input into the
 * uncompressed events of one block.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "format.h"
#include "trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEED(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

static void seal_header(uint8_t *p, size_t size)
{
	uint8_t *joined;
	size_t facts;

	if (size < HVT_HEADER_SIZE)
		return;
	memcpy(p, HVT_HEADER_MAGIC, 8);
	hvt_put32(p + 8, HVT_FORMAT_VERSION);
	facts = hvt_get32(p + 12) % 1024;
	if (facts > size - HVT_HEADER_SIZE)
		facts = size - HVT_HEADER_SIZE;
	hvt_put32(p + 12, (uint32_t)facts);
	joined = malloc(HVT_HEADER_HASHED + facts);
	NEED(joined);
	memcpy(joined, p, HVT_HEADER_HASHED);
	memcpy(joined + HVT_HEADER_HASHED, p + HVT_HEADER_SIZE, facts);
	hvt_put64(p + HVT_HEADER_HASHED,
		XXH3_64bits(joined, HVT_HEADER_HASHED + facts));
	free(joined);
}

static void seal_block(uint8_t *b)
{
	hvt_put64(b + 24,
		XXH3_64bits_withSeed(b + HVT_BLOCK_SIZE, hvt_get32(b + 8),
			XXH3_64bits(b, 24)));
}

static void seal_blocks(uint8_t *p, size_t size)
{
	size_t at = HVT_HEADER_SIZE, left;

	if (size < at)
		return;
	at += hvt_get32(p + 12) <= size - at ? hvt_get32(p + 12) : 0;
	while ((left = size - at) >= HVT_BLOCK_SIZE) {
		uint8_t *b = p + at;

		if (hvt_get32(b) != HVT_END_MAGIC)
			hvt_put32(b, HVT_BLOCK_MAGIC);
		if (hvt_get32(b + 8) > left - HVT_BLOCK_SIZE)
			hvt_put32(b + 8, (uint32_t)(left - HVT_BLOCK_SIZE));
		seal_block(b);
		at += HVT_BLOCK_SIZE + hvt_get32(b + 8);
	}
}

/* A trace of one block, which holds data as its events. */
static uint8_t *wrap(const uint8_t *data, size_t size, size_t *total)
{
	size_t bound = ZSTD_compressBound(size), packed;
	uint8_t *p = calloc(1, HVT_HEADER_SIZE + HVT_BLOCK_SIZE + bound);
	uint8_t *b = p + HVT_HEADER_SIZE;

	NEED(p);
	seal_header(p, HVT_HEADER_SIZE);
	packed = ZSTD_compress(b + HVT_BLOCK_SIZE, bound, data, size, 1);
	NEED(!ZSTD_isError(packed));
	hvt_put32(b, HVT_BLOCK_MAGIC);
	hvt_put32(b + 4, (uint32_t)size);
	hvt_put32(b + 8, (uint32_t)packed);
	/* How many there are shows in the reading: too many, mostly. */
	hvt_put32(b + 12, size ? 1 + data[0] % size : 0);
	seal_block(b);
	*total = HVT_HEADER_SIZE + HVT_BLOCK_SIZE + packed;
	return p;
}

static void read_twice(struct hvt_trace *t)
{
	uint64_t counts[2] = { 0 };
	int codes[2];

	for (int pass = 0; pass < 2; pass++) {
		struct hvt_event event;
		struct hvt_error e = { 0 };
		char line[64];

		while ((codes[pass] = hvt_trace_next(t, &event, &e)) == 1) {
			NEED(event.number == counts[pass]++);
			NEED(hvt_call_schema(event.call));
			(void)hvt_event_format(&event, line, sizeof(line));
		}
		if (codes[pass]) {
			NEED(e.code == codes[pass] && e.text[0]);
			NEED(e.event == counts[pass]);
		}
		NEED(hvt_trace_rewind(t, &e) == 0);
	}
	NEED(codes[0] == codes[1] && counts[0] == counts[1]);
}

static void walk_facts(const struct hvt_trace *t)
{
	const char *key, *value;
	size_t i = 0;

	while (hvt_trace_info_at(t, i, &key, &value)) {
		NEED(strlen(key) + strlen(value) < HVT_FACTS_MAX);
		NEED(hvt_trace_info(t, key));
		i++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	struct hvt_trace *t;
	struct hvt_error e = { 0 };
	uint8_t *p;
	uint8_t how = size ? data[0] : 0;
	int err;

	if (fd < 0) {
		fd = memfd_create("trace", MFD_CLOEXEC);
		NEED(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (size) {
		data++;
		size--;
	}
	if (how & 4) {
		p = wrap(data, size, &size);
	} else {
		p = malloc(size + 1);
		NEED(p);
		memcpy(p, data, size);
		if (how & 1)
			seal_header(p, size);
		if (how & 2)
			seal_blocks(p, size);
	}
	NEED(ftruncate(fd, 0) == 0);
	NEED(pwrite(fd, p, size, 0) == (ssize_t)size);
	free(p);
	err = hvt_trace_open(&t, path, &e);
	if (err) {
		NEED(e.code == err && e.text[0]);
		return 0;
	}
	walk_facts(t);
	read_twice(t);
	hvt_trace_close(t);
	return 0;
}
