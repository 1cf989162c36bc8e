/* SPDX-License-Identifier: MIT */
/*
 * Power states behind one mutex and one condition. There are at most 64
 * threads and state changes are rare, so everyone is woken for each.
 */
#include "power.h"

#include <errno.h>
#include <string.h>

void power_init(struct power *power, unsigned int cpu_count)
{
	memset(power, 0, sizeof(*power));
	pthread_mutex_init(&power->lock, NULL);
	pthread_cond_init(&power->changed, NULL);
	power->cpu_count = cpu_count;
}

void power_fini(struct power *power)
{
	pthread_cond_destroy(&power->changed);
	pthread_mutex_destroy(&power->lock);
}

void power_limit(struct power *power, unsigned int cpu_count)
{
	pthread_mutex_lock(&power->lock);
	power->cpu_count = cpu_count;
	pthread_cond_broadcast(&power->changed);
	pthread_mutex_unlock(&power->lock);
}

int power_cpu_on(struct power *power, unsigned int index, uint64_t entry,
	uint64_t context)
{
	struct power_cpu *cpu = &power->cpus[index];
	int err = 0;

	pthread_mutex_lock(&power->lock);
	if (cpu->state == POWER_ON) {
		err = -EALREADY;
	} else if (cpu->state == POWER_ON_PENDING) {
		err = -EINPROGRESS;
	} else {
		cpu->state = POWER_ON_PENDING;
		cpu->entry = entry;
		cpu->context = context;
		pthread_cond_broadcast(&power->changed);
	}
	pthread_mutex_unlock(&power->lock);
	return err;
}

unsigned int power_cpu_off(struct power *power, unsigned int index)
{
	unsigned int i, on = 0;

	pthread_mutex_lock(&power->lock);
	power->cpus[index].state = POWER_OFF;
	for (i = 0; i < power->cpu_count; i++)
		on += power->cpus[i].state != POWER_OFF;
	pthread_mutex_unlock(&power->lock);
	return on;
}

enum power_state power_cpu_state(struct power *power, unsigned int index)
{
	enum power_state state;

	pthread_mutex_lock(&power->lock);
	state = power->cpus[index].state;
	pthread_mutex_unlock(&power->lock);
	return state;
}

bool power_wait_on(struct power *power, unsigned int index, uint64_t *entry,
	uint64_t *context)
{
	struct power_cpu *cpu = &power->cpus[index];
	bool on;

	pthread_mutex_lock(&power->lock);
	while (cpu->state != POWER_ON_PENDING && !power->stopping)
		pthread_cond_wait(&power->changed, &power->lock);
	on = !power->stopping;
	if (on) {
		cpu->state = POWER_ON;
		*entry = cpu->entry;
		*context = cpu->context;
	}
	pthread_mutex_unlock(&power->lock);
	return on;
}

void power_stop(struct power *power)
{
	pthread_mutex_lock(&power->lock);
	power->stopping = true;
	pthread_cond_broadcast(&power->changed);
	pthread_mutex_unlock(&power->lock);
}

bool power_is_stopping(struct power *power)
{
	bool stopping;

	pthread_mutex_lock(&power->lock);
	stopping = power->stopping;
	pthread_mutex_unlock(&power->lock);
	return stopping;
}

void power_wait_turn(struct power *power, unsigned int index)
{
	pthread_mutex_lock(&power->lock);
	power->cpus_left++;
	pthread_cond_broadcast(&power->changed);
	while (power->cpus_left < power->cpu_count || power->turn != index)
		pthread_cond_wait(&power->changed, &power->lock);
	pthread_mutex_unlock(&power->lock);
}

void power_next_turn(struct power *power)
{
	pthread_mutex_lock(&power->lock);
	power->turn++;
	pthread_cond_broadcast(&power->changed);
	pthread_mutex_unlock(&power->lock);
}
