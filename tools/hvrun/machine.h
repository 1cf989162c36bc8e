/* SPDX-License-Identifier: MIT */
/*
 * The whole machine: brought up, run until it stops, taken down. One per
 * process, as the API has one VM per process.
 */
#ifndef HVRUN_MACHINE_H
#define HVRUN_MACHINE_H

#include <pthread.h>
#include <stdbool.h>

#include "console.h"
#include "cpu.h"
#include "devices.h"
#include "loader.h"
#include "machine_map.h"
#include "peripherals.h"
#include "power.h"

struct options;

struct machine {
	const struct options *options;
	struct ram ram;
	struct boot_layout layout;
	struct power power;
	struct console console;
	struct devices devices;
	struct peripherals peripherals;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t created;
	unsigned int created_count;
	bool create_failed;
	bool kicks_allowed; /* every vCPU exists and none is being destroyed */
	int signal_status;  /* exit status after a signal or Ctrl-A X, or 0 */

	struct cpu cpus[MAX_CPUS]; /* each its own thread's */
};

/* Everything from the files to the end; returns the exit status. */
int machine_run(struct machine *machine, const struct options *options);

/* For cpu.c: the vCPU exists, or could not be made. */
void machine_report_created(struct machine *machine, bool ok);

/*
 * For cpu.c: this vCPU has stopped by itself and the others shall. Every vCPU
 * that stops by itself calls it, first or not, so that the calls made do not
 * depend on which was first.
 */
void machine_stop_others(struct machine *machine, const struct cpu *cpu);

/* For cpu.c: vCPUs begin to be destroyed. */
void machine_forbid_kicks(struct machine *machine);

/*
 * From any thread, also one that has a device's lock: stop, with this exit
 * status.
 */
void machine_interrupt(struct machine *machine, int status);

#endif
