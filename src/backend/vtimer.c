/* SPDX-License-Identifier: MIT */
/*
 * The virtual timer as the VMM steers it. The offset is one for the VM:
 * KVM has no other (docs/COVERAGE.md).
 */
#include <errno.h>

#include "api.h"
#include "vcpu.h"
#include "vm.h"

int hvt_vcpu_get_vtimer_mask(hv_vcpu_t id, bool *vtimer_is_masked)
{
	struct hvt_vcpu *vcpu;
	int err;

	if (!vtimer_is_masked)
		return -EINVAL;
	err = hvt_vcpu_mine(id, &vcpu);
	return err ? err : hvt_engine->get_vtimer_mask(
					vcpu->engine, vtimer_is_masked);
}

int hvt_vcpu_set_vtimer_mask(hv_vcpu_t id, bool vtimer_is_masked)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	return err ? err : hvt_engine->set_vtimer_mask(
					vcpu->engine, vtimer_is_masked);
}

int hvt_vcpu_get_vtimer_offset(hv_vcpu_t id, uint64_t *vtimer_offset)
{
	struct hvt_vcpu *vcpu;
	int err;

	if (!vtimer_offset)
		return -EINVAL;
	err = hvt_vcpu_mine(id, &vcpu);
	if (err)
		return err;
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_engine->get_vtimer_offset(vtimer_offset);
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}

int hvt_vcpu_set_vtimer_offset(hv_vcpu_t id, uint64_t vtimer_offset)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err)
		return err;
	pthread_mutex_lock(&hvt_vm.lock);
	err = hvt_engine->set_vtimer_offset(vtimer_offset);
	pthread_mutex_unlock(&hvt_vm.lock);
	return err;
}
