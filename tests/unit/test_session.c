/* SPDX-License-Identifier: MIT */
/*
 * Whom the events of a trace go to, and when: traces made by hand, in which
 * threads wait for each other, never return, or cannot be.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "call_ids.h"
#include "events.h"
#include "fake_engine.h"
#include "replay_steps.h"

TestSuite(session, .init = set_up, .fini = tear_down);

struct line {
	uint32_t kind, thread, call;
	uint64_t value;
};

static void write_lines(const struct line *lines, unsigned count, bool end)
{
	struct test_event *events = calloc(count, sizeof(*events));

	for (unsigned i = 0; i < count; i++) {
		events[i].event.kind = lines[i].kind;
		events[i].event.thread = lines[i].thread;
		events[i].event.call = lines[i].call;
		if (lines[i].kind != HVT_EVENT_LEAVE)
			events[i].event.values[0] = lines[i].value;
	}
	trace_write(file.path, events, count, 100, end, NULL);
	free(events);
}

/* clang-format off */
#define ENTER(thread, call, value) { HVT_EVENT_ENTER, thread, call, value }
#define LEAVE(thread, call)        { HVT_EVENT_LEAVE, thread, call, 0 }
#define GET_INTID(thread, value)                                               \
	{ HVT_EVENT_CALL, thread, HVT_CALL_HV_GIC_GET_INTID, value }
/* clang-format on */

static hv_return_t run_result;
static _Atomic int run_returned, destroy_begun;

static void *run_thread(void *arg)
{
	(void)arg;
	run_result = hv_vcpu_run(0);
	run_returned = 1 + destroy_begun;
	return NULL;
}

static const struct line run_behind_destroy[] = {
	ENTER(0, HVT_CALL_HV_VCPU_RUN, 0),
	ENTER(1, HVT_CALL_HV_VM_DESTROY, 0),
	LEAVE(1, HVT_CALL_HV_VM_DESTROY),
	LEAVE(0, HVT_CALL_HV_VCPU_RUN),
};

Test(session, holds_the_return_of_a_run_back_until_its_turn)
{
	pthread_t t;

	write_lines(run_behind_destroy, 4, true);
	start_replay(PATIENT);
	pthread_create(&t, NULL, run_thread, NULL);
	/* Time enough for a mistake; the claim does not depend on it. */
	usleep(30000);
	cr_assert_eq(run_returned, 0);
	destroy_begun = 1;
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	pthread_join(t, NULL);
	cr_assert_eq(run_result, HV_SUCCESS);
	cr_assert_eq(run_returned, 2, "the call came first");
	hvt_replay_finish(&status);
	expect_complete(4);
}

/* They may stand before the run that brought them about. */
Test(session, holds_no_run_back_for_a_whole_call)
{
	static const struct line lines[] = {
		ENTER(0, HVT_CALL_HV_VCPU_RUN, 0),
		GET_INTID(1, 27),
		LEAVE(0, HVT_CALL_HV_VCPU_RUN),
	};
	uint32_t intid;
	pthread_t t;

	write_lines(lines, 3, true);
	start_replay(PATIENT);
	pthread_create(&t, NULL, run_thread, NULL);
	pthread_join(t, NULL);
	cr_assert_eq(run_result, HV_SUCCESS);
	cr_assert_eq(hv_gic_get_intid(27, &intid), HV_SUCCESS);
	hvt_replay_finish(&status);
	expect_complete(3);
}

static const struct line run_behind_a_call[] = {
	GET_INTID(1, 27),
	ENTER(0, HVT_CALL_HV_VCPU_RUN, 0),
	LEAVE(0, HVT_CALL_HV_VCPU_RUN),
};
static atomic_bool called, noted, let_go;

static int64_t own_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Something that takes a while, but nobody else. */
static void spin_for_ns(int64_t ns)
{
	int64_t from = own_cpu_ns();

	while (own_cpu_ns() - from < ns && !let_go)
		;
}

static void *call_and_note(void *arg)
{
	uint32_t intid;

	hv_gic_get_intid(27, &intid);
	called = true;
	spin_for_ns(*(int64_t *)arg);
	noted = true;
	return NULL;
}

/* What a thread does for ns behind its call: is it done when the run returns? */
static bool is_noted_behind_the_run(int64_t ns)
{
	bool was;
	pthread_t t;

	write_lines(run_behind_a_call, 3, true);
	start_replay(PATIENT);
	pthread_create(&t, NULL, call_and_note, &ns);
	while (!called)
		sched_yield();
	cr_assert_eq(hv_vcpu_run(0), HV_SUCCESS);
	was = noted;
	let_go = true;
	pthread_join(t, NULL);
	hvt_replay_finish(&status);
	expect_complete(3);
	return was;
}

/* As that its vCPU is off: the guest asks for it when it has come to rest. */
Test(session, lets_threads_do_what_is_left_before_a_run_returns)
{
	cr_assert(is_noted_behind_the_run(4000000));
}

Test(session, waits_for_no_thread_that_does_not_rest)
{
	cr_assert_not(is_noted_behind_the_run(INT64_MAX));
}

#define ROUNDS 50u

static atomic_uint rounds;

static void *call_and_note_often(void *arg)
{
	uint32_t intid;

	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (hv_gic_get_intid(i, &intid))
			break;
		spin_for_ns(200000);
		rounds = i + 1;
	}
	return NULL;
}

/* The thread waits for its call, each time, and does something behind it. */
Test(session, lets_threads_do_what_their_call_has_brought_about)
{
	struct line lines[3 * ROUNDS];
	pthread_t t;

	for (unsigned i = 0; i < ROUNDS; i++) {
		lines[3 * i] = (struct line)ENTER(0, HVT_CALL_HV_VCPU_RUN, 0);
		lines[3 * i + 1] = (struct line)GET_INTID(1, i);
		lines[3 * i + 2] = (struct line)LEAVE(0, HVT_CALL_HV_VCPU_RUN);
	}
	write_lines(lines, 3 * ROUNDS, true);
	start_replay(PATIENT);
	pthread_create(&t, NULL, call_and_note_often, NULL);
	while (!rounds)
		sched_yield();
	for (unsigned i = 0; i < ROUNDS; i++) {
		cr_assert_eq(hv_vcpu_run(0), HV_SUCCESS);
		cr_assert_gt(rounds, i);
	}
	pthread_join(t, NULL);
	hvt_replay_finish(&status);
	expect_complete(3 * ROUNDS);
}

static pthread_barrier_t both;

static void *call_and_sleep(void *arg)
{
	uint32_t intid;

	(void)arg;
	hv_gic_get_intid(27, &intid);
	called = true;
	pthread_barrier_wait(&both);
	return NULL;
}

Test(session, takes_a_thread_that_sleeps_for_one_at_rest)
{
	pthread_t t;

	pthread_barrier_init(&both, NULL, 2);
	write_lines(run_behind_a_call, 3, true);
	start_replay(PATIENT);
	pthread_create(&t, NULL, call_and_sleep, NULL);
	while (!called)
		sched_yield();
	cr_assert_eq(hv_vcpu_run(0), HV_SUCCESS);
	pthread_barrier_wait(&both);
	pthread_join(t, NULL);
	hvt_replay_finish(&status);
	expect_complete(3);
}

Test(session, gives_up_when_nothing_moves)
{
	write_lines(run_behind_destroy, 4, true);
	start_replay(STALL_MS);
	run_thread(NULL);
	cr_assert_eq(run_result, HV_ERROR);
	hvt_replay_finish(&status);
	expect_divergence(1, "did not make this call within 100 ms");
	cr_assert_not_null(strstr(status.report, "hv_vm_destroy("));
}

static void *ask_from_elsewhere(void *arg)
{
	uint32_t intid;

	return (void *)(intptr_t)hv_gic_get_intid(*(uint32_t *)arg, &intid);
}

static hv_return_t elsewhere(uint32_t value)
{
	void *ret;
	pthread_t t;

	pthread_create(&t, NULL, ask_from_elsewhere, &value);
	pthread_join(t, &ret);
	return (hv_return_t)(intptr_t)ret;
}

Test(session, knows_threads_by_their_first_call)
{
	static const struct line lines[] = { GET_INTID(0, 23), GET_INTID(1, 25),
		GET_INTID(2, 26), GET_INTID(0, 27) };
	uint32_t intid;

	write_lines(lines, 4, true);
	start_replay(PATIENT);
	/* Each begins a thread's events, in an order of their own. */
	cr_assert_eq(elsewhere(26), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_intid(23, &intid), HV_SUCCESS);
	cr_assert_eq(elsewhere(25), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_intid(27, &intid), HV_SUCCESS);
	hvt_replay_finish(&status);
	expect_complete(4);
}

Test(session, gives_no_place_twice)
{
	static const struct line lines[] = { GET_INTID(0, 23),
		GET_INTID(0, 23) };

	write_lines(lines, 2, true);
	start_replay(STALL_MS);
	cr_assert_eq(elsewhere(23), HV_SUCCESS);
	/* What is due now is for that thread, not for another one. */
	cr_assert_eq(elsewhere(23), HV_ERROR);
	hvt_replay_finish(&status);
	expect_divergence(1, "waits in another thread");
}

Test(session, of_a_run_that_never_returned_matches_the_others_first)
{
	static const struct line lines[] = {
		ENTER(0, HVT_CALL_HV_VCPU_RUN, 0),
		GET_INTID(1, 23),
		GET_INTID(1, 25),
		GET_INTID(1, 26),
	};
	uint32_t intid;
	pthread_t t;

	write_lines(lines, 4, false);
	start_replay(PATIENT);
	pthread_create(&t, NULL, run_thread, NULL);
	for (uint32_t i = 0; i < 3; i++) {
		static const uint32_t ids[] = { 23, 25, 26 };

		/* Time for the waiting run to draw a wrong conclusion. */
		usleep(20000);
		cr_assert_eq(hv_gic_get_intid(ids[i], &intid), HV_SUCCESS,
			"call %u", i);
	}
	pthread_join(t, NULL);
	cr_assert_eq(run_result, HV_ERROR);
	hvt_replay_finish(&status);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert_not(status.complete);
	cr_assert_eq(status.consumed, 4);
}

Test(session, refuses_a_trace_in_which_a_call_does_not_return)
{
	static const struct line lines[] = {
		ENTER(0, HVT_CALL_HV_VCPU_RUN, 0),
		ENTER(0, HVT_CALL_HV_VCPU_RUN, 0),
	};

	write_lines(lines, 2, true);
	start_replay(STALL_MS);
	cr_assert_eq(hv_vcpu_run(0), HV_ERROR);
	hvt_replay_finish(&status);
	expect_damage(1);
}

Test(session, refuses_a_trace_of_absurdly_many_threads)
{
	static const struct line lines[] = { GET_INTID(0, 23),
		GET_INTID(4000000000u, 25), GET_INTID(0, 26) };
	uint32_t intid;

	write_lines(lines, 3, true);
	start_replay(STALL_MS);
	cr_assert_eq(hv_gic_get_intid(23, &intid), HV_ERROR,
		"not as if the one between were not there");
	hvt_replay_finish(&status);
	expect_damage(0);
}
