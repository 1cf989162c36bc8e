/* SPDX-License-Identifier: MIT */
/* Guest RAM that a system call is about to use is granted as a whole. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest_ram.h"
#include "ram_model.h"

#define PAGES 16u

static size_t page;
static uint8_t *ram, *view;

static void run(void)
{
	hvt_ram_run_begin();
	hvt_ram_run_end();
}

static void start(const struct hvt_ram_ops *ops, size_t pages)
{
	int err;

	page = (size_t)sysconf(_SC_PAGESIZE);
	ram = ram_map_private(pages);
	ram_model_init(ram, pages * page);
	err = hvt_ram_start(ops);
	if (err)
		cr_skip("no userfaultfd for this process: %s", strerror(-err));
	cr_assert_eq(hvt_ram_adopt(ram, pages * page, &view), 0);
	run();
}

static void set_up(void)
{
	start(&ram_model_ops, PAGES);
}

static void tear_down(void)
{
	hvt_ram_stop();
}

TestSuite(buffers, .init = set_up, .fini = tear_down, .timeout = 60);
TestSuite(buffers_of, .fini = tear_down, .timeout = 60);

Test(buffers, are_told_of_at_once)
{
	view[2 * page] = 7;
	hvt_ram_will_touch(ram + 2 * page + 1, 2 * page);
	cr_assert_eq(ram_told.touched, 3);
	cr_assert_eq(ram_count_mapped(ram, PAGES), 3, "without a fault");
	memset(ram + 2 * page + 1, 1, 2 * page);
	cr_assert_eq(ram[2 * page], 7);
	cr_assert_eq(ram_told.touched, 3);
	run();
	cr_assert_eq(ram_told.ended, 2);
	cr_assert_eq(ram_told.changed, 3);
	cr_assert_eq(ram_model()[3 * page], 1);
}

/* Pages that are there stop the kernel half-way, and at the first one. */
Test(buffers, may_have_pages_that_were_touched)
{
	ram[page] = ram[3 * page] = ram[5 * page] = 1;
	hvt_ram_will_touch(ram + page, 5 * page);
	cr_assert_eq(ram_told.touched, 5);
	cr_assert_eq(ram_count_mapped(ram, PAGES), 5);
	memset(ram + page, 2, 5 * page);
	hvt_ram_will_touch(ram + page, 5 * page);
	cr_assert_eq(ram_told.touched, 5);
	run();
	cr_assert_eq(ram_told.changed, 5);
	cr_assert_eq(ram_model()[5 * page], 2);
	cr_assert_eq(ram_told.surprises, 0);
}

/* Each turn anew: they are followed still. */
Test(buffers, are_dropped_with_the_turn)
{
	for (unsigned i = 1; i <= 3; i++) {
		hvt_ram_will_touch(ram, PAGES * page);
		cr_assert_eq(ram_told.touched, i * PAGES);
		ram[page] = (uint8_t)i;
		run();
		cr_assert_eq(ram_model()[page], i);
	}
	cr_assert_eq(ram_told.changed, 3);
}

Test(buffers, are_only_what_is_guest_ram)
{
	uint8_t *other = ram_map_private(1);
	uint8_t *end = ram + PAGES * page;

	hvt_ram_will_touch(other, page);
	hvt_ram_will_touch(ram, 0);
	hvt_ram_will_touch(end, page);
	hvt_ram_will_touch(NULL, SIZE_MAX);
	hvt_ram_will_touch((void *)UINTPTR_MAX, SIZE_MAX);
	cr_assert_eq(ram_told.touched, 0);
	hvt_ram_will_touch(end - page, 100 * page);
	cr_assert_eq(ram_told.touched, 1);
	hvt_ram_will_touch(ram - page, 2 * page);
	cr_assert_eq(ram_told.touched, 2);
}

Test(buffers, are_in_use_until_the_call_returns)
{
	cr_assert_not(hvt_ram_is_being_touched());
	hvt_ram_has_touched();
	hvt_ram_will_touch(ram_map_private(1), page);
	cr_assert_not(hvt_ram_is_being_touched(), "of no interest");
	hvt_ram_will_touch(ram, page);
	hvt_ram_will_touch(ram + 2 * page, page);
	cr_assert(hvt_ram_is_being_touched());
	hvt_ram_has_touched();
	cr_assert_not(hvt_ram_is_being_touched());
}

/* With memory of the VMM's own in between. */
Test(buffers, may_lie_in_more_than_one_mapping)
{
	cr_assert_eq(munmap(ram + 4 * page, page), 0);
	cr_assert_neq(mmap(ram + 4 * page, page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			MAP_FAILED);
	memset(ram + 4 * page, 5, page);
	ram[9 * page] = 1;
	hvt_ram_will_touch(ram + 2 * page, 5 * page);
	cr_assert_eq(ram_told.touched, 5);
	run();
	cr_assert_eq(ram[4 * page], 5);
}

Test(buffers_of, large_calls_are_granted_up_to_a_limit)
{
	size_t pages = 2 * HVT_RAM_BUFFER_MAX / (size_t)sysconf(_SC_PAGESIZE);

	start(&ram_model_ops, pages);
	hvt_ram_will_touch(ram, pages * page);
	cr_assert_eq(ram_told.touched, pages / 2);
	memset(ram, 1, pages * page);
	cr_assert_eq(ram_told.touched, pages);
	run();
	cr_assert_eq(ram_model()[(pages - 1) * page], 1);
}

/* Where there is no guest each page is supplied, when its time has come. */
static atomic_uint asked;
static atomic_bool may_go_on;

static bool supply(void *addr)
{
	atomic_fetch_add(&asked, 1);
	if (addr == ram + 2 * page && !atomic_load(&may_go_on))
		return false;
	*hvt_ram_view(addr, page) = (uint8_t)(((uint8_t *)addr - ram) / page);
	return true;
}

static void *touch(void *done)
{
	hvt_ram_will_touch(ram, 4 * page);
	atomic_store((atomic_bool *)done, true);
	return NULL;
}

Test(buffers_of, replays_wait_for_each_page)
{
	struct hvt_ram_ops ops = ram_model_ops;
	atomic_bool done = false;
	pthread_t thread;

	ops.supply = supply;
	start(&ops, PAGES);
	pthread_create(&thread, NULL, touch, &done);
	while (atomic_load(&asked) < 10)
		usleep(1000);
	cr_assert_not(atomic_load(&done));
	cr_assert_eq(ram[0], 0);
	cr_assert_eq(ram[page], 1);
	atomic_store(&may_go_on, true);
	pthread_join(thread, NULL);
	cr_assert_eq(ram_told.touched, 4);
	cr_assert_eq(ram[2 * page], 2);
	cr_assert_eq(ram[3 * page], 3);
}

/* The pages that it had then were those of a turn that is over. */
static atomic_uint supplied;

static bool supply_with_a_turn_in_between(void *addr)
{
	if (addr == ram + page && !atomic_load(&may_go_on))
		return false;
	atomic_fetch_add(&supplied, 1);
	return true;
}

Test(buffers_of, replays_are_granted_in_one_turn)
{
	struct hvt_ram_ops ops = ram_model_ops;
	atomic_bool done = false;
	pthread_t thread;

	ops.supply = supply_with_a_turn_in_between;
	start(&ops, PAGES);
	pthread_create(&thread, NULL, touch, &done);
	while (!atomic_load(&supplied))
		usleep(1000);
	hvt_ram_end_turn();
	while (atomic_load(&supplied) < 2)
		usleep(1000);
	cr_assert_not(atomic_load(&done));
	atomic_store(&may_go_on, true);
	pthread_join(thread, NULL);
	cr_assert_eq(atomic_load(&supplied), 5, "the first page twice");
	cr_assert_eq(ram_told.touched, 5);
}

/* A thread that is cancelled in its call has let go of all that others wait for. */
static void *touch_and_read(void *pipe)
{
	char byte;

	hvt_ram_will_touch(ram, page);
	hvt_ram_has_touched();
	(void)!read(*(int *)pipe, &byte, 1);
	return NULL;
}

Test(buffers, may_be_of_a_thread_that_is_cancelled)
{
	pthread_t thread;
	void *result;
	int pipes[2];

	cr_assert_eq(pipe(pipes), 0);
	pthread_create(&thread, NULL, touch_and_read, pipes);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	cr_assert_eq(result, PTHREAD_CANCELED);
	ram[page] = 1;
	run();
	cr_assert_eq(ram_model()[page], 1);
}
