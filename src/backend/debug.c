/* SPDX-License-Identifier: MIT */
/* What of a guest's debugging comes to the VMM. */
#include <errno.h>

#include "api.h"
#include "vcpu.h"
#include "vm.h"

int hvt_vcpu_get_trap_debug_exceptions(hv_vcpu_t id, bool *value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || !value)
		return err ? err : -EINVAL;
	*value = vcpu->trap_debug;
	return 0;
}

int hvt_vcpu_set_trap_debug_exceptions(hv_vcpu_t id, bool value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (!err)
		err = hvt_engine->set_trap_debug(vcpu->engine, value);
	if (!err)
		vcpu->trap_debug = value;
	return err;
}

int hvt_vcpu_get_trap_debug_reg_accesses(hv_vcpu_t id, bool *value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || !value)
		return err ? err : -EINVAL;
	*value = vcpu->trap_debug_access;
	return 0;
}

int hvt_vcpu_set_trap_debug_reg_accesses(hv_vcpu_t id, bool value)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (!err)
		err = hvt_engine->set_trap_debug_access(vcpu->engine, value);
	if (!err)
		vcpu->trap_debug_access = value;
	return err;
}
