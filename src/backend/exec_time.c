/* SPDX-License-Identifier: MIT */
/* How long a vCPU ran, and how long it slept, in mach_absolute_time() ticks. */
#include <errno.h>

#include "api.h"
#include "vcpu.h"
#include "vm.h"

int hvt_vcpu_get_exec_time(hv_vcpu_t id, uint64_t *time)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || !time)
		return err ? err : -EINVAL;
	return hvt_engine->exec_time(vcpu->engine, time);
}

/* Only with a GIC does a Mac's framework sleep in hv_vcpu_run. */
int hvt_vcpu_get_wait_for_interrupt_time(hv_vcpu_t id, uint64_t *time)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || !time)
		return err ? err : -EINVAL;
	/* Fixed once a vCPU exists, so it needs no lock. */
	if (!hvt_vm.has_gic)
		return -EOPNOTSUPP;
	return hvt_engine->wfi_time(vcpu->engine, time);
}
