/* SPDX-License-Identifier: MIT */
/*
 * What exits and the other paths between a VMM and its guest cost through hv_*.
 * The variables of the library say how: HVT_SYNDROME, HVT_RECORD, HVT_LTTNG.
 */
#include "hv_paths.h"

int main(int argc, char **argv)
{
	const struct path_group *groups[] = { &hv_exits, &hv_timer,
		&hv_registers, &hv_mates, &hv_memory };
	struct bench b;

	bench_begin(&b, "exit_hv", argc, argv);
	hv_guest_start_vm();
	hv_guest_create(&hv_guest);
	path_measure_all(&b, groups, sizeof(groups) / sizeof(groups[0]));
	return bench_end(&b);
}
