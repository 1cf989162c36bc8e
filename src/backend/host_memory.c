/* SPDX-License-Identifier: MIT */
#include "host_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * The kernel reads the way KVM does, by the VMM's permissions. Only whether
 * memory that is there may be read is of interest: where this call is
 * forbidden, nothing is known.
 */
static bool may_read(void *addr)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { addr, 1 };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1 ||
		errno != EFAULT;
}

/* Of one line of /proc/self/maps, what lies within [start, end). */
static int allow_reading(const char *line, uint64_t start, uint64_t end)
{
	uint64_t from, to;
	char r, w, x;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %c%c%c", &from, &to, &r, &w,
		    &x) != 5)
		return -EINVAL;
	from = from < start ? start : from;
	to = to > end ? end : to;
	if (from >= to || r == 'r' || w != 'w')
		return 0;
	return mprotect((void *)(uintptr_t)from, to - from,
		       PROT_READ | PROT_WRITE | (x == 'x' ? PROT_EXEC : 0))
		? -errno
		: 0;
}

static int make_readable(uint64_t start, uint64_t end)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t size = 0;
	int err = maps ? 0 : -errno;

	while (!err && getline(&line, &size, maps) > 0)
		err = allow_reading(line, start, end);
	free(line);
	if (maps)
		fclose(maps);
	return err;
}

int hvt_host_memory_check(void *addr, uint64_t size, hv_memory_flags_t flags)
{
	uint64_t start = (uintptr_t)addr;

	if (!start || start + size < start)
		return -EINVAL;
	/* It writes nothing back by itself; it fails where nothing is mapped.
	 */
	if (msync(addr, size, MS_ASYNC))
		return -EINVAL;
	return flags & HV_MEMORY_READ && !may_read(addr)
		? make_readable(start, start + size)
		: 0;
}
