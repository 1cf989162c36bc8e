/* SPDX-License-Identifier: MIT */
/* The head's magic is the mark by which segments are found again. */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define WINDOW (1u << 16)

void hvt_segment_buffer_fini(struct hvt_segment_buffer *b)
{
	free(b->packed);
	free(b->raw);
	*b = (struct hvt_segment_buffer){ 0 };
}

bool hvt_scan_is_damage(int err)
{
	return err == -EINVAL || err == -EBADMSG || err == -EPROTONOSUPPORT;
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

int hvt_scan_head(int fd, uint64_t offset, struct hvt_head *head)
{
	uint8_t bytes[HVT_HEAD_SIZE];
	ssize_t n = hvt_file_read(fd, bytes, sizeof(bytes), offset);

	if (n < 0)
		return (int)n;
	if (n < (ssize_t)sizeof(bytes))
		return -ENODATA;
	return hvt_head_decode(bytes, head);
}

int hvt_scan_segment(int fd, uint64_t offset, const struct hvt_head *head,
		struct hvt_segment_buffer *b)
{
	size_t size = hvt_segment_size(head) - HVT_HEAD_SIZE;
	ssize_t n;

	if (reserve(&b->packed, &b->packed_capacity, size) ||
			reserve(&b->raw, &b->raw_capacity, head->raw + 1u))
		return -ENOMEM;
	n = hvt_file_read(fd, b->packed, size, offset + HVT_HEAD_SIZE);
	if (n < 0)
		return (int)n;
	if ((size_t)n < size)
		return -ENODATA;
	return hvt_segment_unpack(head, b->packed, b->raw);
}

int hvt_scan_whole(int fd, uint64_t offset, size_t guess, struct hvt_head *head,
		struct hvt_segment_buffer *b)
{
	ssize_t n;
	int err;

	if (reserve(&b->packed, &b->packed_capacity, guess))
		return -ENOMEM;
	n = hvt_file_read(fd, b->packed, guess, offset);
	if (n < 0)
		return (int)n;
	if (n < (ssize_t)HVT_HEAD_SIZE)
		return -ENODATA;
	err = hvt_head_decode(b->packed, head);
	if (err)
		return err;
	if ((size_t)n < hvt_segment_size(head))
		return hvt_scan_segment(fd, offset, head, b);
	if (reserve(&b->raw, &b->raw_capacity, head->raw + 1u))
		return -ENOMEM;
	return hvt_segment_unpack(head, b->packed + HVT_HEAD_SIZE, b->raw);
}

/* Where the magic next begins in the n bytes at p, or n. */
static size_t find_magic(const uint8_t *p, size_t n)
{
	const uint8_t *at = memmem(p, n, HVT_MAGIC, 8);

	return at ? (size_t)(at - p) : n;
}

/* Is there a head whose magic is at the offset? 1, 0, -errno. */
static int try_head(int fd, const uint8_t id[16], uint64_t magic,
		struct hvt_head *head)
{
	int err = hvt_scan_head(fd, magic - HVT_AT_MAGIC, head);

	if (!err)
		return !memcmp(head->id, id, sizeof(head->id));
	return hvt_scan_is_damage(err) || err == -ENODATA ? 0 : err;
}

/* In the n bytes at window, which are at the offset at; *hit: where. */
static int search(int fd, const uint8_t id[16], const uint8_t *window, size_t n,
		uint64_t at, uint64_t *hit, struct hvt_head *head)
{
	size_t i = 0;
	int got = 0;

	while (!got && (i += find_magic(window + i, n - i)) < n) {
		got = try_head(fd, id, at + i, head);
		*hit = at + i++ - HVT_AT_MAGIC;
	}
	return got;
}

int hvt_scan_find(int fd, const uint8_t id[16], uint64_t from, uint64_t *offset,
		struct hvt_head *head)
{
	uint8_t *window = malloc(WINDOW);
	/* The magic lies behind the first words of the head. */
	uint64_t at = from + HVT_AT_MAGIC;
	int got = window ? 0 : -ENOMEM;

	while (!got) {
		ssize_t n = hvt_file_read(fd, window, WINDOW, at);

		if (n < 8) {
			got = n < 0 ? (int)n : -ENODATA;
			break;
		}
		got = search(fd, id, window, (size_t)n, at, offset, head);
		at += (uint64_t)n - 7;
	}
	free(window);
	return got < 0 ? got : 0;
}
