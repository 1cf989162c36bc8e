/* SPDX-License-Identifier: MIT */
/*
 * One vCPU and the thread that owns it: creation, the run loop, its end.
 *
 * Nothing here may make the order of API calls depend on chance. In particular
 * a thread stops because its run returned "cancelled", never because it saw a
 * flag on the way: the flag may be seen one exit earlier in the next run.
 */
#ifndef HVRUN_CPU_H
#define HVRUN_CPU_H

#include <Hypervisor/Hypervisor.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct machine;

/* The vCPU did not stop by itself: another one did, or the user. */
#define STATUS_TOLD (-1)

struct cpu {
	struct machine *machine;
	unsigned int index;
	pthread_t thread;
	hv_vcpu_t vcpu;
	const hv_vcpu_exit_t *exit; /* the API's exit record */
	uint64_t reset_sctlr;
	bool is_created;
	int status;	  /* exit status, or STATUS_TOLD */
	char *final_regs; /* text, when they were asked for */
};

/*
 * Starts the thread and waits until its vCPU exists, so that vCPUs come into
 * being one after the other. The vCPU stays off. 0 or -errno, message printed.
 */
int cpu_start(struct cpu *cpu, struct machine *machine, unsigned int index);

/* Register access by the owning thread; false means an error, printed. */
bool cpu_get_reg(struct cpu *cpu, hv_reg_t reg, uint64_t *value);
bool cpu_set_reg(struct cpu *cpu, hv_reg_t reg, uint64_t value);
bool cpu_get_sys_reg(struct cpu *cpu, hv_sys_reg_t reg, uint64_t *value);
bool cpu_set_sys_reg(struct cpu *cpu, hv_sys_reg_t reg, uint64_t value);

#endif
