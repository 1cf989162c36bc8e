/* SPDX-License-Identifier: MIT */
/* Which vCPUs hv_vcpus_exit reaches. */
#ifndef HVT_CANCEL_H
#define HVT_CANCEL_H

#include <Hypervisor/Hypervisor.h>

struct hvt_engine_vcpu;

/* Both under the lock of the VM. */
void hvt_cancel_allow(hv_vcpu_t id, struct hvt_engine_vcpu *vcpu);
/* Returns when no call of hv_vcpus_exit can reach it any more. */
void hvt_cancel_forbid(hv_vcpu_t id);

#endif
