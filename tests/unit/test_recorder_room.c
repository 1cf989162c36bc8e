/* SPDX-License-Identifier: MIT */
/*
 * Threads whose rings are full: they go on in others, in order, and only wait
 * when all are full.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "recorder.h"
#include "trace.h"

#define RING  (4u << 20)
#define BYTES 65536u /* of a large event: 63 of them fill a ring */

static struct hvt_recorder *r;
static struct temp_file file;
static uint8_t large[BYTES];

static void set_up(void)
{
	file = temp_file_create();
	cr_assert_eq(hvt_recorder_open(&r, file.path, NULL, 0), 0);
}

static void tear_down(void)
{
	temp_file_remove(&file);
}

TestSuite(recorder_room, .init = set_up, .fini = tear_down, .timeout = 100);

/* The count-th call of a thread: of any three, one is large, one is a half. */
static void append(uint64_t thread, uint64_t count)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_REG, .values = { thread, 0, count } };

	if (count % 3 == 1)
		e = (struct hvt_event){ .kind = HVT_EVENT_CALL,
			.call = HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
			.values = { thread, count, BYTES }, .data = large,
			.data_size = BYTES };
	else if (count % 3 == 2)
		e = (struct hvt_event){ .kind = HVT_EVENT_ENTER,
			.call = HVT_CALL_HV_VM_UNMAP,
			.values = { thread, count } };
	cr_assert_eq(hvt_recorder_append(r, &e), 0);
}

static uint64_t count_of(const struct hvt_event *e)
{
	return e->values[e->call == HVT_CALL_HV_VCPU_SET_REG ? 2 : 1];
}

/* All of one thread's, in order; how many there are of all. */
static uint64_t check(unsigned threads)
{
	uint64_t next[8] = { 0 }, n = 0;
	struct hvt_trace *t;
	struct hvt_event e;
	struct hvt_error error;
	int got;

	cr_assert_eq(hvt_trace_open(&t, file.path, &error), 0, "%s", error.text);
	for (; (got = hvt_trace_next(t, &e, &error)) == 1; n++) {
		cr_assert_lt(e.values[0], threads);
		cr_assert_eq(count_of(&e), next[e.values[0]], "event %lu",
				(unsigned long)e.number);
		next[e.values[0]]++;
	}
	cr_assert_eq(got, 0, "%s", error.text);
	hvt_trace_close(t);
	return n;
}

static uint64_t stall(void)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < r->rings.count; i++)
		ns += atomic_load(&r->rings.all[i].header->stall_ns);
	return ns;
}

/* So many calls as have room in rings, at least. */
static uint64_t calls_in(unsigned rings)
{
	return 3ull * rings * (RING / BYTES);
}

/* The writing thread is held up meanwhile. */
static void fill(unsigned rings)
{
	pthread_mutex_lock(&r->lock);
	for (uint64_t i = 0; i < calls_in(rings); i++)
		append(0, i);
	pthread_mutex_unlock(&r->lock);
}

Test(recorder_room, is_in_other_rings_when_one_is_full)
{
	fill(HVT_RINGS_SPARE);
	cr_assert_eq(r->rings.spare, HVT_RINGS_SPARE);
	cr_assert_eq(stall(), 0);
	cr_assert_eq(hvt_recorder_finish(r), 0);
	cr_assert_eq(check(1), calls_in(HVT_RINGS_SPARE));
	hvt_recorder_free(r);
}

static void *append_many(void *thread)
{
	for (uint64_t i = 0; i < calls_in(12); i++)
		append((uintptr_t)thread, i);
	return NULL;
}

/* More than all rings hold, from several threads, while it is written. */
Test(recorder_room, is_waited_for_when_all_are_full)
{
	enum { THREADS = 3 };
	pthread_t threads[THREADS];

	pthread_mutex_lock(&r->lock);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, append_many, (void *)i);
	usleep(500000);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cr_assert_leq(r->rings.count, THREADS + HVT_RINGS_SPARE);
	cr_assert_gt(stall(), 0);
	cr_assert_eq(hvt_recorder_finish(r), 0);
	cr_assert_eq(check(THREADS), THREADS * calls_in(12));
	hvt_recorder_free(r);
}

/*
 * After a loss of power a ring is believed as far as it was synced: of one thread's
 * none before the one that it has filled.
 */
Test(recorder_room, is_synced_in_the_order_of_a_thread)
{
	struct hvt_merge_ring *rings;

	pthread_mutex_lock(&r->lock);
	for (uint64_t i = 0; r->rings.count < 2; i++)
		append(0, i);
	cr_assert_eq(hvt_drain_note_heads(&r->drain), 0);
	rings = r->drain.merge.rings;
	cr_assert_eq(r->drain.merge.count, 2);
	cr_assert_eq(rings[0].syncing, atomic_load(&rings[0].ring.header->head));
	cr_assert_eq(rings[1].syncing, 0, "the full one is not on the disk");
	hvt_drain_set_synced(&r->drain);
	cr_assert_eq(hvt_drain_note_heads(&r->drain), 0);
	cr_assert_eq(rings[1].syncing, atomic_load(&rings[1].ring.header->head));
	pthread_mutex_unlock(&r->lock);
	cr_assert_eq(hvt_recorder_finish(r), 0);
	hvt_recorder_free(r);
}

/* A thread that begins while there is much to write does not wait for that. */
static void *append_one(void *unused)
{
	append(1, 0);
	return unused;
}

Test(recorder_room, is_there_for_a_new_thread_at_once)
{
	pthread_t thread;

	append(0, 0);
	pthread_mutex_lock(&r->lock);
	pthread_create(&thread, NULL, append_one, NULL);
	pthread_join(thread, NULL);
	pthread_mutex_unlock(&r->lock);
	cr_assert_eq(hvt_recorder_finish(r), 0);
	cr_assert_eq(check(2), 2);
	hvt_recorder_free(r);
}

/* Nothing of it is in the file when it dies. */
Test(recorder_room, of_the_dead_is_recovered_in_order)
{
	uint64_t events;
	int status;
	pid_t child;

	cr_assert_eq(hvt_recorder_finish(r), 0);
	hvt_recorder_free(r);
	child = fork();
	if (!child) {
		cr_assert_eq(hvt_recorder_open(&r, file.path, NULL, 0), 0);
		pthread_mutex_lock(&r->lock);
		for (uint64_t i = 0; i < calls_in(5); i++)
			append(0, i);
		_exit(0);
	}
	waitpid(child, &status, 0);
	cr_assert_eq(status, 0);
	cr_assert_eq(check(1), calls_in(5), "as they are");
	cr_assert_eq(hvt_trace_recover(file.path, HVT_END_DIED, &events, NULL), 0);
	cr_assert_eq(events, calls_in(5));
	cr_assert_eq(check(1), calls_in(5));
}
