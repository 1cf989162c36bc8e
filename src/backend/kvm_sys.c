/* SPDX-License-Identifier: MIT */
/* The real kernel. */
#include "kvm_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int open_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int do_ioctl(int fd, unsigned long request, const void *arg)
{
	int r = ioctl(fd, request, arg);

	return r < 0 ? -errno : r;
}

static int do_ioctl_number(int fd, unsigned long request, unsigned long arg)
{
	int r = ioctl(fd, request, arg);

	return r < 0 ? -errno : r;
}

static int map(int fd, size_t size, void **p)
{
	*p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return *p == MAP_FAILED ? -errno : 0;
}

static void unmap(void *p, size_t size)
{
	munmap(p, size);
}

static int read_at(int fd, void *p, size_t size, uint64_t offset)
{
	ssize_t n = pread(fd, p, size, (off_t)offset);

	return n < 0 ? -errno : (int)n;
}

static void do_close(int fd)
{
	close(fd);
}

static const struct hvt_kvm_sys kernel = { open_kvm, do_ioctl, do_ioctl_number,
	map, unmap, read_at, do_close };

const struct hvt_kvm_sys *hvt_kvm_sys = &kernel;
