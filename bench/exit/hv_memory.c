/* SPDX-License-Identifier: MIT */
/* Memory that comes, changes and goes. */
#include "hv_paths.h"

#include "memory_paths.h"

#define ALL (HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC)

static void *memory;

static void allocate(void)
{
	if (!memory)
		memory = memory_allocate();
}

static void map(void)
{
	bench_check((int)hv_vm_map(memory, MEMORY_IPA, MEMORY_SIZE, ALL),
			"hv_vm_map");
}

static void unmap(void)
{
	bench_check((int)hv_vm_unmap(MEMORY_IPA, MEMORY_SIZE), "hv_vm_unmap");
}

static uint64_t map_sample(void)
{
	uint64_t start = path_now(), ticks;

	map();
	ticks = path_now() - start;
	unmap();
	return ticks;
}

static uint64_t unmap_sample(void)
{
	uint64_t start;

	map();
	start = path_now();
	unmap();
	return path_now() - start;
}

static void begin_protect(void)
{
	allocate();
	map();
}

static uint64_t protect_sample(void)
{
	static hv_memory_flags_t flags = ALL;
	uint64_t start = path_now();

	flags ^= HV_MEMORY_WRITE;
	bench_check((int)hv_vm_protect(MEMORY_IPA, MEMORY_SIZE, flags),
			"hv_vm_protect");
	return path_now() - start;
}

static const struct path paths[] = {
	{ "map", 0, allocate, map_sample, NULL },
	{ "unmap", 0, allocate, unmap_sample, NULL },
	{ "protect", 0, begin_protect, protect_sample, unmap },
};

const struct path_group hv_memory = PATH_GROUP(paths);
