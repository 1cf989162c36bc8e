/* SPDX-License-Identifier: MIT */
/* hv_vcpu_get_serror and hv_vcpu_set_serror. */
#include <errno.h>

#include "api.h"
#include "vcpu.h"
#include "vm.h"

int hvt_vcpu_get_serror(hv_vcpu_t id, bool *pending)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	if (err || !pending)
		return err ? err : -EINVAL;
	return hvt_engine->get_serror(vcpu->engine, pending);
}

int hvt_vcpu_set_serror(hv_vcpu_t id, bool pending)
{
	struct hvt_vcpu *vcpu;
	int err = hvt_vcpu_mine(id, &vcpu);

	return err ? err : hvt_engine->set_serror(vcpu->engine, pending);
}
