/* SPDX-License-Identifier: MIT */
/* What both programs map, unmap and protect. */
#ifndef HVT_BENCH_MEMORY_PATHS_H
#define HVT_BENCH_MEMORY_PATHS_H

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "bench.h"

#define MEMORY_IPA  0x80000000ull
#define MEMORY_SIZE 0x100000ull

/* Memory that neither host nor guest has touched. */
static inline void *memory_allocate(void)
{
	void *p = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANON, -1, 0);

	bench_check(p == MAP_FAILED ? -errno : 0, "memory");
	return p;
}

#endif
