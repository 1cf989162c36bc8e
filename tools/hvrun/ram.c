/* SPDX-License-Identifier: MIT */
/* Guest RAM in the host's memory, and guest addresses to host addresses. */
#include "ram.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "machine_map.h"

#define LARGE_PAGE MIB(2)

int ram_allocate(struct ram *ram, uint64_t size)
{
	uint8_t *host = mmap(NULL, size + LARGE_PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
	uint64_t before;

	if (host == MAP_FAILED)
		return -errno;
	before = -(uintptr_t)host % LARGE_PAGE;
	if (before)
		munmap(host, before);
	munmap(host + before + size, LARGE_PAGE - before);
	ram->host = host + before;
	ram->size = size;
#ifdef MADV_HUGEPAGE
	/* Where there are none, small ones do. */
	(void)madvise(ram->host, size, MADV_HUGEPAGE);
#endif
	return 0;
}

void *ram_at(const struct ram *ram, uint64_t address, uint64_t length)
{
	uint64_t offset = address - RAM_BASE;

	if (address < RAM_BASE || offset > ram->size ||
		length > ram->size - offset)
		return NULL;
	return ram->host + offset;
}
