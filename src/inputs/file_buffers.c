/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes of files at a place: what moves between a disk of the VMM's and
 * guest RAM. Nothing of them is an input (docs/REPLAY.md), but where the memory is
 * followed one word before each spares a fault for every page.
 */
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "passage.h"

/*
 * So many bytes a call may move: what is told of is to be touched, in a recording
 * as in its replay. 0: who knows what that is.
 */
static size_t limit(int fd, off_t at, bool reads)
{
	int before = errno;
	struct stat st;
	size_t most = 0;

	if (at < 0 || fstat(fd, &st))
		most = 0;
	else if (S_ISBLK(st.st_mode) || (S_ISREG(st.st_mode) && !reads))
		most = SSIZE_MAX;
	else if (S_ISREG(st.st_mode) && at < st.st_size)
		most = (size_t)(st.st_size - at);
	errno = before;
	return most;
}

/* So many buffers of a call are told of. */
#define PARTS_MAX 64

/*
 * The VMM's list of them may be anywhere: what is no list is for the kernel to say.
 * How many there are; 0: none of interest.
 */
static int take_parts(struct iovec parts[PARTS_MAX], const struct iovec *from,
	int count)
{
	size_t size = (count < PARTS_MAX ? (size_t)count : PARTS_MAX) *
		sizeof(*parts);
	struct iovec here = { parts, size }, there = { (void *)(uintptr_t)from, size };
	int before = errno;
	bool any = false;

	if (count <= 0 || count > IOV_MAX ||
		process_vm_readv(getpid(), &here, 1, &there, 1, 0) != (ssize_t)size)
		size = 0;
	errno = before;
	for (size_t i = 0; i < size / sizeof(*parts) && !any; i++)
		any = hvt_input_may_hold(parts[i].iov_base, parts[i].iov_len);
	return any ? (int)(size / sizeof(*parts)) : 0;
}

static bool tell_all(const struct iovec *parts, int count, size_t most)
{
	size_t left = most, size;

	for (int i = 0; i < count && left; i++, left -= size) {
		size = parts[i].iov_len < left ? parts[i].iov_len : left;
		hvt_input_will_touch(parts[i].iov_base, size);
	}
	return most;
}

/* Was anything told? */
static bool tell_list(int fd, const struct iovec *list, int count, off_t at,
	bool reads)
{
	struct iovec parts[PARTS_MAX];
	int n = take_parts(parts, list, count);

	return n && tell_all(parts, n, limit(fd, at, reads));
}

static bool tell_one(int fd, const void *bytes, size_t size, off_t at, bool reads)
{
	struct iovec part = { (void *)(uintptr_t)bytes, size };

	return hvt_input_may_hold(bytes, size) &&
		tell_all(&part, 1, limit(fd, at, reads));
}

/* Which pread() becomes where the compiler knows the size of the buffer. */
ssize_t __pread_chk(int fd, void *bytes, size_t size, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *bytes, size_t size, off_t at, size_t room);

/* The rest of a function that stands in for another: what it tells, and that one. */
#define TELL_AROUND(told, call) \
	bool told_ = hvt_input_is_told_of_buffers( \
			     __builtin_return_address(0)) && (told); \
	ssize_t result = (call); \
\
	if (told_) \
		hvt_input_has_touched(); \
	return result

#define STANDS_IN_FOR_READ(name) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name(int fd, void *bytes, size_t size, off_t at) \
	{ \
		TELL_AROUND(tell_one(fd, bytes, size, at, true), \
			NEXT(name)(fd, bytes, size, at)); \
	}

#define STANDS_IN_FOR_WRITE(name) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name( \
		int fd, const void *bytes, size_t size, off_t at) \
	{ \
		TELL_AROUND(tell_one(fd, bytes, size, at, false), \
			NEXT(name)(fd, bytes, size, at)); \
	}

#define STANDS_IN_FOR_CHECKED(name) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name( \
		int fd, void *bytes, size_t size, off_t at, size_t room) \
	{ \
		TELL_AROUND(tell_one(fd, bytes, size < room ? size : room, at, \
				    true), \
			NEXT(name)(fd, bytes, size, at, room)); \
	}

#define STANDS_IN_FOR_MANY(name, reads) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name( \
		int fd, const struct iovec *parts, int count, off_t at) \
	{ \
		TELL_AROUND(tell_list(fd, parts, count, at, reads), \
			NEXT(name)(fd, parts, count, at)); \
	}

#define STANDS_IN_FOR_MANY_WITH_FLAGS(name, reads) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name(int fd, const struct iovec *parts, \
		int count, off_t at, int flags) \
	{ \
		TELL_AROUND(tell_list(fd, parts, count, at, reads), \
			NEXT(name)(fd, parts, count, at, flags)); \
	}

STANDS_IN_FOR_READ(pread)
STANDS_IN_FOR_READ(pread64)
STANDS_IN_FOR_WRITE(pwrite)
STANDS_IN_FOR_WRITE(pwrite64)
STANDS_IN_FOR_CHECKED(__pread_chk)
STANDS_IN_FOR_CHECKED(__pread64_chk)
STANDS_IN_FOR_MANY(preadv, true)
STANDS_IN_FOR_MANY(preadv64, true)
STANDS_IN_FOR_MANY(pwritev, false)
STANDS_IN_FOR_MANY(pwritev64, false)
STANDS_IN_FOR_MANY_WITH_FLAGS(preadv2, true)
STANDS_IN_FOR_MANY_WITH_FLAGS(preadv64v2, true)
STANDS_IN_FOR_MANY_WITH_FLAGS(pwritev2, false)
STANDS_IN_FOR_MANY_WITH_FLAGS(pwritev64v2, false)
