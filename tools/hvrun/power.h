/* SPDX-License-Identifier: MIT */
/*
 * Which vCPUs are on, and how the machine ends. Threads wait here and nowhere
 * else. Only pthreads and no API calls, so it is tested by itself.
 *
 * Ending is done in vCPU order, so that the API calls of the end come in the
 * same order in every run: a thread that has left the run loop waits until all
 * have, then takes its turn.
 */
#ifndef HVRUN_POWER_H
#define HVRUN_POWER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine_map.h"

enum power_state {
	POWER_OFF,
	POWER_ON_PENDING, /* CPU_ON was called, the vCPU has not noticed yet */
	POWER_ON,
};

struct power_cpu {
	enum power_state state;
	uint64_t entry;
	uint64_t context;
};

/* Guarded by `lock`; cpu_count is constant once vCPUs run. */
struct power {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int cpu_count;
	unsigned int cpus_left; /* how many threads have left the run loop */
	unsigned int turn;	/* whose turn it is to end */
	bool stopping;
	struct power_cpu cpus[MAX_CPUS];
};

/* All vCPUs off. */
void power_init(struct power *power, unsigned int cpu_count);
void power_fini(struct power *power);

/* Only so many threads came to be: fewer to wait for at the end. */
void power_limit(struct power *power, unsigned int cpu_count);

/* -EALREADY when on, -EINPROGRESS when being turned on. */
int power_cpu_on(struct power *power, unsigned int index, uint64_t entry,
	uint64_t context);

/* Returns how many vCPUs are still on or being turned on. */
unsigned int power_cpu_off(struct power *power, unsigned int index);

enum power_state power_cpu_state(struct power *power, unsigned int index);

/*
 * Called by the vCPU's own thread: waits for a CPU_ON and gives entry and
 * context. False when the machine stops instead.
 */
bool power_wait_on(struct power *power, unsigned int index, uint64_t *entry,
	uint64_t *context);

/* Wakes all who wait; every later power_wait_on() returns false. */
void power_stop(struct power *power);
bool power_is_stopping(struct power *power);

/*
 * Called once by each vCPU thread when it has left its run loop; returns when
 * it is its turn. power_next_turn() passes the turn on.
 */
void power_wait_turn(struct power *power, unsigned int index);
void power_next_turn(struct power *power);

#endif
