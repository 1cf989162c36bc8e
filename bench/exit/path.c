/* SPDX-License-Identifier: MIT */
/* Samples and their rows. */
#include "path.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLICE    200u  /* samples, between which others have their turn */
#define PAUSE_US 30000u
#define WARM_UP  50u

uint64_t path_sample_nothing(void)
{
	uint64_t start = path_now();

	return path_now() - start;
}

static double ns_of(const struct path *p, uint64_t ticks)
{
	return (double)ticks * 1e9 / (double)path_hz() /
			(p->batch ? p->batch : 1);
}

static void begin(const struct path *p)
{
	if (p->begin)
		p->begin();
	for (unsigned i = 0; i < WARM_UP; i++)
		(void)p->sample();
}

static void measure(struct bench *b, const struct path *p)
{
	size_t n = (size_t)b->rounds * SLICE;
	double *ns = calloc(n, sizeof(*ns));

	bench_check(ns ? 0 : -ENOMEM, p->name);
	begin(p);
	for (size_t i = 0; i < n; i++) {
		/* For the thread that writes a recording: it is in no sample. */
		if (i % SLICE == 0)
			usleep(PAUSE_US);
		ns[i] = ns_of(p, p->sample());
	}
	if (p->end)
		p->end();
	bench_spread(b, p->name, "ns", ns, n);
	free(ns);
}

static void trap(void)
{
	__asm__ volatile("brk #0x42" : : : "memory");
}

static void step(const struct path *p)
{
	begin(p);
	trap();
	(void)p->sample();
	trap();
}

static void *stay(void *arg)
{
	sigset_t all;

	(void)arg;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (;;)
		pause();
	return NULL;
}

/*
 * Where a process has one thread alone its ioctls cost less, as the kernel need
 * not hold the file for them. No VMM is like that; nor one that is recorded.
 */
static void be_two_threads(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, stay, NULL);

	bench_check(-err, "pthread_create");
	pthread_detach(thread);
}

/* True: the group has the path that is wanted. */
static bool measure_group(struct bench *b, const struct path_group *g)
{
	bool found = false;

	for (size_t i = 0; i < g->count; i++) {
		if (b->operand && strcmp(b->operand, g->paths[i].name))
			continue;
		found = true;
		if (b->steps)
			step(&g->paths[i]);
		else
			measure(b, &g->paths[i]);
	}
	return found;
}

void path_measure_all(struct bench *b, const struct path_group *const *groups,
		size_t count)
{
	const double tick = 1e9 / (double)path_hz();
	bool found = false;

	be_two_threads();
	for (size_t i = 0; i < count; i++)
		found |= measure_group(b, groups[i]);
	bench_check(found ? 0 : -ENOENT, b->operand ? b->operand : "paths");
	bench_row(b, "tick", "ns", tick, tick, BENCH_FREE, 0);
}
