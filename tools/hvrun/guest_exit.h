/* SPDX-License-Identifier: MIT */
/* What to do when hv_vcpu_run() has returned. */
#ifndef HVRUN_GUEST_EXIT_H
#define HVRUN_GUEST_EXIT_H

struct cpu;

enum guest_outcome {
	GUEST_GOES_ON, /* run it again */
	GUEST_CPU_OFF, /* this vCPU is off until someone turns it on */
	GUEST_STOPPED, /* the machine stops; cpu->status says why */
};

/* By the owning thread, after each run. */
enum guest_outcome guest_exit_handle(struct cpu *cpu);

#endif
