/* SPDX-License-Identifier: MIT */
/* A VMM whose recording fails: it is stopped, never run on unrecorded. */
#include <criterion/criterion.h>
#include <errno.h>
#include <os/object.h>
#include <pthread.h>

#include "fake_engine.h"
#include "faults.h"
#include "files.h"
#include "trace.h"

static hv_vcpu_t vcpu;
static struct temp_file file;

static void set_up(void)
{
	hv_vcpu_exit_t *exit;

	fake_engine_install();
	file = temp_file_create();
	cr_assert_eq(hvt_recording_start(file.path, HVT_MEMORY_NONE, NULL), 0);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
}

static void tear_down(void)
{
	temp_file_remove(&file);
}

TestSuite(recording, .init = set_up, .fini = tear_down);

static unsigned engine_calls(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_OPS; i++)
		n += fake.calls[i];
	return n;
}

/* Calls until one fails: the writing thread meets the fault when it writes. */
static void call_until_error(void)
{
	uint64_t value;

	while (hv_vcpu_get_reg(vcpu, 0, &value) == HV_SUCCESS)
		;
}

static void expect_stopped(int err)
{
	unsigned before = engine_calls();
	uint64_t value;

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(hv_vcpu_get_reg(vcpu, 0, &value), HV_ERROR);
		cr_assert_eq(hv_vcpu_run(vcpu), HV_ERROR);
		cr_assert_eq(hv_vm_map(&value, 0, 0x10000, 7), HV_ERROR);
		cr_assert_eq(hv_gic_set_spi(32, true), HV_ERROR);
		cr_assert_eq(hv_vcpu_destroy(vcpu), HV_ERROR);
		cr_assert_eq(hv_vm_destroy(), HV_ERROR);
		cr_assert_null(hv_vm_config_create());
	}
	cr_assert_eq(engine_calls(), before);
	cr_assert_eq(hvt_recording_stop(), err);
}

static int told, tellings;

static void tell(int err)
{
	told = err;
	tellings++;
}

Test(recording, on_a_full_disk_makes_every_call_fail_and_none_reach_the_engine)
{
	fault_errno = ENOSPC;
	fault_arm(FAULT_WRITE, 1, true);
	hvt_recording_on_failure(tell);
	call_until_error();
	cr_assert_eq(told, -ENOSPC, "at once: a VMM may end itself now");
	expect_stopped(-ENOSPC);
	cr_assert_eq(tellings, 1);
	cr_assert(fault_disarm());
}

Test(recording, that_cannot_be_brought_to_the_disk_fails_as_well)
{
	fault_errno = EIO;
	fault_arm(FAULT_SYNC, 1, true);
	call_until_error();
	expect_stopped(-EIO);
	cr_assert(fault_disarm());
}

static void *call_once(void *arg)
{
	(void)arg;
	cr_assert_eq(hv_gic_set_spi(32, true), HV_ERROR);
	return NULL;
}

/* The disk has no room for another thread's ring. */
Test(recording, of_a_thread_without_a_ring_fails_all_threads)
{
	pthread_t t;

	fault_errno = ENOSPC;
	fault_arm(FAULT_FALLOCATE, 1, true);
	pthread_create(&t, NULL, call_once, NULL);
	pthread_join(t, NULL);
	expect_stopped(-ENOSPC);
	cr_assert(fault_disarm());
}

Test(recording, failed_stays_failed_when_the_disk_recovers)
{
	fault_errno = EIO;
	fault_arm(FAULT_WRITE, 1, false);
	call_until_error();
	cr_assert(fault_disarm());
	cr_assert_eq(hv_vcpu_run(vcpu), HV_ERROR);
	cr_assert_eq(hvt_recording_stop(), -EIO);
}

/* Not so yet: time becomes HV_ERROR. Enable with the code. */
