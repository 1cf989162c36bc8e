/* SPDX-License-Identifier: MIT */
/* Virtual SErrors. */
#include <errno.h>

#include "one_vcpu.h"

TestSuite(serror, .init = set_up);

Test(serror, is_pending_when_set_until_taken_back)
{
	bool b = true;

	cr_assert_eq(hv_vcpu_get_serror(vcpu, &b), HV_SUCCESS);
	cr_assert_not(b);
	cr_assert_eq(hv_vcpu_set_serror(vcpu, true), HV_SUCCESS);
	cr_assert(fake.vcpus[0].serror);
	cr_assert_eq(hv_vcpu_get_serror(vcpu, &b), HV_SUCCESS);
	cr_assert(b);
	cr_assert_eq(hv_vcpu_set_serror(vcpu, false), HV_SUCCESS);
	cr_assert_not(fake.vcpus[0].serror);
}

Test(serror, reports_what_the_engine_says)
{
	bool b;

	fake_engine_fail(FAKE_SET_SERROR, 1, -EIO);
	cr_assert_eq(hv_vcpu_set_serror(vcpu, true), HV_ERROR);
	fake_engine_fail(FAKE_GET_SERROR, 1, -EOPNOTSUPP);
	cr_assert_eq(hv_vcpu_get_serror(vcpu, &b), HV_UNSUPPORTED);
	cr_assert_eq(hv_vcpu_get_serror(vcpu, NULL), HV_BAD_ARGUMENT);
}
