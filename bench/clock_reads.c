/* SPDX-License-Identifier: MIT */
/* usage: clock_reads COUNT: a VMM that looks at the clock. For bench/input_cost. */
#include <Hypervisor/Hypervisor.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* Where instructions are counted, by its name. */
uint64_t look_at_the_clock(void);

__attribute__((noinline)) uint64_t look_at_the_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1;
	uint32_t bits;

	/* So that the thread has its place in the log. */
	(void)hv_vm_config_get_max_ipa_size(&bits);
	for (long i = 0; i < count; i++)
		(void)look_at_the_clock();
	return 0;
}
