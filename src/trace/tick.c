/* SPDX-License-Identifier: MIT */
/* The clock of events: the counter that guests and mach_absolute_time() see. */
#include "trace.h"

#ifdef __aarch64__

uint64_t hvt_tick_hz(void)
{
	uint64_t v;

	__asm__("mrs %0, cntfrq_el0" : "=r"(v));
	return v;
}

#else

#include <time.h>

uint64_t hvt_tick(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t hvt_tick_hz(void)
{
	return 1000000000u;
}

#endif
