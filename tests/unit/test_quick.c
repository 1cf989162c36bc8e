/* SPDX-License-Identifier: MIT */
/*
 * An engine with a short way: runs and registers that are at hand do not reach
 * its functions, and all else does.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "call_ids.h"
#include "fake_engine.h"
#include "fastpath.h"
#include "files.h"
#include "vm.h"

#define BIT(reg) (1ull << (reg))

static struct hvt_engine engine;
static struct hvt_run fast;
static struct hvt_exit_record record;
static hv_vcpu_t vcpu;
static unsigned went_on; /* 1 + the end that the engine was told */

static struct hvt_run *vcpu_fast(struct hvt_engine_vcpu *v)
{
	(void)v;
	return &fast;
}

static int run_on(struct hvt_engine_vcpu *v, unsigned end, hv_vcpu_exit_t *exit)
{
	cr_assert_eq(v, &fake.vcpus[0]);
	cr_assert(fast.busy);
	went_on = end + 1;
	exit->reason = HV_EXIT_REASON_CANCELED;
	return -ENOEXEC;
}

static void start(void)
{
	hv_vcpu_exit_t *exit;

	fast = (struct hvt_run){ .record = &record, .values = record.regs,
		.settable = HV_REG_FPCR };
	engine.vcpu_fast = vcpu_fast;
	engine.vcpu_run_on = run_on;
	hvt_backend_set_engine(&engine);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	memset(fake.calls, 0, sizeof(fake.calls));
}

static void set_up(void)
{
	fake_engine_install();
	engine = *hvt_engine;
	start();
}

TestSuite(quick, .init = set_up);

Test(quick, a_register_at_hand_is_read_there)
{
	uint64_t value;

	record.regs[HV_REG_X5] = 55;
	record.regs[HV_REG_CPSR] = 0x3c5;
	fast.valid = BIT(HV_REG_X5) | BIT(HV_REG_CPSR) | HVT_TOLD_ABORT;
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X5, &value), HV_SUCCESS);
	cr_assert_eq(value, 55);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_CPSR, &value), HV_SUCCESS);
	cr_assert_eq(value, 0x3c5);
	cr_assert_eq(fake.calls[FAKE_GET_REG], 0);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X6, &value), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_GET_REG], 1);
}

Test(quick, what_is_set_is_kept_and_read_back)
{
	uint64_t value;

	fast.valid = 0;
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_X0, 7), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_PC, 8), HV_SUCCESS);
	cr_assert_eq(fast.dirty, BIT(HV_REG_X0) | BIT(HV_REG_PC));
	cr_assert_eq(record.regs[HV_REG_X0], 7);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_PC, &value), HV_SUCCESS);
	cr_assert_eq(value, 8);
	cr_assert_eq(fake.calls[FAKE_SET_REG], 0);
	cr_assert_eq(fake.calls[FAKE_GET_REG], 0);
	/* These have 32 bits, which is the engine's to see to. */
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_CPSR, 1), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_FPCR, 1), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_SET_REG], 2);
}

static void *from_elsewhere(void *arg)
{
	uint64_t value;

	(void)arg;
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X0, &value), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_X0, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_BAD_ARGUMENT);
	return NULL;
}

Test(quick, mistakes_are_told_as_ever)
{
	pthread_t thread;
	uint64_t value;

	fast.valid = UINT64_MAX;
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_CPSR + 1, &value),
		HV_BAD_ARGUMENT);
	/* A shift by that many bits is none. */
	cr_assert_eq(hv_vcpu_get_reg(vcpu, 64, &value), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, 64, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X0, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_reg(vcpu + 1, HV_REG_X0, &value),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_run(vcpu + 1), HV_BAD_ARGUMENT);
	cr_assert_eq(pthread_create(&thread, NULL, from_elsewhere, NULL), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X0, &value), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X0, &value), HV_NO_DEVICE);
}

Test(quick, a_run_that_is_more_is_the_engines)
{
	fast.attention = HVT_ATTEND_LINES;
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_VCPU_RUN], 1);
	cr_assert_eq(fast.attention, HVT_ATTEND_LINES);
	fast.busy = true;
	cr_assert_eq(hv_vcpu_run(vcpu), HV_BUSY);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_BUSY);
	cr_assert_eq(fake.calls[FAKE_VCPU_RUN], 1);
}

Test(quick, a_line_to_be_raised_is_the_engines)
{
	cr_assert_eq(hv_vcpu_set_pending_interrupt(vcpu,
			HV_INTERRUPT_TYPE_FIQ, true), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(fake.vcpus[0].pending, 2);
}

Test(quick, a_run_that_is_held_goes_on_in_the_engine)
{
	uint64_t page[512] = { 0 };
	struct hvt_run_watch watch = { .pauses = 1 };

	fast.page = (struct kvm_run *)page;
	fast.watch = &watch;
	cr_assert_eq(hv_vcpu_run(vcpu), HV_ILLEGAL_GUEST_STATE);
	cr_assert_eq(went_on, 1 + HVT_RUN_HELD);
	cr_assert_not(fast.busy);
	cr_assert_eq(fake.calls[FAKE_VCPU_RUN], 0);
}

static void expect(struct hvt_trace *trace, uint32_t call, uint64_t value)
{
	struct hvt_event event;
	struct hvt_error e;

	do
		cr_assert_eq(hvt_trace_next(trace, &event, &e), 1);
	while (event.call == HVT_CALL_HV_VM_CREATE ||
			event.call == HVT_CALL_HV_VCPU_CREATE);
	cr_assert_eq(event.call, call);
	cr_assert_eq(event.kind, HVT_EVENT_CALL);
	cr_assert_eq(event.result, HV_SUCCESS);
	cr_assert_eq(event.values[1], HV_REG_X3);
	cr_assert_eq(event.values[2], value);
}

Test(quick_recorded, is_logged_all_the_same, .init = fake_engine_install)
{
	struct temp_file file = temp_file_create();
	struct hvt_trace *trace;
	struct hvt_error e;
	uint64_t value;

	engine = *hvt_engine;
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL), 0);
	start();
	cr_assert_eq(hv_vcpu_set_reg(vcpu, HV_REG_X3, 33), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, HV_REG_X3, &value), HV_SUCCESS);
	cr_assert_eq(value, 33);
	cr_assert_eq(fake.calls[FAKE_SET_REG], 0);
	cr_assert_eq(hvt_recording_stop(), 0);
	cr_assert_eq(hvt_trace_open(&trace, file.path, &e), 0);
	expect(trace, HVT_CALL_HV_VCPU_SET_REG, 33);
	expect(trace, HVT_CALL_HV_VCPU_GET_REG, 33);
	hvt_trace_close(trace);
	temp_file_remove(&file);
}
