/* SPDX-License-Identifier: MIT */
/*
 * Memory. KVM does not make a slot read-only or writable again: it goes, and
 * comes back as the other.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <sys/mman.h>

#include "memory_paths.h"
#include "raw_paths.h"

#define SLOT 1u

static void *memory;

static void allocate(void)
{
	if (!memory)
		memory = memory_allocate();
}

static void map(unsigned flags)
{
	raw_slot(SLOT, flags, MEMORY_IPA, MEMORY_SIZE, memory);
}

static void unmap(void)
{
	raw_slot(SLOT, 0, MEMORY_IPA, 0, memory);
}

static uint64_t map_sample(void)
{
	uint64_t start = path_now(), ticks;

	map(0);
	ticks = path_now() - start;
	unmap();
	return ticks;
}

static uint64_t unmap_sample(void)
{
	uint64_t start;

	map(0);
	start = path_now();
	unmap();
	return path_now() - start;
}

static void begin_protect(void)
{
	allocate();
	map(0);
}

static uint64_t protect_sample(void)
{
	static unsigned flags;
	uint64_t start = path_now();

	flags ^= KVM_MEM_READONLY;
	unmap();
	map(flags);
	return path_now() - start;
}

static const struct path paths[] = {
	{ "map/bare", 0, allocate, map_sample, NULL },
	{ "unmap/bare", 0, allocate, unmap_sample, NULL },
	{ "protect/bare", 0, begin_protect, protect_sample, unmap },
};

const struct path_group raw_memory = PATH_GROUP(paths);
