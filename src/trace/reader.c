/* SPDX-License-Identifier: MIT */
/*
 * Reading a trace from its start, block by block. The file is hostile: sizes
 * are checked before they are believed, checksums before anything is decoded,
 * and every error says at which byte and from which event on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "format.h"
#include "record.h"
#include "trace.h"

struct hvt_trace {
	int fd;
	uint32_t version;
	uint8_t *hashed; /* what the header's checksum covers: facts behind */
	uint8_t *facts;  /* "key\0value\0" pairs, facts_size bytes */
	size_t facts_size;
	uint64_t blocks_at; /* offset of the first block */
	uint64_t offset;    /* of the next block */
	uint64_t block_at;  /* of the block that is being decoded */
	uint64_t next;      /* number of the next event */
	uint64_t raw_bytes;
	bool ended;
	uint8_t *packed, *raw;
	size_t packed_capacity, raw_capacity;
	size_t raw_size, raw_pos;
	uint32_t left; /* events of the block not yet delivered */
	struct hvt_record_state state;
};

__attribute__((format(printf, 4, 5)))
static int fail(const struct hvt_trace *t, struct hvt_error *e, int code,
		const char *format, ...)
{
	va_list args;

	if (!e)
		return code;
	e->code = code;
	e->offset = t->offset;
	e->event = t->next;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return code;
}

/* Bytes read, less than size only at the end of the file; or -errno. */
static ssize_t read_at(int fd, uint8_t *p, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, p + done, size - done,
				(off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int reserve(uint8_t **p, size_t *capacity, size_t size)
{
	uint8_t *bigger;

	if (size <= *capacity)
		return 0;
	bigger = realloc(*p, size);
	if (!bigger)
		return -ENOMEM;
	*p = bigger;
	*capacity = size;
	return 0;
}

/* Pairs must be whole: an odd or unended string would run off the end. */
static bool facts_are_whole(const uint8_t *p, size_t size)
{
	size_t strings = 0;

	for (size_t i = 0; i < size; i++)
		strings += !p[i];
	return strings % 2 == 0 && (!size || !p[size - 1]);
}

/* The facts, behind the part of head that is hashed with them. */
static int read_facts(struct hvt_trace *t, const uint8_t *head,
		struct hvt_error *e)
{
	ssize_t n;

	t->hashed = malloc(HVT_HEADER_HASHED + t->facts_size);
	if (!t->hashed)
		return fail(t, e, -ENOMEM, "out of memory");
	memcpy(t->hashed, head, HVT_HEADER_HASHED);
	t->facts = t->hashed + HVT_HEADER_HASHED;
	n = read_at(t->fd, t->facts, t->facts_size, HVT_HEADER_SIZE);
	if (n < 0)
		return fail(t, e, (int)n, "cannot read: %s", strerror((int)-n));
	if (n != (ssize_t)t->facts_size)
		return fail(t, e, -EBADMSG, "the header is cut short");
	if (XXH3_64bits(t->hashed, HVT_HEADER_HASHED + t->facts_size) !=
					hvt_get64(head + HVT_HEADER_HASHED) ||
			!facts_are_whole(t->facts, t->facts_size))
		return fail(t, e, -EBADMSG, "the header is damaged");
	t->blocks_at = t->offset = HVT_HEADER_SIZE + t->facts_size;
	return 0;
}

static int read_header(struct hvt_trace *t, struct hvt_error *e)
{
	uint8_t head[HVT_HEADER_SIZE];
	ssize_t n = read_at(t->fd, head, sizeof(head), 0);

	if (n < 0)
		return fail(t, e, (int)n, "cannot read: %s", strerror((int)-n));
	if (n < 8 || memcmp(head, HVT_HEADER_MAGIC, 8) != 0)
		return fail(t, e, -EINVAL, "this is no hvtrace trace");
	if (n < (ssize_t)sizeof(head))
		return fail(t, e, -EBADMSG, "the header is cut short");
	t->version = hvt_get32(head + 8);
	if (t->version != HVT_FORMAT_VERSION)
		return fail(t, e, -EPROTONOSUPPORT,
				"format version %u; this build of hvtrace "
				"reads version %u only", t->version,
				HVT_FORMAT_VERSION);
	t->facts_size = hvt_get32(head + 12);
	if (t->facts_size > HVT_FACTS_MAX)
		return fail(t, e, -EBADMSG, "the header is damaged");
	return read_facts(t, head, e);
}

int hvt_trace_open(struct hvt_trace **trace, const char *path,
		struct hvt_error *e)
{
	struct hvt_trace *t = calloc(1, sizeof(*t));
	struct stat st;
	int err;

	if (e)
		*e = (struct hvt_error){ .code = -ENOMEM,
			.text = "out of memory" };
	if (!t)
		return -ENOMEM;
	if (e)
		*e = (struct hvt_error){ 0 };
	t->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (t->fd < 0) {
		err = -errno;
		fail(t, e, err, "cannot open: %s", strerror(-err));
		goto err_free;
	}
	if (fstat(t->fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		err = fail(t, e, -EINVAL, "a trace is a regular file");
		goto err_close;
	}
	err = read_header(t, e);
	if (err)
		goto err_close;
	*trace = t;
	return 0;

err_close:
	close(t->fd);
err_free:
	free(t->hashed);
	free(t);
	return err;
}

static int check_block(struct hvt_trace *t, const uint8_t *head,
		struct hvt_error *e)
{
	uint32_t magic = hvt_get32(head), raw = hvt_get32(head + 4),
		 packed = hvt_get32(head + 8), count = hvt_get32(head + 12);

	if (magic != HVT_BLOCK_MAGIC && magic != HVT_END_MAGIC)
		return fail(t, e, -EBADMSG, "no block begins here");
	if (raw > HVT_RAW_MAX || packed > ZSTD_compressBound(HVT_RAW_MAX) ||
			count > raw || !count != (magic == HVT_END_MAGIC) ||
			(!count && (raw || packed)))
		return fail(t, e, -EBADMSG, "the head of a block is damaged");
	return 0;
}

/* Reads and checks the block at t->offset: 1, 0 at the end mark, -errno. */
static int load_block(struct hvt_trace *t, struct hvt_error *e)
{
	uint8_t head[HVT_BLOCK_SIZE];
	ssize_t n = read_at(t->fd, head, sizeof(head), t->offset);
	size_t raw, packed, got;

	if (n < 0)
		return fail(t, e, (int)n, "cannot read: %s", strerror((int)-n));
	if (n < (ssize_t)sizeof(head))
		return fail(t, e, -ENODATA, "the trace was not closed: %s",
				n ? "it ends inside the head of a block"
				  : "no end mark follows");
	if (check_block(t, head, e))
		return -EBADMSG;
	raw = hvt_get32(head + 4);
	packed = hvt_get32(head + 8);
	if (reserve(&t->packed, &t->packed_capacity, packed) ||
			reserve(&t->raw, &t->raw_capacity, raw))
		return fail(t, e, -ENOMEM, "out of memory");
	n = read_at(t->fd, t->packed, packed, t->offset + sizeof(head));
	if (n < 0)
		return fail(t, e, (int)n, "cannot read: %s", strerror((int)-n));
	if (n < (ssize_t)packed)
		return fail(t, e, -ENODATA, "the trace ends inside a block");
	if (XXH3_64bits_withSeed(t->packed, packed, XXH3_64bits(head, 24)) !=
			hvt_get64(head + 24))
		return fail(t, e, -EBADMSG, "the checksum of a block is wrong");
	if (hvt_get64(head + 16) != t->next)
		return fail(t, e, -EBADMSG, "a block is missing before this one");
	if (hvt_get32(head) == HVT_END_MAGIC)
		return 0;
	got = ZSTD_decompress(t->raw, raw, t->packed, packed);
	if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
		return fail(t, e, -ENOMEM, "out of memory");
	if (ZSTD_isError(got) || got != raw)
		return fail(t, e, -EBADMSG, "a block does not decompress");
	t->block_at = t->offset;
	t->offset += sizeof(head) + packed;
	t->raw_size = raw;
	t->raw_pos = 0;
	t->raw_bytes += raw;
	t->left = hvt_get32(head + 12);
	t->state = (struct hvt_record_state){ 0 };
	return 1;
}

int hvt_trace_next(struct hvt_trace *t, struct hvt_event *event,
		struct hvt_error *e)
{
	int64_t n;

	while (!t->left) {
		int more = t->ended ? 0 : load_block(t, e);

		t->ended |= more == 0;
		if (more <= 0)
			return more;
	}
	n = hvt_record_decode(t->raw + t->raw_pos, t->raw_size - t->raw_pos,
			event, &t->state);
	/* Its last event ends where the block does. */
	if (n < 0 || (t->left == 1 && t->raw_pos + (size_t)n != t->raw_size)) {
		int code = fail(t, e, -EBADMSG, "an event cannot be decoded");

		if (e)
			e->offset = t->block_at;
		return code;
	}
	t->raw_pos += (size_t)n;
	t->left--;
	event->number = t->next++;
	return 1;
}

int hvt_trace_rewind(struct hvt_trace *t, struct hvt_error *e)
{
	if (e)
		*e = (struct hvt_error){ 0 };
	t->offset = t->blocks_at;
	t->next = 0;
	t->raw_bytes = 0;
	t->left = 0;
	t->ended = false;
	return 0;
}

bool hvt_trace_info_at(const struct hvt_trace *t, size_t index,
		const char **key, const char **value)
{
	const char *p = (const char *)t->facts, *end = p + t->facts_size;

	while (p < end) {
		const char *v = p + strlen(p) + 1;

		if (!index--) {
			*key = p;
			*value = v;
			return true;
		}
		p = v + strlen(v) + 1;
	}
	return false;
}

const char *hvt_trace_info(const struct hvt_trace *t, const char *wanted)
{
	const char *key, *value;

	for (size_t i = 0; hvt_trace_info_at(t, i, &key, &value); i++)
		if (!strcmp(key, wanted))
			return value;
	return NULL;
}

uint32_t hvt_trace_version(const struct hvt_trace *t)
{
	return t->version;
}

uint64_t hvt_trace_raw_bytes(const struct hvt_trace *t)
{
	return t->raw_bytes;
}

void hvt_trace_close(struct hvt_trace *t)
{
	if (!t)
		return;
	close(t->fd);
	free(t->hashed);
	free(t->packed);
	free(t->raw);
	free(t);
}
