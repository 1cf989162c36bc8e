/* SPDX-License-Identifier: MIT */
/* A VM of the fake engine with one vCPU, which is the test's. */
#ifndef HVT_TEST_ONE_VCPU_H
#define HVT_TEST_ONE_VCPU_H

#include <criterion/criterion.h>

#include "fake_engine.h"

static hv_vcpu_t vcpu;

static void set_up(void)
{
	hv_vcpu_exit_t *exit;

	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
}

#endif
