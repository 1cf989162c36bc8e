/* SPDX-License-Identifier: MIT */
/* Threads with vCPUs that do as they are told: see gic_machine.h. */
#include "gic_machine.h"

#include <pthread.h>
#include <stdlib.h>

struct mate {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t mpidr;
	struct cpu cpu;
	/* Under the lock: */
	void (*f)(struct cpu *cpu, void *arg); /* to be done */
	void *arg;
	bool busy, leaving;
};

static void *serve(void *arg)
{
	struct mate *m = arg;

	m->cpu = gic_cpu_start(m->mpidr);
	pthread_mutex_lock(&m->lock);
	m->busy = false;
	pthread_cond_broadcast(&m->changed);
	while (!m->leaving) {
		if (!m->f) {
			pthread_cond_wait(&m->changed, &m->lock);
			continue;
		}
		pthread_mutex_unlock(&m->lock);
		m->f(&m->cpu, m->arg);
		pthread_mutex_lock(&m->lock);
		m->f = NULL;
		m->busy = false;
		pthread_cond_broadcast(&m->changed);
	}
	pthread_mutex_unlock(&m->lock);
	cpu_end(&m->cpu);
	return NULL;
}

struct mate *mate_start(uint64_t mpidr)
{
	struct mate *m = calloc(1, sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	m->mpidr = mpidr;
	m->busy = true;
	pthread_create(&m->thread, NULL, serve, m);
	mate_wait(m);
	return m;
}

void mate_end(struct mate *m)
{
	pthread_mutex_lock(&m->lock);
	m->leaving = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	free(m);
}

void mate_begin(struct mate *m, void (*f)(struct cpu *cpu, void *arg), void *arg)
{
	pthread_mutex_lock(&m->lock);
	m->f = f;
	m->arg = arg;
	m->busy = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

void mate_wait(struct mate *m)
{
	pthread_mutex_lock(&m->lock);
	while (m->busy)
		pthread_cond_wait(&m->changed, &m->lock);
	pthread_mutex_unlock(&m->lock);
}

void mate_do(struct mate *m, void (*f)(struct cpu *cpu, void *arg), void *arg)
{
	mate_begin(m, f, arg);
	mate_wait(m);
}

struct request {
	enum op op;
	uint64_t x1, x2, answer;
};

static void do_op(struct cpu *cpu, void *arg)
{
	struct request *r = arg;

	r->answer = op(cpu, r->op, r->x1, r->x2);
}

uint64_t mate_op(struct mate *m, enum op which, uint64_t x1, uint64_t x2)
{
	struct request r = { which, x1, x2, 0 };

	mate_do(m, do_op, &r);
	return r.answer;
}
