/* SPDX-License-Identifier: MIT */
#include "uffd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "page.h"

#ifndef USERFAULTFD_IOC_NEW /* Linux 6.1, include/uapi/linux/userfaultfd.h */
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

static int open_any(void)
{
	int dev = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC), fd = -1;

	if (dev >= 0) {
		fd = ioctl(dev, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
		close(dev);
	}
	if (fd < 0)
		fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int hvt_uffd_open(uint64_t features, int *fd)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int err = open_any();

	if (err < 0)
		return err == -ENOSYS ? -EOPNOTSUPP : err;
	*fd = err;
	if (!ioctl(*fd, UFFDIO_API, &api))
		return 0;
	err = errno == EINVAL ? -EOPNOTSUPP : -errno;
	close(*fd);
	*fd = -1;
	return err;
}

static struct uffdio_range range(const void *addr, size_t size)
{
	return (struct uffdio_range){ (uint64_t)(uintptr_t)addr, size };
}

int hvt_uffd_register(int fd, const void *addr, size_t size, uint64_t mode)
{
	struct uffdio_register r = { .range = range(addr, size), .mode = mode };

	return ioctl(fd, UFFDIO_REGISTER, &r) ? -errno : 0;
}

int hvt_uffd_unregister(int fd, const void *addr, size_t size)
{
	struct uffdio_range r = range(addr, size);

	return ioctl(fd, UFFDIO_UNREGISTER, &r) ? -errno : 0;
}

int hvt_uffd_wake(int fd, const void *addr, size_t size)
{
	struct uffdio_range r = range(addr, size);

	return ioctl(fd, UFFDIO_WAKE, &r) ? -errno : 0;
}

/* EEXIST: it is there already. */
int hvt_uffd_grant(int fd, const void *addr, size_t size)
{
	struct uffdio_continue c = { .range = range(addr, size) };

	if (!ioctl(fd, UFFDIO_CONTINUE, &c))
		return 0;
	return errno == EEXIST ? hvt_uffd_wake(fd, addr, size) : -errno;
}

/* The kernel goes as far as it can, and says how far; or what the first one is. */
void hvt_uffd_grant_all(int fd, const uint8_t *addr, size_t size)
{
	struct uffdio_continue c = { .range = range(addr, size) };

	while (c.range.len && ioctl(fd, UFFDIO_CONTINUE, &c)) {
		uint64_t done = c.mapped > 0 ? (uint64_t)c.mapped
					     : hvt_page_size();

		if (c.mapped <= 0 && errno != EEXIST)
			return;
		c.range.start += done;
		c.range.len -= done;
	}
}
