/* SPDX-License-Identifier: MIT */
/*
 * Replays: the same VMM gets the same answers in the same order, and every way
 * to be another VMM is told.
 */
#include <criterion/criterion.h>
#include <mach/mach_time.h>
#include <os/object.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "format.h"
#include "object.h"
#include "replay_steps.h"
#include "vmm.h"

TestSuite(replay, .init = set_up, .fini = tear_down);

/* Many threads. */

static void next_exit(struct hvt_engine_vcpu *vcpu, hv_vcpu_exit_t *exit)
{
	static _Atomic uint64_t count;
	uint64_t n = ++count;

	(void)vcpu;
	/* So that the calls of the threads mingle in the recording. */
	usleep(n % 50);
	exit->reason = (hv_exit_reason_t)(n % 4);
	exit->exception.syndrome = n * 0x123456789;
	exit->exception.virtual_address = n << 20;
	exit->exception.physical_address = ~n;
}

/* Which thread of the VMM is which of the trace, from their first calls. */
static void find_threads(unsigned index_of[VMM_THREADS])
{
	struct hvt_trace *t;
	struct hvt_event e;
	bool seen[VMM_THREADS] = { false };

	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &e, NULL) == 1) {
		cr_assert_lt(e.thread, VMM_THREADS);
		if (!seen[e.thread])
			index_of[e.thread] =
				(unsigned)e.values[0] - VMM_FIRST_INPUT(0);
		seen[e.thread] = true;
	}
	hvt_trace_close(t);
}

/*
 * When a run returned, every wide call that the trace has before that return
 * had begun. Returns how often that was so though another thread made the call.
 */
static unsigned check_order(const struct vmm *vmm)
{
	unsigned index_of[VMM_THREADS], at[VMM_THREADS] = { 0 }, checked = 0;
	uint64_t begun = 0;
	struct hvt_trace *t;
	struct hvt_event e;

	find_threads(index_of);
	cr_assert_eq(hvt_trace_open(&t, file.path, NULL), 0);
	while (hvt_trace_next(t, &e, NULL) == 1) {
		const struct vmm_thread *v = &vmm->threads[index_of[e.thread]];
		unsigned call = at[e.thread];

		cr_assert_lt(call, v->calls);
		/* Whole calls may stand before what brought them about. */
		if (e.kind != HVT_EVENT_CALL && v->stamps[call].before > begun)
			begun = v->stamps[call].before;
		if (e.kind != HVT_EVENT_ENTER)
			at[e.thread]++;
		if (e.kind != HVT_EVENT_LEAVE || e.call != HVT_CALL_HV_VCPU_RUN)
			continue;
		cr_assert_lt(begun, v->stamps[call].after, "event %u",
			(unsigned)e.number);
		checked += begun != v->stamps[call].before;
	}
	hvt_trace_close(t);
	return checked;
}

Test(replay, of_many_threads_answers_alike_and_in_order, .timeout = 100)
{
	static struct vmm recorded, replayed;
	struct rng r;

	rng_init(&r);
	fake.next_exit = next_exit;
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL), 0);
	vmm_run(&recorded, r.state, 1500);
	cr_assert_eq(hvt_recording_stop(), 0);
	start_replay(PATIENT);
	vmm_run(&replayed, r.state, 1500);
	hvt_replay_finish(&status);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_gt(status.consumed, 5000);
	for (unsigned i = 0; i < VMM_THREADS; i++) {
		cr_assert_eq(replayed.threads[i].digest,
			recorded.threads[i].digest, "thread %u", i);
		cr_assert_eq(
			replayed.threads[i].calls, recorded.threads[i].calls);
	}
	cr_assert_gt(check_order(&replayed), 10);
}

/* One thread, call by call. */

static void script(void)
{
	uint64_t value = 0;
	hv_simd_fp_uchar16_t v;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	memset(&v, 1, sizeof(v));
	hv_vm_create(NULL);			  /* 0, 1 */
	hv_vcpu_create(&vcpu, &exit, NULL);	  /* 2, 3 */
	hv_vcpu_set_reg(vcpu, HV_REG_PC, 0x1000); /* 4 */
	hv_vcpu_get_reg(vcpu, HV_REG_PC, &value); /* 5 */
	hv_vcpu_set_simd_fp_reg(vcpu, 2, v);	  /* 6 */
	hv_vcpu_run(vcpu);			  /* 7, 8 */
	hv_vcpu_destroy(vcpu);			  /* 9, 10 */
	hv_vm_destroy();			  /* 11, 12 */
}

#define SCRIPT_EVENTS 13u

Test(replay, of_the_same_calls_is_complete)
{
	record(script);
	replay(script, PATIENT);
	expect_complete(SCRIPT_EVENTS);
}

/* Where the guest runs a signal handler ends the run: in a replay at that place. */

static atomic_uint entering, handled;

static void end_the_run(int number)
{
	hv_vcpu_t vcpu = 0;

	(void)number;
	handled++;
	hv_vcpus_exit(&vcpu, 1);
}

static void raise_in_run(struct hvt_engine_vcpu *vcpu, hv_vcpu_exit_t *exit)
{
	(void)vcpu;
	exit->reason = HV_EXIT_REASON_CANCELED;
	raise(SIGUSR1);
}

static void script_with_handler(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	signal(SIGUSR1, end_the_run);
	handled = 0;
	hv_vm_create(NULL);		    /* 0, 1 */
	hv_vcpu_create(&vcpu, &exit, NULL); /* 2, 3 */
	entering = 1;
	hv_vcpu_run(vcpu); /* 4, 7; in it 5, 6 */
	cr_assert_eq(handled, 1);
	cr_assert_eq(exit->reason, HV_EXIT_REASON_CANCELED);
	hv_vcpu_destroy(vcpu); /* 8, 9 */
	hv_vm_destroy();       /* 10, 11 */
}

/* It waits in the run, for nothing else: of the states of proc(5) that is S. */
static bool main_sleeps(void)
{
	char path[64], line[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)getpid());
	f = fopen(path, "r");
	cr_assert(f && fgets(line, sizeof(line), f));
	fclose(f);
	return strstr(line, ") S");
}

static void *signal_the_run(void *main_thread)
{
	while (!entering || !main_sleeps())
		usleep(1000);
	pthread_kill(*(pthread_t *)main_thread, SIGUSR1);
	return NULL;
}

Test(replay, lets_a_signal_handler_end_a_run, .timeout = 100)
{
	pthread_t self = pthread_self(), thread;

	fake.next_exit = raise_in_run;
	record(script_with_handler);
	entering = 0;
	pthread_create(&thread, NULL, signal_the_run, &self);
	replay(script_with_handler, PATIENT);
	pthread_join(thread, NULL);
	expect_complete(12);
}

static void script_without_signal(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	hv_vm_create(NULL);
	hv_vcpu_create(&vcpu, &exit, NULL);
	hv_vcpu_run(vcpu);
}

Test(replay, tells_of_a_signal_that_does_not_come)
{
	fake.next_exit = raise_in_run;
	record(script_with_handler);
	replay(script_without_signal, STALL_MS);
	expect_divergence(5, "hv_vcpus_exit");
}

static _Atomic uint64_t recorded_by_now;

static void on_recording(uint64_t events)
{
	recorded_by_now = events;
}

/* 20000 events and two; it waits for the recorder to have told of some. */
static void script_long(void)
{
	uint64_t value;

	hv_vm_create(NULL);
	for (unsigned i = 0; i < 20000; i++)
		hv_vcpu_get_reg(0, HV_REG_PC, &value);
}

static void script_told(void)
{
	hvt_recording_on_progress(on_recording);
	script_long();
	while (!recorded_by_now)
		usleep(1000);
}

Test(replay, and_recording_tell_how_far_they_are, .timeout = 100)
{
	record(script_told);
	cr_assert_leq(recorded_by_now, 20002);
	replay(script_long, PATIENT);
	expect_complete(20002);
	cr_assert_eq(progress, 16384);
}

static void script_outputs(void)
{
	uint64_t value = 0;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(NULL), HV_BUSY);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(vcpu, 0);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, 3, 0x1234), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, 3, &value), HV_SUCCESS);
	cr_assert_eq(value, 0x1234);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(exit->exception.syndrome, 0x5a000001);
	memset(exit, 0, sizeof(*exit));
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
}

Test(replay, gives_results_outputs_and_exits)
{
	record(script_outputs);
	replay(script_outputs, PATIENT);
	cr_assert(status.complete, "%s", status.report);
}

static void script_objects(void)
{
	hv_vm_config_t config;
	uint32_t bits = 0;
	void *p = NULL;

	config = hv_vm_config_create();
	cr_assert_not_null(config);
	cr_assert_eq(hv_vm_config_set_ipa_size(config, 38), HV_SUCCESS);
	cr_assert_eq(hv_vm_config_get_ipa_size(config, &bits), HV_SUCCESS);
	cr_assert_eq(bits, 38);
	cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
	os_release(config);
	cr_assert_eq(hv_vm_allocate(&p, 0x10000, 0), HV_SUCCESS);
	memset(p, 1, 0x10000);
	cr_assert_eq(hv_vm_map(p, 0x10000, 0x10000, 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(0x10000, 0x10000), HV_SUCCESS);
	cr_assert_eq(hv_vm_deallocate(p, 0x10000), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
}

Test(replay, gives_real_objects_and_real_memory)
{
	record(script_objects);
	/* Serial numbers are the trace's, whatever else was created. */
	os_release(hvt_object_create(HVT_OBJECT_GIC_CONFIG));
	replay(script_objects, PATIENT);
	cr_assert(status.complete, "%s", status.report);
}

static void script_other_function(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;
	uint64_t t;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_exec_time(vcpu, &t), HV_ERROR);
	/* All is over: also what the trace would have next. */
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_PC, 0x1000), HV_ERROR);
	cr_assert_null(hv_vm_config_create());
	/* Time goes on, so that a VMM that waits for it comes to an end. */
	cr_assert_gt(mach_absolute_time(), 0);
}

Test(replay, tells_another_function)
{
	record(script);
	replay(script_other_function, PATIENT);
	expect_divergence(4, "differs: the function");
	cr_assert_not_null(strstr(status.report, "hv_vcpu_get_exec_time("));
	cr_assert_not_null(strstr(status.report, "hv_vcpu_set_reg("));
	cr_assert_eq(status.consumed, 4);
}

static void script_other_argument(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_PC, 0x1004), HV_ERROR);
}

Test(replay, tells_another_argument)
{
	record(script);
	replay(script_other_argument, PATIENT);
	expect_divergence(4, "differs: value, 0x1000 in the trace, 0x1004 ");
}

static void script_other_bytes(void)
{
	hv_simd_fp_uchar16_t v;
	uint64_t value;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	memset(&v, 1, sizeof(v));
	((uint8_t *)&v)[15] = 2;
	hv_vm_create(NULL);
	hv_vcpu_create(&vcpu, &exit, NULL);
	hv_vcpu_set_reg(vcpu, HV_REG_PC, 0x1000);
	hv_vcpu_get_reg(vcpu, HV_REG_PC, &value);
	cr_assert_eq(hv_vcpu_set_simd_fp_reg(vcpu, 2, v), HV_ERROR);
}

Test(replay, tells_other_bytes)
{
	record(script);
	replay(script_other_bytes, PATIENT);
	expect_divergence(6,
		"differs: value, at byte 15: 0x01 in the trace, "
		"0x02 from the VMM");
}

static void script_too_long(void)
{
	script();
	cr_assert_eq(hv_vm_create(NULL), HV_ERROR);
}

Test(replay, tells_a_call_too_many)
{
	record(script);
	replay(script_too_long, STALL_MS);
	expect_divergence(SCRIPT_EVENTS, "the trace ends here");
	cr_assert_not_null(strstr(status.report, "hv_vm_create("));
}

static void script_too_short(void)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
}

Test(replay, tells_that_the_vmm_ended_early)
{
	record(script);
	replay(script_too_short, PATIENT);
	expect_divergence(4, "the VMM ended, the trace goes on");
	cr_assert_not_null(strstr(status.report, "hv_vcpu_set_reg("));
}

static void script_nothing(void)
{
}

Test(replay, tells_that_the_vmm_did_nothing)
{
	record(script);
	replay(script_nothing, PATIENT);
	expect_divergence(0, "hv_vm_create(");
}

static void script_skips_one(void)
{
	uint64_t value;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu = 9;

	hv_vm_create(NULL);
	hv_vcpu_create(&vcpu, &exit, NULL);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_PC, &value), HV_ERROR);
}

Test(replay, tells_a_missing_call)
{
	record(script);
	replay(script_skips_one, PATIENT);
	expect_divergence(4, "another call");
}

Test(replay, of_an_empty_trace_tells_the_first_call)
{
	record(script_nothing);
	start_replay(STALL_MS);
	cr_assert_eq(hv_vm_create(NULL), HV_ERROR);
	hvt_replay_finish(&status);
	expect_divergence(0, "the trace ends here");
}

Test(replay, of_an_empty_trace_by_nobody_is_complete)
{
	record(script_nothing);
	replay(script_nothing, PATIENT);
	expect_complete(0);
}

/* Damage and cuts. */

/* So few events are one segment; behind it are an index and the end. */
Test(replay, of_a_cut_trace_matches_what_is_there)
{
	uint8_t *bytes;
	size_t size;

	record(script);
	bytes = file_read(file.path, &size);
	file_write(file.path, bytes, size - 1);
	free(bytes);
	replay(script_too_long, STALL_MS);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert_not(status.complete);
	cr_assert_eq(status.consumed, SCRIPT_EVENTS);
}

/* Where the events begin, behind the meta segment. */
static size_t first_segment(const uint8_t *bytes)
{
	return HVT_HEAD_SIZE + hvt_get32(bytes + HVT_AT_PACKED) + HVT_TAIL_SIZE;
}

Test(replay, of_a_damaged_trace_tells_where)
{
	uint8_t *bytes;
	size_t size, at;

	record(script);
	bytes = file_read(file.path, &size);
	at = first_segment(bytes);
	bytes[at + HVT_HEAD_SIZE + 30] ^= 0xff;
	file_write(file.path, bytes, size);
	free(bytes);
	start_replay(STALL_MS);
	cr_assert_eq(hv_vm_create(NULL), HV_ERROR);
	hvt_replay_finish(&status);
	expect_damage(0);
	cr_assert_eq(damage.offset, at);
	cr_assert_eq(status.consumed, 0);
}

/* A VMM that was killed: what it had logged is in the log beside the trace. */
Test(replay, of_a_trace_whose_recorder_died_matches_its_log)
{
	pid_t child = fork();

	if (!child) {
		if (hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL))
			_exit(1);
		script();
		kill(getpid(), SIGKILL);
	}
	cr_assert_eq(waitpid(child, NULL, 0), child);
	replay(script_too_long, STALL_MS);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert_not(status.complete, "nobody knows what came next");
	cr_assert_eq(status.consumed, SCRIPT_EVENTS);
	cr_assert_eq(notified + damages, 0);
}

Test(replay, does_not_start_from_what_is_no_trace)
{
	struct hvt_error e;

	file_write(file.path, "no trace at all, this", 21);
	cr_assert_lt(hvt_replay_start(file.path, PATIENT, &listener, &e), 0);
	cr_assert_neq(e.text[0], 0);
	hvt_replay_finish(&status);
	cr_assert_not(status.diverged);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS, "and sets no tap");
}
