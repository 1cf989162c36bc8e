/* SPDX-License-Identifier: MIT */
/* Against short reads and writes, and signals in the middle of them. */
#include "file.h"

#include <errno.h>
#include <unistd.h>

ssize_t hvt_file_read(int fd, void *p, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (uint8_t *)p + done, size - done,
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

int hvt_file_write(int fd, const void *p, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(fd, (const uint8_t *)p + done, size - done,
				(off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* A file takes at least a byte, or says why not. */
		if (n == 0)
			return -EIO;
		done += (size_t)n;
	}
	return 0;
}
