/* SPDX-License-Identifier: MIT */
/* vCPUs, their threads and their interrupt lines. */
#include <criterion/criterion.h>
#include <errno.h>
#include <os/object.h>
#include <pthread.h>
#include <string.h>

#include "fake_engine.h"

static hv_vcpu_t vcpu;
static hv_vcpu_exit_t *record;

static void set_up(void)
{
	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &record, NULL), HV_SUCCESS);
}

TestSuite(vcpu, .init = set_up);

/* Runs f in a thread of its own, to its end. */
static void elsewhere(void *(*f)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, f, NULL);
	pthread_join(t, NULL);
}

Test(vcpu, is_one_per_thread)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t again;

	cr_assert_eq(vcpu, 0);
	cr_assert_eq(hv_vcpu_create(&again, &exit, NULL), HV_BUSY);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&again, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(again, 0, "the lowest free id");
	cr_assert_eq(fake.calls[FAKE_VCPU_DESTROY], 1);
}

static void *try_all_of_the_owner(void *arg)
{
	hv_simd_fp_uchar16_t v = { 0 };
	uint64_t u = 0;
	bool b = false;

	(void)arg;
	cr_assert_eq(hv_vcpu_run(vcpu), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, 0, &u), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, 0, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_simd_fp_reg(vcpu, 0, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_simd_fp_reg(vcpu, 0, v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, &u),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_exec_time(vcpu, &u), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_serror(vcpu, &b), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_serror(vcpu, true), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_invalidate_tlb(vcpu, HV_TLBI_OP_VMALLE1IS, 0),
		HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_get_pending_interrupt(vcpu, 0, &b), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_set_pending_interrupt(vcpu, 0, true), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_get_trap_debug_exceptions(vcpu, &b), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_set_trap_debug_exceptions(vcpu, true), HV_BAD_ARGUMENT);
	return NULL;
}

Test(vcpu, obeys_its_own_thread_only)
{
	unsigned before = 0, after = 0;

	for (unsigned i = FAKE_VCPU_DESTROY; i < FAKE_OPS; i++)
		before += fake.calls[i];
	elsewhere(try_all_of_the_owner);
	for (unsigned i = FAKE_VCPU_DESTROY; i < FAKE_OPS; i++)
		after += fake.calls[i];
	cr_assert_eq(before, after, "the engine heard of it");
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
}

Test(vcpu, is_not_found_under_another_id)
{
	uint64_t u;

	cr_assert_eq(hv_vcpu_run(1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_run(UINT64_MAX), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_reg(1ull << 32, 0, &u), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(63), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_BAD_ARGUMENT);
}

static pthread_barrier_t barrier;

static void *create_and_hold(void *arg)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_SUCCESS);
	*(hv_vcpu_exit_t **)arg = exit;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	cr_assert_eq(hv_vcpu_run(id), HV_SUCCESS);
	cr_assert_eq(exit->exception.virtual_address, 0x1000 + id);
	cr_assert_eq(hv_vcpu_destroy(id), HV_SUCCESS);
	return NULL;
}

static void *create_one_too_many(void *arg)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	(void)arg;
	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_NO_RESOURCES);
	return NULL;
}

Test(vcpu, number_65_finds_no_room)
{
	pthread_t threads[63];
	hv_vcpu_exit_t *exits[63];

	pthread_barrier_init(&barrier, NULL, 64);
	for (int i = 0; i < 63; i++)
		pthread_create(&threads[i], NULL, create_and_hold, &exits[i]);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 63; i++)
		for (int k = 0; k < i; k++)
			cr_assert_neq(exits[i], exits[k]);
	elsewhere(create_one_too_many);
	cr_assert_eq(hv_vm_destroy(), HV_BUSY);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 63; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
}

Test(vcpu, needs_a_vm_and_places_for_its_outputs)
{
	hv_vm_config_t wrong = hv_vm_config_create();
	hv_vcpu_config_t config = hv_vcpu_config_create();
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(NULL, &exit, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_create(&id, NULL, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_create(&id, &exit, (hv_vcpu_config_t)(void *)wrong),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_create(&id, &exit, config), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_destroy(id), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_NO_DEVICE);
	os_release(wrong);
	os_release(config);
}

Test(vcpu, leaves_nothing_behind_when_the_engine_cannot_create_it)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	fake_engine_fail(FAKE_VCPU_CREATE, 1, -ENOMEM);
	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_NO_RESOURCES);
	cr_assert_eq(hv_vcpu_run(0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(id, 0);
}

Test(vcpu, tells_each_exit_in_its_record)
{
	for (unsigned i = 1; i < 10; i++) {
		cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
		cr_assert_eq(record->reason, HV_EXIT_REASON_EXCEPTION);
		cr_assert_eq(record->exception.syndrome, 0x5a000000 + i);
	}
	fake_engine_fail(FAKE_VCPU_RUN, 1, -ENOEXEC);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_ILLEGAL_GUEST_STATE);
	fake_engine_fail(FAKE_VCPU_RUN, 1, -EIO);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_ERROR);
}

Test(vcpu, starts_with_a_clean_record_at_the_same_address)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t id;

	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&id, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(exit, record);
	cr_assert_eq(exit->exception.syndrome, 0);
}

Test(vcpu, has_its_lines_taken_down_by_a_run)
{
	bool irq = true, fiq = true;

	cr_assert_eq(hv_vcpu_get_pending_interrupt(vcpu, 0, &irq), HV_SUCCESS);
	cr_assert_not(irq, "down at first");
	for (unsigned lines = 0; lines < 4; lines++) {
		cr_assert_eq(hv_vcpu_set_pending_interrupt(
				     vcpu, HV_INTERRUPT_TYPE_IRQ, lines & 1),
			HV_SUCCESS);
		cr_assert_eq(hv_vcpu_set_pending_interrupt(
				     vcpu, HV_INTERRUPT_TYPE_FIQ, lines & 2),
			HV_SUCCESS);
		hv_vcpu_get_pending_interrupt(vcpu, 0, &irq);
		hv_vcpu_get_pending_interrupt(vcpu, 1, &fiq);
		cr_assert_eq((unsigned)irq | (unsigned)fiq << 1, lines);
		cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
		cr_assert_eq(fake.vcpus[0].pending, lines);
		hv_vcpu_get_pending_interrupt(vcpu, 0, &irq);
		hv_vcpu_get_pending_interrupt(vcpu, 1, &fiq);
		cr_assert_not(irq || fiq);
		cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
		cr_assert_eq(fake.vcpus[0].pending, 0);
	}
	cr_assert_eq(hv_vcpu_set_pending_interrupt(vcpu, 0, true), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_pending_interrupt(vcpu, 0, false), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(fake.vcpus[0].pending, 0, "taken back in time");
}

Test(vcpu, has_two_lines_and_no_third)
{
	bool b;

	cr_assert_eq(
		hv_vcpu_set_pending_interrupt(vcpu, 2, true), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_get_pending_interrupt(vcpu, 2, &b), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_get_pending_interrupt(vcpu, 0, NULL), HV_BAD_ARGUMENT);
}

static hv_return_t inner_run, inner_destroy;

/* As a signal handler might, in the middle of a run. */
static void in_a_run(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	(void)v;
	inner_run = hv_vcpu_run(vcpu);
	inner_destroy = hv_vcpu_destroy(vcpu);
	exit->reason = HV_EXIT_REASON_CANCELED;
}

Test(vcpu, is_busy_while_it_runs)
{
	fake.next_exit = in_a_run;
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(inner_run, HV_BUSY);
	cr_assert_eq(inner_destroy, HV_BUSY);
	fake.next_exit = NULL;
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS, "and not afterwards");
	fake_engine_fail(FAKE_VCPU_RUN, 1, -EIO);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_ERROR);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
}

/* Of those that were given back, the lowest. */
Test(vcpu, gets_the_lowest_free_number)
{
	hv_vcpu_t again;

	cr_assert_eq(vcpu, 0);
	for (unsigned i = 0; i < 1000; i++) {
		cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
		cr_assert_eq(
			hv_vcpu_create(&again, &record, NULL), HV_SUCCESS);
		cr_assert_eq(again, 0);
	}
}
