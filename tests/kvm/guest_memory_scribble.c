/* SPDX-License-Identifier: MIT */
/*
 * Each thread has bytes of every page that it alone writes, and knows what they
 * must be; it begins before the guest has the memory, so that nothing may be
 * lost while that moves. Some go on to a call in between, some sleep, some do
 * neither.
 */
#include "guest_memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "conformance.h"
#include "rng.h"

/* Adds 1 to the first word of X21 pages from X19 on, X20 bytes apart. */
GUEST(guest_counter,
	"1: mov x2, x19\n mov x3, x21\n"
	"2: ldr x0, [x2]\n add x0, x0, #1\n str x0, [x2]\n add x2, x2, x20\n"
	"subs x3, x3, #1\n b.ne 2b\n"
	"hvc #1\n b 1b");

#define CPUS	   2u
#define SCRIBBLERS 3u
#define SHORT	   40u /* of the thousand of HVT_TEST_FULL, which are many */
#define AT_ONCE	   5u  /* scribbles, at most, while no guest gets on */
#define LANE	   1024u /* bytes of a page that one thread writes */
#define LANE_AT(n) (64u + (n)*LANE)

static size_t page;
static uint8_t *memory;
static atomic_bool mapped, stop;
static atomic_uint begun;
static struct cpu cpus[CPUS];
static _Atomic uint64_t passes[CPUS];
static pthread_barrier_t ready;

struct scribbler {
	pthread_t thread;
	unsigned number;
	struct rng rng;
	int pipe[2];
	uint8_t expected[SCRIBBLE_PAGES][LANE];
};

static struct scribbler scribblers[SCRIBBLERS];

static void *count(void *arg)
{
	unsigned n = *(unsigned *)arg;

	cpus[n] = cpu_start();
	set_reg(&cpus[n], HV_REG_X0 + 19, SCRIBBLE_IPA + n * page);
	set_reg(&cpus[n], HV_REG_X0 + 20, CPUS * page);
	set_reg(&cpus[n], HV_REG_X0 + 21, SCRIBBLE_PAGES / CPUS);
	pthread_barrier_wait(&ready);
	/* It ends where a pass does. */
	for (bool passed = false; !passed || !atomic_load(&stop);) {
		passed = cpu_run(&cpus[n]) == HV_EXIT_REASON_EXCEPTION;
		passes[n] += passed;
	}
	cpu_end(&cpus[n]);
	return NULL;
}

/* By a store, or by a system call. */
static void scribble(struct scribbler *s)
{
	size_t n = 1 + rng_below(&s->rng, 64), from = rng_below(&s->rng, LANE - n);
	size_t number = rng_below(&s->rng, SCRIBBLE_PAGES);
	uint8_t bytes[64], *expected = s->expected[number] + from;
	uint8_t *to = memory + number * page + LANE_AT(s->number) + from;

	rng_bytes(&s->rng, bytes, n);
	if (rng_bool(&s->rng))
		memcpy(to, bytes, n);
	else if (write(s->pipe[1], bytes, n) != (ssize_t)n ||
			read(s->pipe[0], to, n) != (ssize_t)n)
		need(HV_ERROR, "read into guest memory");
	memcpy(expected, bytes, n);
}

static void rest(struct scribbler *s)
{
	static const struct timespec moment = { .tv_nsec = 1000000 };
	hv_vcpu_t id = rng_below(&s->rng, CPUS);

	switch (rng_below(&s->rng, 8)) {
	case 0:
		nanosleep(&moment, NULL);
		break;
	case 1:
		break;
	default:
		(void)hv_vcpus_exit(&id, 1);
	}
}

static uint64_t all_passes(void)
{
	return passes[0] + passes[1];
}

/* However late the vCPUs' threads begin: else this would be over by then. */
static void wait_for_a_guest(uint64_t *known)
{
	static const struct timespec moment = { .tv_nsec = 1000000 };

	while (all_passes() == *known)
		nanosleep(&moment, NULL);
	*known = all_passes();
}

static void *scribble_all(void *arg)
{
	struct scribbler *s = arg;
	uint64_t known = 0;

	while (!atomic_load(&mapped)) {
		scribble(s);
		atomic_fetch_add(&begun, 1);
	}
	pthread_barrier_wait(&ready);
	for (unsigned i = 0; i < test_scale(150, SHORT); i++) {
		scribble(s);
		rest(s);
		not_lost();
		if (i % AT_ONCE == 0)
			wait_for_a_guest(&known);
	}
	return NULL;
}

static void start_scribblers(void)
{
	struct rng seeds;

	rng_init(&seeds);
	for (unsigned i = 0; i < SCRIBBLERS; i++) {
		struct scribbler *s = &scribblers[i];

		s->number = i;
		s->rng = rng_from(rng_next(&seeds));
		if (pipe(s->pipe))
			need(HV_NO_RESOURCES, "pipe");
		pthread_create(&s->thread, NULL, scribble_all, s);
	}
	while (atomic_load(&begun) < SCRIBBLERS)
		sched_yield();
}

static void map(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, SCRIBBLE_PAGES * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		need(HV_NO_RESOURCES, "mmap");
	VM_START(guest_counter);
	start_scribblers();
	NEED(hv_vm_map(memory, SCRIBBLE_IPA, SCRIBBLE_PAGES * page,
		HV_MEMORY_READ | HV_MEMORY_WRITE));
	atomic_store(&mapped, true);
}

static bool lanes_are_as_expected(const struct scribbler *s)
{
	for (unsigned i = 0; i < SCRIBBLE_PAGES; i++)
		if (memcmp(memory + i * page + LANE_AT(s->number),
				s->expected[i], LANE))
			return false;
	return true;
}

static bool counts_are_as_expected(void)
{
	uint64_t counted;

	for (unsigned i = 0; i < SCRIBBLE_PAGES; i++) {
		memcpy(&counted, memory + i * page, sizeof(counted));
		if (counted != passes[i % CPUS])
			return false;
	}
	return true;
}

static bool write_image(const char *path)
{
	FILE *out = fopen(path, "we");
	bool ok = out && fwrite(memory, page, SCRIBBLE_PAGES, out) ==
			SCRIBBLE_PAGES;

	return out && !fclose(out) && ok;
}

int vmm_that_scribbles(const char *image)
{
	unsigned numbers[CPUS];
	pthread_t threads[CPUS];

	pthread_barrier_init(&ready, NULL, CPUS + SCRIBBLERS + 1);
	map();
	for (unsigned i = 0; i < CPUS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, count, &numbers[i]);
	}
	pthread_barrier_wait(&ready);
	for (unsigned i = 0; i < SCRIBBLERS; i++)
		pthread_join(scribblers[i].thread, NULL);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < CPUS; i++) {
		pthread_join(threads[i], NULL);
		claim(passes[i] > 0, "guest_gets_on_among_scribblers");
	}
	for (unsigned i = 0; i < SCRIBBLERS; i++)
		claim(lanes_are_as_expected(&scribblers[i]),
			"vmm_loses_no_write");
	claim(counts_are_as_expected(), "guest_loses_no_write");
	claim(write_image(image), "memory_is_read_by_system_calls");
	vm_end();
	return verdict();
}
