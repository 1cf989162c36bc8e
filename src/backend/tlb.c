/* SPDX-License-Identifier: MIT */
/*
 * hv_vcpu_invalidate_tlb. Engines invalidate all that a guest can have cached
 * of its stage 1 tables, which every one of these operations is a part of: an
 * entry that goes without need is fetched again.
 */
#include <errno.h>

#include "api.h"
#include "vcpu.h"
#include "vm.h"

static bool is_tlbi(hv_tlbi_op_t op)
{
	switch (op) {
	case HV_TLBI_OP_RVAE1IS:
	case HV_TLBI_OP_RVAAE1IS:
	case HV_TLBI_OP_RVALE1IS:
	case HV_TLBI_OP_RVAALE1IS:
	case HV_TLBI_OP_VMALLE1IS:
	case HV_TLBI_OP_VAE1IS:
	case HV_TLBI_OP_ASIDE1IS:
	case HV_TLBI_OP_VAAE1IS:
	case HV_TLBI_OP_VALE1IS:
	case HV_TLBI_OP_VAALE1IS:
		return true;
	default:
		return false;
	}
}

int hvt_vcpu_invalidate_tlb(hv_vcpu_t id, hv_tlbi_op_t op, uint64_t param)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	(void)param;
	if (err || !is_tlbi(op))
		return err ? err : -EINVAL;
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_engine->invalidate_tlb();
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}
