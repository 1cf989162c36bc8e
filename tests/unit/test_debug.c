/* SPDX-License-Identifier: MIT */
/* What of a guest's debugging comes to the VMM. */
#include <errno.h>

#include "one_vcpu.h"

TestSuite(debug, .init = set_up);

Test(debug, exceptions_stay_with_the_guest_unless_trapped)
{
	bool b = true;

	cr_assert_eq(hv_vcpu_get_trap_debug_exceptions(vcpu, &b), HV_SUCCESS);
	cr_assert_not(b);
	cr_assert_eq(hv_vcpu_set_trap_debug_exceptions(vcpu, true), HV_SUCCESS);
	cr_assert(fake.vcpus[0].trap_debug);
	cr_assert_not(fake.vcpus[0].trap_debug_access);
	cr_assert_eq(hv_vcpu_get_trap_debug_exceptions(vcpu, &b), HV_SUCCESS);
	cr_assert(b);
	fake_engine_fail(FAKE_SET_TRAP_DEBUG, 1, -EOPNOTSUPP);
	cr_assert_eq(
		hv_vcpu_set_trap_debug_exceptions(vcpu, false), HV_UNSUPPORTED);
	cr_assert_eq(hv_vcpu_get_trap_debug_exceptions(vcpu, &b), HV_SUCCESS);
	cr_assert(b, "as it was");
	cr_assert_eq(
		hv_vcpu_get_trap_debug_exceptions(vcpu, NULL), HV_BAD_ARGUMENT);
}

Test(debug, accesses_are_trapped_apart_from_exceptions)
{
	bool b = true;

	cr_assert_eq(hv_vcpu_get_trap_debug_reg_accesses(vcpu, &b), HV_SUCCESS);
	cr_assert_not(b);
	cr_assert_eq(
		hv_vcpu_set_trap_debug_reg_accesses(vcpu, true), HV_SUCCESS);
	cr_assert(fake.vcpus[0].trap_debug_access);
	cr_assert_not(fake.vcpus[0].trap_debug);
	cr_assert_eq(hv_vcpu_get_trap_debug_reg_accesses(vcpu, &b), HV_SUCCESS);
	cr_assert(b);
	fake_engine_fail(FAKE_SET_TRAP_DEBUG_ACCESS, 1, -EIO);
	cr_assert_eq(
		hv_vcpu_set_trap_debug_reg_accesses(vcpu, false), HV_ERROR);
	cr_assert_eq(hv_vcpu_get_trap_debug_reg_accesses(vcpu, &b), HV_SUCCESS);
	cr_assert(b, "as it was");
	cr_assert_eq(hv_vcpu_get_trap_debug_reg_accesses(vcpu, NULL),
		HV_BAD_ARGUMENT);
}

Test(debug, is_for_a_vcpu_that_is_there)
{
	bool b;

	cr_assert_eq(
		hv_vcpu_get_trap_debug_exceptions(1, &b), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_set_trap_debug_reg_accesses(1, true), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(
		hv_vcpu_set_trap_debug_exceptions(vcpu, true), HV_NO_DEVICE);
	cr_assert_eq(
		hv_vcpu_get_trap_debug_reg_accesses(vcpu, &b), HV_NO_DEVICE);
}
