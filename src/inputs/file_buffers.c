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

static void tell(int fd, const struct iovec *parts, int count, off_t at, bool reads)
{
	size_t left = limit(fd, at, reads), size;

	for (int i = 0; i < count && count <= IOV_MAX && left; i++) {
		size = parts[i].iov_len < left ? parts[i].iov_len : left;
		hvt_input_will_touch(parts[i].iov_base, size);
		left -= size;
	}
}

/* Which pread() becomes where the compiler knows the size of the buffer. */
ssize_t __pread_chk(int fd, void *bytes, size_t size, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *bytes, size_t size, off_t at, size_t room);

#define TELL(fd, parts, count, at, reads) \
	do \
		if (hvt_input_is_told_of_buffers(__builtin_return_address(0))) \
			tell(fd, parts, count, at, reads); \
	while (0)

#define STANDS_IN_FOR_ONE(name, type, reads) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name(int fd, type *bytes, size_t size, off_t at) \
	{ \
		struct iovec part = { (void *)(uintptr_t)bytes, size }; \
\
		TELL(fd, &part, 1, at, reads); \
		return NEXT(name)(fd, bytes, size, at); \
	}

#define STANDS_IN_FOR_CHECKED(name) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name( \
		int fd, void *bytes, size_t size, off_t at, size_t room) \
	{ \
		struct iovec part = { bytes, size < room ? size : room }; \
\
		TELL(fd, &part, 1, at, true); \
		return NEXT(name)(fd, bytes, size, at, room); \
	}

#define STANDS_IN_FOR_MANY(name, reads) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name( \
		int fd, const struct iovec *parts, int count, off_t at) \
	{ \
		TELL(fd, parts, count, at, reads); \
		return NEXT(name)(fd, parts, count, at); \
	}

#define STANDS_IN_FOR_MANY_WITH_FLAGS(name, reads) \
	NEXT_SLOT(name); \
	HVT_STANDS_IN ssize_t name(int fd, const struct iovec *parts, \
		int count, off_t at, int flags) \
	{ \
		TELL(fd, parts, count, at, reads); \
		return NEXT(name)(fd, parts, count, at, flags); \
	}

STANDS_IN_FOR_ONE(pread, void, true)
STANDS_IN_FOR_ONE(pread64, void, true)
STANDS_IN_FOR_ONE(pwrite, const void, false)
STANDS_IN_FOR_ONE(pwrite64, const void, false)
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
