/* SPDX-License-Identifier: MIT */
/* What the paths of bench_exit_hv cost by KVM's ioctls: Linux on arm64. */
#include "raw_paths.h"

struct raw_vcpu raw_vcpu;

int main(int argc, char **argv)
{
	const struct path_group *groups[] = { &raw_exits, &raw_timer,
		&raw_registers, &raw_mates, &raw_memory };
	struct bench b;

	bench_begin(&b, "exit_raw", argc, argv);
	raw_kvm_start();
	raw_vcpu_create(&raw_vcpu, 0);
	path_measure_all(&b, groups, sizeof(groups) / sizeof(groups[0]));
	return bench_end(&b);
}
