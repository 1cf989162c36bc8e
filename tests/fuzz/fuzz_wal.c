/* SPDX-License-Identifier: MIT */
/*
 * A hostile write-ahead log beside an empty trace, read and recovered. The
 * input says how many rings there are and what is in them: first 24 bytes for
 * the head of the log, then for each ring 24 bytes for its head and what
 * follows, 1024 bytes at most. Bit 0 of the first byte: the magic is put
 * right; bit 1: so is the size of the rings; bit 2: it is of another boot, and
 * the rings are synced to where the second half of their tail says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "wal.h"
#include "writer.h"

#define RING  4096u
#define RINGS 4u

static char path[64], log_path[80];

static void put(int fd, const void *p, size_t size, uint64_t at)
{
	NEED(pwrite(fd, p, size, (off_t)at) == (ssize_t)size);
}

static size_t take(const uint8_t **data, size_t *size, uint8_t *out, size_t n)
{
	n = n < *size ? n : *size;
	if (n)
		memcpy(out, *data, n);
	*data += n;
	*size -= n;
	return n;
}

/* As hvt_wal_create() does; or not. */
static void put_boot(int fd, bool other)
{
	static uint8_t boot[16];
	static bool known;
	uint8_t bent[16];

	if (!known) {
		struct hvt_wal wal;
		char other_path[80];

		snprintf(other_path, sizeof(other_path), "%s-boot", path);
		NEED(!hvt_wal_create(&wal, other_path, boot, RING));
		memcpy(boot, wal.header->boot, sizeof(boot));
		hvt_wal_close(&wal);
		NEED(!hvt_wal_remove(other_path));
		known = true;
	}
	memcpy(bent, boot, sizeof(bent));
	bent[0] ^= other;
	put(fd, bent, sizeof(bent), offsetof(struct hvt_wal_header, boot));
}

static void make_head(int fd, const uint8_t head[24], const uint8_t id[16])
{
	uint64_t ring_size = RING, rings = head[2];

	if (head[0] & 1)
		put(fd, HVT_WAL_MAGIC, 8, 0);
	else
		put(fd, head + 8, 8, 0);
	put(fd, id, 16, 8);
	put_boot(fd, head[0] & 4);
	if (!(head[0] & 2))
		memcpy(&ring_size, head + 16, 8);
	put(fd, &ring_size, 8, offsetof(struct hvt_wal_header, ring_size));
	put(fd, &rings, 8, offsetof(struct hvt_wal_header, rings));
}

static void make_ring(int fd, uint64_t at, const uint8_t **data, size_t *size)
{
	uint8_t head[24] = { 0 }, bytes[1024] = { 0 };
	uint64_t end, begin, synced;
	size_t n;

	take(data, size, head, sizeof(head));
	n = take(data, size, bytes, sizeof(bytes));
	put(fd, head, 8, at);
	memcpy(&end, head + 8, 8);
	memcpy(&begin, head + 16, 8);
	synced = begin >> 32;
	begin &= UINT32_MAX;
	put(fd, &end, 8, at + offsetof(struct hvt_ring_header, head));
	put(fd, &begin, 8, at + offsetof(struct hvt_ring_header, tail));
	put(fd, &synced, 8, at + offsetof(struct hvt_ring_header, synced));
	/* Where the consumer will look first, around the end if need be. */
	for (size_t i = 0; i < n; i++)
		put(fd, bytes + i, 1,
			at + HVT_RING_HEADER + ((begin + i) & (RING - 1)));
}

static void make_files(const uint8_t *data, size_t size)
{
	uint8_t head[24] = { 0 };
	struct hvt_writer *w;
	int fd;

	NEED(hvt_writer_create(&w, path, NULL, 0, 0) == 0);
	fd = open(log_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	NEED(fd >= 0);
	take(&data, &size, head, sizeof(head));
	/* Half a ring may be missing at the end. */
	NEED(ftruncate(fd, HVT_WAL_HEADER + (head[1] % (2 * RINGS + 1)) *
			(HVT_RING_HEADER + RING) / 2) == 0);
	make_head(fd, head, hvt_writer_id(w));
	for (unsigned i = 0; i < RINGS && size; i++)
		make_ring(fd, HVT_WAL_HEADER + i * (HVT_RING_HEADER + RING),
			&data, &size);
	close(fd);
	NEED(hvt_writer_close(w, NULL) == 0);
}

/* Events there are; *damaged: the log was. */
static uint64_t read_all(bool *damaged)
{
	struct hvt_event event;
	struct hvt_trace *t;
	struct hvt_error e;
	uint64_t n = 0;
	unsigned sum = 0;
	int got;

	NEED(hvt_trace_open(&t, path, &e) == 0);
	while ((got = hvt_trace_next(t, &event, &e)) == 1) {
		NEED(event.number == n++);
		NEED(hvt_call_schema(event.call));
		for (size_t i = 0; i < event.data_size; i++)
			sum += event.data[i];
	}
	NEED(got == 0 || got == -EBADMSG || got == -ENODATA);
	NEED(sum < UINT32_MAX);
	*damaged = got != 0;
	hvt_trace_close(t);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hvt_error e = { 0 };
	uint64_t recovered;
	bool damaged, still;
	int err;

	if (!path[0]) {
		/* In memory, where there is such a folder. */
		snprintf(path, sizeof(path), "%s/fuzz-wal-%d",
			access("/dev/shm", W_OK) ? "." : "/dev/shm",
			(int)getpid());
		snprintf(log_path, sizeof(log_path), "%s.wal", path);
	}
	make_files(data, size);
	(void)read_all(&damaged);
	err = hvt_trace_recover(path, HVT_END_DIED, &recovered, &e);
	NEED(!err || (damaged && e.code == err && e.text[0]));
	if (!err) {
		NEED(read_all(&still) == recovered);
		NEED(!still);
	}
	unlink(path);
	unlink(log_path);
	return 0;
}
