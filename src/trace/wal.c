/* SPDX-License-Identifier: MIT */
/* The file of rings. */
#include "wal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "format.h"
#include "remote.h"

#define RING_SIZE_MIN 4096u
#define RING_SIZE_MAX (1u << 30)
#define LOCK_TRIES    50 /* of a millisecond */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Beside the trace itself, by whatever name it is opened. */
static int path_of(char *out, size_t size, const char *trace_path)
{
	char *real = realpath(trace_path, NULL);
	int n = snprintf(out, size, "%s.wal", real ? real : trace_path);

	free(real);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* A mapping holds the lock as a descriptor does: a child must have neither. */
static void keep_from_children(const struct hvt_wal *wal, void *p, size_t size)
{
	if (wal->writable)
		(void)madvise(p, size, MADV_DONTFORK);
}

_Static_assert(offsetof(struct hvt_wal_header, places) == 64, "on disk");

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The kernel's name for the time since it was started; zeros if unknown. */
static void get_boot(uint8_t boot[16])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	char text[64] = "";
	unsigned n = 0;

	memset(boot, 0, 16);
	if (f && !fgets(text, sizeof(text), f))
		text[0] = 0;
	if (f)
		fclose(f);
	for (const char *p = text; *p && n < 32; p++) {
		int digit = hex_digit(*p);

		if (digit < 0)
			continue;
		boot[n / 2] = (uint8_t)(boot[n / 2] << 4 | digit);
		n++;
	}
}

bool hvt_wal_is_of_another_boot(const struct hvt_wal *wal)
{
	static const uint8_t unknown[16];
	uint8_t boot[16];

	get_boot(boot);
	return !memcmp(wal->header->boot, unknown, sizeof(unknown)) ||
			memcmp(wal->header->boot, boot, sizeof(boot)) != 0;
}

bool hvt_wal_has_rings_of(
		const struct hvt_wal *wal, const struct hvt_log_point *point)
{
	size_t n = point->count;

	return !n || point->rings[n - 1].ring < wal->header->rings ||
			hvt_wal_is_of_another_boot(wal);
}

static int map_header(struct hvt_wal *wal)
{
	int prot = PROT_READ | (wal->writable ? PROT_WRITE : 0);
	void *p = mmap(NULL, HVT_WAL_HEADER, prot, MAP_SHARED, wal->fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	keep_from_children(wal, p, HVT_WAL_HEADER);
	wal->header = p;
	return 0;
}

int hvt_wal_is_taken(const char *trace_path)
{
	struct hvt_wal wal = { 0 };
	char path[PATH_MAX];
	bool taken;

	if (path_of(path, sizeof(path), trace_path))
		return 0;
	wal.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (wal.fd < 0)
		return 0;
	taken = hvt_wal_is_live(&wal);
	close(wal.fd);
	return taken ? -EBUSY : 0;
}

/*
 * Blocks for all of it now: a store to a page that the disk has no room
 * for would be the VMM's death. Where the file system cannot be asked, by
 * writing zeros.
 */
static int allocate(int fd, uint64_t offset, uint64_t size)
{
	static const uint8_t zeros[65536];

	if (!fallocate(fd, 0, (off_t)offset, (off_t)size))
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	for (uint64_t done = 0; done < size;) {
		size_t piece = size - done < sizeof(zeros) ? size - done
							   : sizeof(zeros);
		ssize_t n = pwrite(fd, zeros, piece, (off_t)(offset + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (uint64_t)n : 0;
	}
	return 0;
}

/* A reader may hold it for an instant, to see whether anyone does. */
static int lock(int fd)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return -EBUSY;
}

int hvt_wal_create(struct hvt_wal *wal, const char *trace_path,
		const uint8_t id[16], uint64_t ring_size)
{
	char path[PATH_MAX];
	int err = path_of(path, sizeof(path), trace_path);

	if (!err)
		err = hvt_wal_is_taken(trace_path);
	if (err)
		return err;
	*wal = (struct hvt_wal){ .writable = true, .ours = true,
		.ring_size = ring_size };
	/* A reader may have an old one mapped: it is not made shorter. */
	(void)unlink(path);
	wal->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (wal->fd < 0)
		return -errno;
	/*
	 * Storing to a file of another machine through a mapping, and syncing
	 * that ten times a second, costs more than all else of a recording.
	 */
	wal->remote = hvt_is_remote(wal->fd);
	/* Held by the process, released by its death: who is alive. */
	err = lock(wal->fd);
	if (!err)
		err = allocate(wal->fd, 0, HVT_WAL_HEADER);
	if (!err)
		err = map_header(wal);
	if (err)
		goto err_close;
	memcpy(wal->header->id, id, 16);
	get_boot(wal->header->boot);
	wal->header->ring_size = ring_size;
	/* Last: without it there is no log yet. */
	atomic_thread_fence(memory_order_release);
	memcpy(wal->header->magic, HVT_WAL_MAGIC, 8);
	return 0;

err_close:
	close(wal->fd);
	return err;
}

static int check(struct hvt_wal *wal, const uint8_t id[16])
{
	static const uint8_t unwritten[8];
	uint64_t size = wal->header->ring_size;

	if (!memcmp(wal->header->magic, unwritten, 8))
		return -ESTALE;
	if (memcmp(wal->header->magic, HVT_WAL_MAGIC, 8) != 0)
		return -EBADMSG;
	if (memcmp(wal->header->id, id, 16) != 0)
		return -ESTALE;
	if (size < RING_SIZE_MIN || size > RING_SIZE_MAX ||
			size & (size - 1))
		return -EBADMSG;
	wal->ring_size = size;
	return 0;
}

int hvt_wal_open(struct hvt_wal *wal, const char *trace_path,
		const uint8_t id[16], bool writable)
{
	char path[PATH_MAX];
	struct stat st;
	int err = path_of(path, sizeof(path), trace_path);

	if (err)
		return err;
	*wal = (struct hvt_wal){ .writable = writable };
	wal->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (wal->fd < 0)
		return -errno;
	err = fstat(wal->fd, &st) ? -errno
			: st.st_size < (off_t)HVT_WAL_HEADER ? -ESTALE : 0;
	if (!err)
		err = map_header(wal);
	if (err) {
		close(wal->fd);
		return err;
	}
	err = check(wal, id);
	if (err)
		hvt_wal_close(wal);
	return err;
}

static uint64_t ring_bytes(const struct hvt_wal *wal)
{
	return HVT_RING_HEADER + wal->ring_size;
}

static uint64_t ring_offset(const struct hvt_wal *wal, uint64_t index)
{
	return HVT_WAL_HEADER + index * ring_bytes(wal);
}

/*
 * A log that was found may be shorter than it says. Ours is not asked: while it
 * grows, a file of another machine may look shorter than it is, as 9p takes the
 * answer to an earlier question for the newer one.
 */
static bool has_ring(const struct hvt_wal *wal, uint64_t index)
{
	struct stat st;

	if (wal->ours)
		return index < atomic_load(&wal->header->rings);
	return index < HVT_THREADS_MAX && !fstat(wal->fd, &st) &&
			(uint64_t)st.st_size >= ring_offset(wal, index + 1);
}

static int map_ring(const struct hvt_wal *wal, uint64_t index, struct hvt_ring *ring)
{
	int prot = PROT_READ | (wal->writable ? PROT_WRITE : 0);
	void *p = mmap(NULL, ring_bytes(wal), prot, MAP_SHARED, wal->fd,
			(off_t)ring_offset(wal, index));

	if (p == MAP_FAILED)
		return -errno;
	keep_from_children(wal, p, ring_bytes(wal));
	*ring = (struct hvt_ring){ .header = p,
		.bytes = (uint8_t *)p + HVT_RING_HEADER,
		.size = wal->ring_size };
	return 0;
}

int hvt_wal_ring(const struct hvt_wal *wal, uint64_t index, struct hvt_ring *ring)
{
	return has_ring(wal, index) ? map_ring(wal, index, ring) : -EBADMSG;
}

int hvt_wal_add_ring(struct hvt_wal *wal, struct hvt_ring *ring)
{
	uint64_t index = atomic_load(&wal->header->rings);
	int err;

	if (index >= HVT_THREADS_MAX)
		return -EUSERS;
	err = allocate(wal->fd, ring_offset(wal, index), ring_bytes(wal));
	if (!err)
		err = map_ring(wal, index, ring);
	if (!err)
		atomic_store(&wal->header->rings, index + 1);
	return err;
}

void hvt_wal_unmap_ring(struct hvt_ring *ring)
{
	munmap(ring->header, HVT_RING_HEADER + ring->size);
	ring->header = NULL;
}

/* Linux 5.14; before that the first store to a page is slow, that is all. */
static void touch(void *p, size_t size)
{
	(void)madvise(p, size, MADV_POPULATE_WRITE);
}

void hvt_wal_touch(const struct hvt_wal *wal, const struct hvt_ring *ring,
		uint64_t at, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t begin = at & (ring->size - 1) & ~(page - 1);
	uint64_t left = ring->size - begin;

	if (wal->remote || page > HVT_RING_HEADER)
		return;
	bytes = bytes < ring->size ? bytes & ~(page - 1) : ring->size;
	/* Of the headers, what holds numbers: the rest is never stored to. */
	touch(wal->header, sizeof(*wal->header));
	touch(ring->header, sizeof(*ring->header));
	touch(ring->bytes + begin, bytes < left ? bytes : left);
	if (bytes > left)
		touch(ring->bytes, bytes - left);
}

#define ASK_TRIES 200 /* of a millisecond */

void hvt_wal_ask(struct hvt_wal *wal)
{
	uint64_t wanted = atomic_fetch_add(&wal->header->wanted, 1) + 1;
	struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < ASK_TRIES; i++) {
		if (atomic_load(&wal->header->served) >= wanted)
			return;
		nanosleep(&pause, NULL);
	}
}

int hvt_wal_sync(struct hvt_wal *wal)
{
	if (wal->remote)
		return 0;
	return fdatasync(wal->fd) ? -errno : 0;
}

bool hvt_wal_is_live(const struct hvt_wal *wal)
{
	if (flock(wal->fd, LOCK_SH | LOCK_NB))
		return errno == EWOULDBLOCK;
	flock(wal->fd, LOCK_UN);
	return false;
}

void hvt_wal_unlock(struct hvt_wal *wal)
{
	flock(wal->fd, LOCK_UN);
}

void hvt_wal_close(struct hvt_wal *wal)
{
	munmap(wal->header, HVT_WAL_HEADER);
	close(wal->fd);
	wal->fd = -1;
}

int hvt_wal_remove(const char *trace_path)
{
	char path[PATH_MAX];
	int err = path_of(path, sizeof(path), trace_path);

	if (err)
		return err;
	return unlink(path) ? -errno : 0;
}
