/* SPDX-License-Identifier: MIT */
/* hv_vcpus_exit: from any thread, and from signal handlers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <os/object.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "gic_vm.h"

static hv_vcpu_t vcpu;

static void set_up(void)
{
	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	vcpu = gic_vcpu_create();
}

TestSuite(cancel, .init = set_up);

static void *cancel_two(void *arg)
{
	hv_vcpu_t ids[] = { 0, 5 };

	(void)arg;
	cr_assert_eq(hv_vcpus_exit(ids, 2), HV_SUCCESS);
	return NULL;
}

Test(cancel, comes_from_any_thread)
{
	pthread_t t;

	pthread_create(&t, NULL, cancel_two, NULL);
	pthread_join(t, NULL);
	cr_assert_eq(fake.vcpus[0].cancels, 1);
	cr_assert_eq(fake.calls[FAKE_VCPU_CANCEL], 1, "5 is not there");
}

Test(cancel, of_a_list_that_is_none_cancels_nobody)
{
	hv_vcpu_t ids[] = { 0, 64 };

	cr_assert_eq(hv_vcpus_exit(ids, 2), HV_BAD_ARGUMENT);
	ids[1] = UINT64_MAX;
	cr_assert_eq(hv_vcpus_exit(ids, 2), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpus_exit(NULL, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpus_exit(ids, 64 * 64 + 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpus_exit(NULL, 0), HV_SUCCESS);
	cr_assert_eq(hv_vcpus_exit(ids, 0), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_VCPU_CANCEL], 0);
}

Test(cancel, needs_a_vm_and_no_vcpu)
{
	hv_vcpu_t id = 0;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpus_exit(&id, 1), HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_VCPU_CANCEL], 0);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vcpus_exit(&id, 1), HV_NO_DEVICE);
}

/*
 * A signal in the middle of every call that reaches the engine: whatever locks
 * the library holds there, the handler's hv_vcpus_exit must not want them.
 */

static unsigned interrupted;
static hv_return_t worst;

static void on_signal(int number)
{
	hv_vcpu_t ids[] = { 0, 1, 63 };
	hv_return_t ret = hv_vcpus_exit(ids, 3);

	(void)number;
	interrupted++;
	if (ret != HV_SUCCESS)
		worst = ret;
}

static void raise_signal(enum fake_op op)
{
	if (op == FAKE_VCPU_CANCEL || op == FAKE_VM_CREATE)
		return;
	errno = ERANGE;
	raise(SIGUSR1);
	cr_assert_eq(errno, ERANGE);
}

/* One call of each kind that takes a lock. */
static void do_calls(void)
{
	static uint8_t page[65536] __attribute__((aligned(65536)));
	hv_gic_state_t state;
	hv_ipa_t base;
	uint64_t v;
	bool b;

	vcpu = gic_vcpu_create();
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0), 0);
	cr_assert_eq(hv_vm_map(page, 0, sizeof(page), 7), HV_SUCCESS);
	cr_assert_eq(hv_vm_protect(0, sizeof(page), 1), HV_SUCCESS);
	cr_assert_eq(hv_vm_unmap(0, sizeof(page)), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_spi(40, true), HV_SUCCESS);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, MSI_FIRST), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_distributor_reg(0, &v), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_distributor_reg(0, 2), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_base(vcpu, &base), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_icc_reg(vcpu, HV_GIC_ICC_REG_PMR_EL1, &v), 0);
	cr_assert_eq(hv_vcpu_set_vtimer_offset(vcpu, 1), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_get_vtimer_mask(vcpu, &b), HV_SUCCESS);
	state = hv_gic_state_create();
	cr_assert_not_null(state);
	os_release(state);
	cr_assert_eq(hv_gic_reset(), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_run(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
}

Test(cancel, from_a_signal_handler_waits_for_nothing)
{
	struct sigaction action = { .sa_handler = on_signal };
	unsigned reached = 0;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	gic_vm_create(false);
	sigaction(SIGUSR1, &action, NULL);
	fake.on_call = raise_signal;
	do_calls();
	cr_assert_gt(interrupted, 1000);
	cr_assert_eq(worst, HV_SUCCESS);
	for (unsigned op = 0; op < FAKE_OPS; op++)
		reached += fake.calls[op] != 0;
	cr_assert_gt(reached, 16);
	cr_assert_eq(fake.dead_cancels, 0);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS, "without a VM it has none");
}

/* Those who cancel while vCPUs are created and destroyed. */

static atomic_bool enough;

static void *cancel_on_and_on(void *arg)
{
	hv_vcpu_t id = 0;

	(void)arg;
	while (!atomic_load(&enough))
		cr_assert_eq(hv_vcpus_exit(&id, 1), HV_SUCCESS);
	return NULL;
}

/* Time for it to be destroyed, if nothing holds that up. */
static void dawdle(enum fake_op op)
{
	struct timespec a_while = { .tv_nsec = 50000 };

	if (op == FAKE_VCPU_CANCEL)
		nanosleep(&a_while, NULL);
}

Test(cancel, never_reaches_a_vcpu_that_is_gone)
{
	pthread_t threads[2];
	hv_vcpu_exit_t *exit;

	fake.on_call = dawdle;
	for (unsigned i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, cancel_on_and_on, NULL);
	while (fake.calls[FAKE_VCPU_CANCEL] < 300) {
		sched_yield();
		cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
		cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
		cr_assert_eq(vcpu, 0);
	}
	atomic_store(&enough, true);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(fake.dead_cancels, 0);
}
