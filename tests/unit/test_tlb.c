/* SPDX-License-Identifier: MIT */
/* Invalidating what a guest has cached of its tables. */
#include <errno.h>

#include "one_vcpu.h"

TestSuite(tlb, .init = set_up);

Test(tlb, takes_every_operation_of_the_api)
{
	static const hv_tlbi_op_t ops[] = { HV_TLBI_OP_RVAE1IS,
		HV_TLBI_OP_RVAAE1IS, HV_TLBI_OP_RVALE1IS, HV_TLBI_OP_RVAALE1IS,
		HV_TLBI_OP_VMALLE1IS, HV_TLBI_OP_VAE1IS, HV_TLBI_OP_ASIDE1IS,
		HV_TLBI_OP_VAAE1IS, HV_TLBI_OP_VALE1IS, HV_TLBI_OP_VAALE1IS };
	const unsigned count = sizeof(ops) / sizeof(ops[0]);

	for (unsigned i = 0; i < count; i++)
		cr_assert_eq(hv_vcpu_invalidate_tlb(vcpu, ops[i], ~0ull),
			HV_SUCCESS);
	cr_assert_eq(fake.calls[FAKE_INVALIDATE_TLB], count);
}

/* All that are no constant of the type, of 16 bits. */
Test(tlb, takes_no_other)
{
	unsigned taken = 0;

	for (unsigned op = 0; op <= UINT16_MAX; op++)
		taken += !hv_vcpu_invalidate_tlb(vcpu, (hv_tlbi_op_t)op, 0);
	cr_assert_eq(taken, 10);
}

Test(tlb, reports_what_the_engine_says)
{
	fake_engine_fail(FAKE_INVALIDATE_TLB, 1, -ENOMEM);
	cr_assert_eq(hv_vcpu_invalidate_tlb(vcpu, HV_TLBI_OP_VAE1IS, 0),
		HV_NO_RESOURCES);
}
