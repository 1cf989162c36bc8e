/* SPDX-License-Identifier: MIT */
/*
 * Random calls of the API by several threads against a model, and what the
 * process holds before and after: see api_model.h. What a vCPU or a VM leaves
 * behind in KVM it leaves as a descriptor; a memory slot goes with its VM.
 */
#include "api_model.h"

#include <stdio.h>
#include <string.h>

#include "conformance.h"

/* Shared pages of KVM, of VMs or of vCPUs. */
static unsigned kvm_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned n = 0;

	while (maps && fgets(line, sizeof(line), maps))
		n += strstr(line, "kvm") && strstr(line, "anon_inode");
	if (maps)
		fclose(maps);
	return n;
}

int main(void)
{
	struct model_world world = { .rounds = 1,
		.steps = 20,
		.gic_before_runs = true };
	unsigned descriptors, threads;
	bool same;

	/* What is made once for the process is there after the first VM. */
	do {
		same = model_run(&world);
		world.steps *= 2;
	} while (same && !model.vms);
	claim(same, "the_first_calls_are_as_the_model_says");
	descriptors = count_entries("/proc/self/fd");
	threads = count_entries("/proc/self/task");
	world.rounds = test_scale(4, 50);
	world.steps = test_scale(250, 2000);
	claim(model_run(&world), "random_calls_are_as_the_model_says");
	claim(model.vms > 1, "there_were_several_vms");
	claim_equal(count_entries("/proc/self/fd"), descriptors,
		"no_descriptor_is_left");
	claim_equal(count_entries("/proc/self/task"), threads, "no_thread_is_left");
	claim_equal(kvm_mappings(), 0, "no_page_of_kvm_is_left");
	return verdict();
}
