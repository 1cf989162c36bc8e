/* SPDX-License-Identifier: MIT */
/*
 * Threads of a VMM scribble over random pages, by stores and by system calls,
 * while vCPUs run, each of which has pages that it alone writes. Each guest
 * knows all of memory by its own stores and by what the room has told; what is
 * there must be that, at the beginning and the end of each of its stretches.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "guest_ram.h"
#include "ram_model.h"
#include "rng.h"

#define PAGES	 64u
#define VCPUS	 2u
#define SCRIBBLERS 3u

static size_t page;
static uint8_t *ram, *view;
static atomic_bool stop;
static atomic_uint wrong, stretches;
static int zeros;

static void set_up(void)
{
	int err;

	page = (size_t)sysconf(_SC_PAGESIZE);
	ram = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ram_model_init(ram, PAGES * page);
	zeros = memfd_create("zeros", MFD_CLOEXEC);
	err = hvt_ram_start(&ram_model_ops);
	if (err)
		cr_skip("no userfaultfd for this process: %s", strerror(-err));
	cr_assert_eq(ftruncate(zeros, (off_t)page), 0);
	cr_assert_eq(hvt_ram_adopt(ram, PAGES * page, &view), 0);
}

TestSuite(turn, .init = set_up, .fini = hvt_ram_stop, .timeout = 300);

/* Of the pages equal id modulo the number of vCPUs the guest writes bytes 0-7. */
static void guest_write(unsigned id, struct rng *r)
{
	size_t at = (rng_below(r, PAGES / VCPUS) * VCPUS + id) * page;
	uint64_t value = rng_next(r);

	memcpy(view + at, &value, sizeof(value));
	memcpy(ram_model() + at, &value, sizeof(value));
}

static void check(unsigned id)
{
	for (unsigned i = id; i < PAGES; i += VCPUS)
		if (memcmp(view + i * page, ram_model() + i * page, page))
			atomic_fetch_add(&wrong, 1);
}

static void stretch(unsigned id, struct rng *r)
{
	ram_guest_enter();
	check(id);
	for (unsigned i = 0; i < 8; i++)
		guest_write(id, r);
	check(id);
	ram_guest_leave();
	atomic_fetch_add(&stretches, 1);
}

struct worker {
	pthread_t thread;
	unsigned id;
	uint64_t seed;
};

static void *vcpu(void *p)
{
	struct worker *w = p;
	struct rng r = rng_from(w->seed);

	while (!atomic_load(&stop)) {
		hvt_ram_run_begin();
		for (uint64_t n = rng_below(&r, 4) + 1; n; n--)
			stretch(w->id, &r);
		hvt_ram_run_end();
		/* A device's register: the VMM looks at memory at once. */
		if (!rng_below(&r, 4))
			ram[rng_below(&r, PAGES) * page + 8]++;
	}
	return NULL;
}

/* Beyond what guests write, so that each store is the last one of its bytes. */
static void scribble(struct rng *r)
{
	size_t at = rng_below(r, PAGES) * page + 16 + rng_below(r, page - 48);

	if (rng_below(r, 4))
		rng_bytes(r, ram + at, 16);
	else if (pread(zeros, ram + at, 32, 0) != 32)
		atomic_fetch_add(&wrong, 1);
}

static void *scribbler(void *p)
{
	struct worker *w = p;
	struct rng r = rng_from(w->seed);

	while (!atomic_load(&stop)) {
		for (uint64_t n = rng_below(&r, 20); n; n--)
			scribble(&r);
		if (rng_bool(&r))
			hvt_ram_called();
		else if (rng_bool(&r))
			usleep((useconds_t)rng_below(&r, 300));
	}
	return NULL;
}

static void start(struct worker *w, unsigned count, void *(*what)(void *),
		struct rng *r)
{
	for (unsigned i = 0; i < count; i++) {
		w[i].id = i;
		w[i].seed = rng_next(r);
		pthread_create(&w[i].thread, NULL, what, &w[i]);
	}
}

static void play(unsigned enough)
{
	struct worker vcpus[VCPUS], scribblers[SCRIBBLERS];
	struct rng r;

	rng_init(&r);
	start(vcpus, VCPUS, vcpu, &r);
	start(scribblers, SCRIBBLERS, scribbler, &r);
	while (atomic_load(&stretches) < enough)
		usleep(1000);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < SCRIBBLERS; i++)
		pthread_join(scribblers[i].thread, NULL);
	for (unsigned i = 0; i < VCPUS; i++)
		pthread_join(vcpus[i].thread, NULL);
}

Test(turn, no_write_is_missed)
{
	play(test_scale(300, 20000));
	cr_assert_eq(atomic_load(&wrong), 0);
	cr_assert_eq(ram_told.surprises, 0);
	/* And at the very end all is told. */
	hvt_ram_run_begin();
	cr_assert_eq(memcmp(view, ram_model(), PAGES * page), 0);
	hvt_ram_run_end();
	cr_assert_gt(ram_told.touched, 0);
	cr_assert_gt(ram_told.changed, 0);
}

static void *touch_and_sleep(void *p)
{
	ram[page] = 1;
	atomic_store((atomic_bool *)p, true);
	while (!atomic_load(&stop))
		usleep(1000);
	return NULL;
}

/* Or a device thread between two requests would keep the guest waiting. */
Test(turn, a_thread_that_sleeps_holds_nobody_up)
{
	atomic_bool touched = false;
	pthread_t thread;

	hvt_ram_run_begin();
	hvt_ram_run_end();
	pthread_create(&thread, NULL, touch_and_sleep, &touched);
	while (!atomic_load(&touched))
		usleep(100);
	hvt_ram_run_begin();
	hvt_ram_run_end();
	cr_assert_eq(ram_told.taken, 0);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

/* A signal comes while a vCPU runs: KVM_RUN ends behind the handler. */
Test(turn, a_vcpu_thread_in_a_signal_handler_is_not_waited_for)
{
	hvt_ram_run_begin();
	ram_guest_enter();
	ram[page] = 7;
	cr_assert_eq(ram[page], 7);
	ram_guest_leave();
	hvt_ram_run_end();
	hvt_ram_run_begin();
	hvt_ram_run_end();
	cr_assert_eq(ram_told.taken, 0);
	cr_assert_eq(ram_model()[page], 7);
}

static int bell;

static void *touch_and_listen(void *p)
{
	uint64_t rings;

	ram[page] = 1;
	atomic_store((atomic_bool *)p, true);
	return (void *)(intptr_t)read(bell, &rings, sizeof(rings));
}

/* Nor one that waits for a notification from a file. */
Test(turn, a_thread_that_reads_an_eventfd_holds_nobody_up)
{
	atomic_bool touched = false;
	pthread_t thread;

	bell = eventfd(0, EFD_CLOEXEC);
	hvt_ram_run_begin();
	hvt_ram_run_end();
	pthread_create(&thread, NULL, touch_and_listen, &touched);
	while (!atomic_load(&touched))
		usleep(100);
	hvt_ram_run_begin();
	hvt_ram_run_end();
	cr_assert_eq(ram_told.ended, 2);
	cr_assert_eq(ram_told.taken, 0);
	cr_assert_eq(eventfd_write(bell, 1), 0);
	pthread_join(thread, NULL);
}

static void *spin(void *p)
{
	while (!atomic_load(&stop)) {
		ram[page]++;
		atomic_store((atomic_bool *)p, true);
	}
	return NULL;
}

/* And a guest gets its turns whatever the VMM does. */
Test(turn, a_thread_that_never_rests_lets_the_guest_run)
{
	atomic_bool touched = false;
	pthread_t thread;

	pthread_create(&thread, NULL, spin, &touched);
	while (!atomic_load(&touched))
		usleep(100);
	for (unsigned i = 0; i < 5; i++) {
		hvt_ram_run_begin();
		ram_guest_enter();
		cr_assert_eq(view[page], ram_model()[page]);
		ram_guest_leave();
		hvt_ram_run_end();
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

/* The keeper, which ends that turn, is who serves a page meanwhile as well. */
static void *touch_twice(void *p)
{
	for (unsigned i = 0; i < 200; i++) {
		(*(volatile uint8_t *)&ram[(2 * i % PAGES) * page])++;
		usleep((useconds_t)(i % 7 * 50));
		(*(volatile uint8_t *)&ram[(2 * i % PAGES + 1) * page])++;
		hvt_ram_called();
		hvt_ram_returning();
	}
	atomic_store((atomic_bool *)p, true);
	return NULL;
}

Test(turn, who_touches_two_pages_is_not_taken_the_first)
{
	struct worker keeps_running = { .id = 0, .seed = 1 };
	atomic_bool through = false;
	pthread_t thread;

	hvt_ram_run_begin();
	pthread_create(&thread, NULL, touch_twice, &through);
	while (!atomic_load(&through)) {
		struct rng r = rng_from(keeps_running.seed++);

		stretch(0, &r);
	}
	hvt_ram_run_end();
	pthread_join(thread, NULL);
	cr_assert_eq(ram_told.taken, 0);
	cr_assert_eq(ram_told.surprises, 0);
}

static uint64_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* As a system call that writes many pages to a slow disk may. */
static void *work_through(void *p)
{
	(void)p;
	for (unsigned i = 0; i < 6; i++) {
		uint64_t until;

		(*(volatile uint8_t *)&ram[i * page])++;
		until = cpu_time() + 50000000u;
		while (cpu_time() < until)
			continue;
	}
	hvt_ram_called();
	return NULL;
}

Test(turn, who_gets_on_is_not_taken_what_it_has)
{
	pthread_t thread;

	hvt_ram_run_begin();
	hvt_ram_run_end();
	pthread_create(&thread, NULL, work_through, NULL);
	while (!ram_told.touched)
		usleep(100);
	hvt_ram_run_begin();
	hvt_ram_run_end();
	pthread_join(thread, NULL);
	cr_assert_eq(ram_told.touched, 6);
	cr_assert_eq(ram_told.taken, 0);
}
