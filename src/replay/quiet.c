/* SPDX-License-Identifier: MIT */
#include "quiet.h"

#include <time.h>

bool hvt_is_quiet(struct hvt_quiet *q, uint64_t steps, uint64_t ns)
{
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	if (steps != q->steps || !q->since)
		*q = (struct hvt_quiet){ steps, now };
	return now - q->since > ns;
}
