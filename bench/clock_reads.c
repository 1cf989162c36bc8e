/* SPDX-License-Identifier: MIT */
/*
 * usage: clock_reads: what it costs a VMM to look at the clock, in nanoseconds. In
 * the lab with --icount those are instructions. bench/input_cost compares.
 */
#include <Hypervisor/Hypervisor.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define READS 20000u
#define TURNS 5u

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(void)
{
	uint64_t best = UINT64_MAX;
	uint32_t bits;

	/* So that the thread has its place in the log. */
	(void)hv_vm_config_get_max_ipa_size(&bits);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		uint64_t began = now(), took;

		for (unsigned i = 0; i < READS; i++)
			(void)now();
		took = now() - began;
		best = took < best ? took : best;
	}
	printf("%.1f\n", (double)best / READS);
	return 0;
}
