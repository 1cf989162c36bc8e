/* SPDX-License-Identifier: MIT */
/* The recorder's tap: what reaches the trace, and what a VMM meets after. */
#include <criterion/criterion.h>
#include <errno.h>
#include <mach/mach_time.h>
#include <os/object.h>
#include <pthread.h>
#include <string.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "files.h"
#include "recording.h"

static struct temp_file file;
static struct hvt_trace *trace;
static struct hvt_event event;

static void set_up(void)
{
	fake_engine_install();
	file = temp_file_create();
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL), 0);
}

static void tear_down(void)
{
	hvt_trace_close(trace);
	temp_file_remove(&file);
}

TestSuite(recording, .init = set_up, .fini = tear_down);

static void next(uint32_t kind, uint32_t call, uint32_t thread)
{
	struct hvt_error e;

	if (!trace)
		cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0);
	/* Each thread has its order; that of two has to do with both. */
	cr_assert_eq(hvt_trace_next_of(trace, thread, &event, &e), 1);
	cr_assert_eq(event.kind, kind);
	cr_assert_eq(event.call, call);
	cr_assert_eq(event.thread, thread);
}

static void expect_end(void)
{
	cr_assert_eq(hvt_trace_next(trace, &event, NULL), 0);
}

static void *create_config(void *arg)
{
	(void)arg;
	os_release(hv_vm_config_create());
	return NULL;
}

Test(recording, logs_wide_calls_twice_and_others_once)
{
	uint64_t value = 0;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;
	pthread_t t;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, 5, 0xabc), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, 5, &value), HV_SUCCESS);
	pthread_create(&t, NULL, create_config, NULL);
	pthread_join(t, NULL);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_reg(9, 5, &value), HV_BAD_ARGUMENT);
	cr_assert_eq(hvt_recording_stop(), 0);

	next(HVT_EVENT_ENTER, HVT_CALL_HV_VM_CREATE, 0);
	next(HVT_EVENT_LEAVE, HVT_CALL_HV_VM_CREATE, 0);
	next(HVT_EVENT_ENTER, HVT_CALL_HV_VCPU_CREATE, 0);
	next(HVT_EVENT_LEAVE, HVT_CALL_HV_VCPU_CREATE, 0);
	cr_assert_eq(event.values[0], vcpu);
	cr_assert_eq(event.values[1], (uintptr_t)exit);
	next(HVT_EVENT_CALL, HVT_CALL_HV_VCPU_SET_REG, 0);
	cr_assert_eq(event.values[2], 0xabc);
	next(HVT_EVENT_CALL, HVT_CALL_HV_VCPU_GET_REG, 0);
	cr_assert_eq(event.values[2], 0xabc);
	next(HVT_EVENT_ENTER, HVT_CALL_HV_VCPU_RUN, 0);
	next(HVT_EVENT_LEAVE, HVT_CALL_HV_VCPU_RUN, 0);
	cr_assert_eq(event.values[1], exit->reason);
	cr_assert_eq(event.values[2], exit->exception.syndrome);
	next(HVT_EVENT_CALL, HVT_CALL_HV_VCPU_GET_REG, 0);
	cr_assert_eq(event.result, HV_BAD_ARGUMENT);
	expect_end();
	cr_assert_eq(hvt_trace_rewind(trace, NULL), 0);
	next(HVT_EVENT_CALL, HVT_CALL_HV_VM_CONFIG_CREATE, 1);
	cr_assert_eq(event.result, 1);
}

Test(recording, logs_bytes_both_ways)
{
	hv_vcpu_t ids[3] = { 0, 1, 2 };
	hv_simd_fp_uchar16_t v;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	memset(&v, 0xa7, sizeof(v));
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_simd_fp_reg(vcpu, 3, v), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_simd_fp_reg(vcpu, 3, &v), HV_SUCCESS);
	cr_assert_eq(hv_vcpus_exit(ids, 3), HV_SUCCESS);
	cr_assert_eq(hvt_recording_stop(), 0);

	for (int i = 0; i < 2; i++) {
		uint32_t call =
			i ? HVT_CALL_HV_VCPU_CREATE : HVT_CALL_HV_VM_CREATE;

		next(HVT_EVENT_ENTER, call, 0);
		next(HVT_EVENT_LEAVE, call, 0);
	}
	next(HVT_EVENT_CALL, HVT_CALL_HV_VCPU_SET_SIMD_FP_REG, 0);
	cr_assert(event.data_size == 16 && !memcmp(event.data, &v, 16));
	next(HVT_EVENT_CALL, HVT_CALL_HV_VCPU_GET_SIMD_FP_REG, 0);
	cr_assert(event.data_size == 16 && !memcmp(event.data, &v, 16));
	next(HVT_EVENT_ENTER, HVT_CALL_HV_VCPUS_EXIT, 0);
	cr_assert(event.data_size == 24 && !memcmp(event.data, ids, 24));
	next(HVT_EVENT_LEAVE, HVT_CALL_HV_VCPUS_EXIT, 0);
	cr_assert_eq(event.data_size, 0);
	expect_end();
}

Test(recording, logs_time_as_it_was_told)
{
	uint64_t t = mach_absolute_time();

	cr_assert_eq(hvt_recording_stop(), 0);
	next(HVT_EVENT_CALL, HVT_CALL_MACH_ABSOLUTE_TIME, 0);
	cr_assert_eq((uint64_t)event.result, t);
	expect_end();
}

Test(recording, stopped_lets_no_call_go_unlogged)
{
	unsigned before;

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hvt_recording_stop(), 0);
	before = fake.calls[FAKE_VM_DESTROY];
	cr_assert_eq(hv_vm_destroy(), HV_ERROR);
	cr_assert_eq(fake.calls[FAKE_VM_DESTROY], before);
	cr_assert_null(hv_vm_config_create());
}

/* The thread may be one that the end of the process waits for. */
static void *take_input(void *arg)
{
	struct hvt_event input = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_INPUT_CLOCK };

	(void)arg;
	cr_assert_not(hvt_recording_append(&input));
	return NULL;
}

Test(recording, stopped_lets_inputs_go_on, .timeout = 30)
{
	struct hvt_event input = { .call = HVT_CALL_INPUT_CLOCK };
	pthread_t t;

	cr_assert_eq(hvt_recording_stop(), 0);
	pthread_create(&t, NULL, take_input, NULL);
	pthread_join(t, NULL);
	hvt_backend_refuse(&input);
	cr_assert_eq(input.result, -ECANCELED);
}

/* Its own calls of libc would be taken for the VMM's. */
Test(recording, has_no_inputs_where_the_library_is_part_of_the_program)
{
	hvt_inputs_ask_for("all");
	cr_assert_not_null(hvt_inputs_missing());
	cr_assert_eq(hvt_inputs_start(false, 0, false), -ENOENT);
	cr_assert_eq(hvt_recording_stop(), 0);
	cr_assert_eq(hvt_trace_open(&trace, file.path, NULL), 0);
	cr_assert_null(hvt_trace_info(trace, "inputs"));
}

Test(recording_start, says_why_it_cannot, .init = fake_engine_install)
{
	cr_assert_lt(hvt_recording_start("no-such-folder/trace", HVT_MEMORY_NONE, NULL), 0);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS, "and leaves no tap");
	cr_assert_eq(hvt_recording_stop(), 0, "nothing to stop");
	hvt_recording_disown();
}
