/* SPDX-License-Identifier: MIT */
/* How long a vCPU ran, and how long it slept. */
#include <errno.h>

#include "one_vcpu.h"

TestSuite(exec_time, .init = set_up);

Test(exec_time, is_told_by_the_engine)
{
	uint64_t t;

	fake.vcpus[0].exec_time = 12345;
	cr_assert_eq(hv_vcpu_get_exec_time(vcpu, &t), HV_SUCCESS);
	cr_assert_eq(t, 12345);
	cr_assert_eq(hv_vcpu_get_exec_time(vcpu, NULL), HV_BAD_ARGUMENT);
	fake_engine_fail(FAKE_EXEC_TIME, 1, -EOPNOTSUPP);
	cr_assert_eq(hv_vcpu_get_exec_time(vcpu, &t), HV_UNSUPPORTED);
}

Test(exec_time, of_sleep_there_is_none_without_a_gic)
{
	uint64_t t = 7;

	cr_assert_eq(hv_vcpu_get_wait_for_interrupt_time(vcpu, &t),
		HV_UNSUPPORTED);
	cr_assert_eq(t, 7);
	cr_assert_eq(fake.calls[FAKE_WFI_TIME], 0);
}

Test(exec_time, of_sleep_is_told_with_a_gic)
{
	hv_gic_config_t config = hv_gic_config_create();
	hv_vcpu_exit_t *exit;
	uint64_t t;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_distributor_base(config, 0x08000000),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_redistributor_base(config, 0x10000000),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_create(config), HV_SUCCESS);
	os_release(config);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	fake.vcpus[0].wfi_time = 54321;
	cr_assert_eq(
		hv_vcpu_get_wait_for_interrupt_time(vcpu, &t), HV_SUCCESS);
	cr_assert_eq(t, 54321);
	cr_assert_eq(hv_vcpu_get_wait_for_interrupt_time(vcpu, NULL),
		HV_BAD_ARGUMENT);
}
