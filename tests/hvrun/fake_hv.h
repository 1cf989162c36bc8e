/* SPDX-License-Identifier: MIT */
/*
 * A scripted stand-in for the Hypervisor API: no guest code runs, each
 * hv_vcpu_run() performs the next steps of a script and returns with the exit
 * that they lead to. What the VMM makes of an exit is checked at its next run.
 */
#ifndef HVRUN_FAKE_HV_H
#define HVRUN_FAKE_HV_H

#include <Hypervisor/Hypervisor.h>
#include <stdint.h>
#include <stdio.h>

enum fake_op {
	FAKE_STUCK, /* run until cancelled; also what follows the last step */
	FAKE_STORE, /* a: address, b: value, c: log2 of the size */
	FAKE_STORE_ZERO, /* the same with XZR; b unused */
	FAKE_LOAD,	/* a: address, c: log2 of the size, d: expected value */
	FAKE_HVC,	/* a: function, b, c, d: X1 to X3 */
	FAKE_SMC,	/* the same */
	FAKE_RESULT,	/* no exit: X0 must be a */
	FAKE_EXCEPTION, /* a: syndrome */
	FAKE_REASON,	/* a: exit reason */
	FAKE_POST,	/* no exit: raise the shared counter to a */
	FAKE_AWAIT,	/* no exit: wait until the shared counter reaches a */
	FAKE_KICKED,	/* no exit: wait until vCPU a was asked to exit */
	FAKE_MERGE,	/* asked a times to exit, it does so once */
	FAKE_SIGNAL,	/* no exit: send this process signal a */
	FAKE_PAUSE,	/* no exit: let the others go on for 50 ms */
	FAKE_FAIL,	/* hv_vcpu_run() returns a */
};

struct fake_step {
	enum fake_op op;
	uint64_t a, b, c, d;
};

#define FAKE_MAX_CPUS 4

struct fake_script {
	const struct fake_step *cpus[FAKE_MAX_CPUS];
	unsigned int counts[FAKE_MAX_CPUS];
	hv_return_t vm_create; /* what hv_vm_create() returns */
	int create_fails_at;   /* hv_vcpu_create() fails there; -1: never */
	unsigned int spi_fails_from; /* hv_gic_set_spi() does from the n-th
					call on; 0: never */
	uint64_t ticks_per_call;     /* what mach_absolute_time() advances by */
};

extern struct fake_script fake_script;

/* Each thread's calls, in order: vCPU by vCPU, those of main() last. */
void fake_print_log(FILE *out);

/* How many times the VMM did something it must not do; printed on stderr. */
unsigned int fake_problems(void);

#endif
