/* SPDX-License-Identifier: MIT */
/* The virtual timer's mask and offset. */
#include <errno.h>

#include "one_vcpu.h"

TestSuite(vtimer, .init = set_up);

Test(vtimer, keeps_mask_and_offset)
{
	uint64_t offset = 1;
	bool masked = true;

	cr_assert_eq(hv_vcpu_get_vtimer_mask(vcpu, &masked), HV_SUCCESS);
	cr_assert_not(masked);
	cr_assert_eq(hv_vcpu_set_vtimer_mask(vcpu, true), HV_SUCCESS);
	cr_assert(fake.vcpus[0].vtimer_mask);
	cr_assert_eq(hv_vcpu_get_vtimer_mask(vcpu, &masked), HV_SUCCESS);
	cr_assert(masked);
	cr_assert_eq(hv_vcpu_set_vtimer_offset(vcpu, 77), HV_SUCCESS);
	cr_assert_eq(fake.vtimer_offset, 77);
	cr_assert_eq(hv_vcpu_get_vtimer_offset(vcpu, &offset), HV_SUCCESS);
	cr_assert_eq(offset, 77);
}

static void expect_all(hv_vcpu_t id, hv_return_t code)
{
	uint64_t offset;
	bool masked;

	cr_assert_eq(hv_vcpu_get_vtimer_mask(id, &masked), code);
	cr_assert_eq(hv_vcpu_set_vtimer_mask(id, true), code);
	cr_assert_eq(hv_vcpu_get_vtimer_offset(id, &offset), code);
	cr_assert_eq(hv_vcpu_set_vtimer_offset(id, 1), code);
}

Test(vtimer, belongs_to_a_vcpu_that_exists)
{
	expect_all(1, HV_BAD_ARGUMENT);
	expect_all(64, HV_BAD_ARGUMENT);
	expect_all(UINT64_MAX, HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_vtimer_mask(vcpu, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_vtimer_offset(vcpu, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	expect_all(vcpu, HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	expect_all(vcpu, HV_NO_DEVICE);
}

Test(vtimer, passes_on_why_the_engine_cannot)
{
	uint64_t offset;
	bool masked;

	fake_engine_fail(FAKE_GET_VTIMER_MASK, 1, -EOPNOTSUPP);
	cr_assert_eq(hv_vcpu_get_vtimer_mask(vcpu, &masked), HV_UNSUPPORTED);
	fake_engine_fail(FAKE_SET_VTIMER_MASK, 1, -EIO);
	cr_assert_eq(hv_vcpu_set_vtimer_mask(vcpu, true), HV_ERROR);
	fake_engine_fail(FAKE_GET_VTIMER_OFFSET, 1, -EIO);
	cr_assert_eq(hv_vcpu_get_vtimer_offset(vcpu, &offset), HV_ERROR);
	fake_engine_fail(FAKE_SET_VTIMER_OFFSET, 1, -EBUSY);
	cr_assert_eq(hv_vcpu_set_vtimer_offset(vcpu, 1), HV_BUSY);
}
