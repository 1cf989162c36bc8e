/* SPDX-License-Identifier: MIT */
/*
 * Private pages are moved away and copied to a file while a userfaultfd holds
 * up whoever touches them; the file is mapped in their place, and they go on.
 */
#include "rehome.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "blocks.h"
#include "page.h"
#include "uffd.h"

#ifndef MREMAP_DONTUNMAP /* Linux 5.7 */
#define MREMAP_DONTUNMAP 4
#endif

/* Documentation/admin-guide/mm/pagemap.rst: swapped, or present. */
#define PAGEMAP_THERE (3ull << 62)
#define BATCH 512u

static size_t size_of(const struct hvt_mapping *m)
{
	return (size_t)(m->end - m->start);
}

static int write_all(int fd, const uint8_t *from, size_t size, off_t at)
{
	while (size) {
		ssize_t n = pwrite(fd, from, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		from += n;
		size -= (size_t)n;
		at += n;
	}
	return 0;
}

/* What was never written has no page, and gets none. */
static bool is_wanted(const uint8_t *from, const uint64_t *entries, size_t i)
{
	return entries[i] & PAGEMAP_THERE &&
			!hvt_page_is_zero(from + i * hvt_page_size());
}

/*
 * By system calls: through a mapping each page would be a fault, and be filled
 * with zeros first.
 */
static int copy_pages(int fd, const uint8_t *from, const uint64_t *entries,
		size_t count, off_t at)
{
	size_t page = hvt_page_size(), i = 0, end;
	int err = 0;

	while (i < count && !err) {
		for (end = i; end < count && is_wanted(from, entries, end);)
			end++;
		if (end > i)
			err = write_all(fd, from + i * page, (end - i) * page,
					at + (off_t)(i * page));
		i = end + 1;
	}
	return err;
}

static int copy_there(int to, const uint8_t *from, size_t size)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t page = hvt_page_size(), pages = size / page, n;
	uint64_t entries[BATCH];
	int err = fd < 0 ? -errno : 0;

	for (size_t i = 0; i < pages && !err; i += n) {
		off_t at = (off_t)(((uintptr_t)from / page + i) * sizeof(*entries));

		n = pages - i < BATCH ? pages - i : BATCH;
		if (pread(fd, entries, n * sizeof(*entries), at) !=
				(ssize_t)(n * sizeof(*entries)))
			err = -EIO;
		else
			err = copy_pages(to, from + i * page, entries, n,
					(off_t)(i * page));
	}
	if (fd >= 0)
		close(fd);
	return err;
}

/* Reading takes the permission, which the VMM may have withheld from itself. */
static int copy_from(int fd, uint8_t *old, size_t size, int prot)
{
	if (!(prot & PROT_READ) && mprotect(old, size, PROT_READ))
		return -errno;
	return copy_there(fd, old, size);
}

/* They are back where they were, and nothing has happened. */
static void move_back(const struct hvt_mapping *m, uint8_t *old)
{
	(void)mprotect(old, size_of(m), m->prot);
	(void)mremap(old, size_of(m), size_of(m),
			MREMAP_MAYMOVE | MREMAP_FIXED, m->start);
}

static int move(const struct hvt_mapping *m, int fd)
{
	size_t size = size_of(m);
	uint8_t *old = mremap(m->start, size, size,
			MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	int err;

	if (old == MAP_FAILED)
		return -errno;
	err = copy_from(fd, old, size, m->prot);
	if (!err && mmap(m->start, size, m->prot, MAP_SHARED | MAP_FIXED, fd,
				    0) == MAP_FAILED)
		err = -errno;
	if (err)
		move_back(m, old);
	else
		munmap(old, size);
	return err;
}

static int hold_and_move(const struct hvt_mapping *m, int fd)
{
	int holder, err = hvt_uffd_open(0, &holder);

	if (err)
		return err;
	err = hvt_uffd_register(holder, m->start, size_of(m),
			UFFDIO_REGISTER_MODE_MISSING);
	if (!err)
		err = move(m, fd);
	/* Whoever waits is woken, and tries again. */
	close(holder);
	return err;
}

static int make_file(size_t size, int *fd)
{
	int err = 0;

	*fd = memfd_create("hvtrace-ram", MFD_CLOEXEC);
	if (*fd < 0)
		return -errno;
	if (ftruncate(*fd, (off_t)size)) {
		err = -errno;
		close(*fd);
	}
	return err;
}

int hvt_rehome(const struct hvt_mapping *m, struct hvt_two_views *two)
{
	size_t size = size_of(m);
	int err = make_file(size, &two->fd);

	if (err)
		return err;
	two->offset = 0;
	two->view = hvt_map_blocks(two->fd, size, m->start);
	err = two->view ? hold_and_move(m, two->fd) : -errno;
	if (!err) {
		hvt_make_blocks(two->view, size);
		return 0;
	}
	if (two->view)
		munmap(two->view, size);
	close(two->fd);
	return err;
}

/* Through the list of mappings, which takes privileges; else as an open one. */
static int open_file_of(const struct hvt_mapping *m)
{
	char name[96];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "/proc/self/map_files/%lx-%lx",
			(unsigned long)(uintptr_t)m->whole,
			(unsigned long)(uintptr_t)m->whole_end);
	fd = open(name, O_RDWR | O_CLOEXEC);
	for (int i = 0; fd < 0 && i < 1024; i++)
		if (!fstat(i, &st) && st.st_ino == m->inode &&
				major(st.st_dev) == m->major &&
				minor(st.st_dev) == m->minor)
			fd = fcntl(i, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -EOPNOTSUPP : fd;
}

int hvt_second_view(const struct hvt_mapping *m, struct hvt_two_views *two)
{
	int fd = open_file_of(m);
	struct statfs fs;
	void *view;

	if (fd < 0)
		return fd;
	view = fstatfs(fd, &fs) || fs.f_type != TMPFS_MAGIC
			? MAP_FAILED
			: mmap(NULL, size_of(m), PROT_READ | PROT_WRITE,
					MAP_SHARED, fd, (off_t)m->offset);
	if (view == MAP_FAILED) {
		close(fd);
		return -EOPNOTSUPP;
	}
	*two = (struct hvt_two_views){ view, fd, m->offset };
	return 0;
}
