/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "page.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define BLOCK_MAX (512u << 20) /* with pages of 64 KiB */

/* Documentation/admin-guide/mm/transhuge.rst. 0: the kernel makes none. */
static size_t block_size(void)
{
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
	unsigned long long size = 0;

	if (f && fscanf(f, "%llu", &size) != 1)
		size = 0;
	if (f)
		fclose(f);
	return size <= BLOCK_MAX && !(size & (size - 1)) ? (size_t)size : 0;
}

/* Of address space alone, to be mapped over: as much more as is needed to align. */
static uint8_t *reserve(size_t size, size_t block)
{
	uint8_t *p = mmap(NULL, size + block, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t skipped;

	if (p == MAP_FAILED)
		return NULL;
	skipped = -(uintptr_t)p & (block - 1);
	if (skipped)
		munmap(p, skipped);
	munmap(p + skipped + size, block - skipped);
	return p + skipped;
}

uint8_t *hvt_map_blocks(int fd, size_t size, const uint8_t *like)
{
	size_t block = block_size();
	bool aligned = block && !((uintptr_t)like & (block - 1));
	uint8_t *at = aligned ? reserve(size, block) : NULL;
	void *view = mmap(at, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | (at ? MAP_FIXED : 0), fd, 0);

	if (view == MAP_FAILED && at)
		munmap(at, size);
	return view == MAP_FAILED ? NULL : view;
}

/* Has the file most of the pages? */
static bool is_mostly_there(uint8_t *at, size_t size, unsigned char *there)
{
	size_t pages = size / hvt_page_size(), n = 0;

	if (mincore(at, size, there))
		return false;
	for (size_t i = 0; i < pages; i++)
		n += there[i] & 1;
	return n > pages / 2;
}

void hvt_make_blocks(uint8_t *view, size_t size)
{
	size_t block = block_size();
	unsigned char *there;

	if (!block || (uintptr_t)view & (block - 1))
		return;
	there = malloc(block / hvt_page_size());
	for (size_t at = 0; there && at + block <= size; at += block)
		if (is_mostly_there(view + at, block, there))
			(void)madvise(view + at, block, MADV_COLLAPSE);
	free(there);
}
