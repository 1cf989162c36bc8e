/* SPDX-License-Identifier: MIT */
/* vCPUs and the threads that own them. */
#ifndef HVT_VCPU_H
#define HVT_VCPU_H

#include <pthread.h>

#include "backend.h"

struct hvt_vcpu {
	uint32_t id;
	struct hvt_engine_vcpu *engine; /* NULL: this id is free */
	unsigned pending;               /* lines for the next run: IRQ 1, FIQ 2 */
	bool trap_debug, trap_debug_access;
};

/*
 * The vCPU with that id, if the calling thread owns it: 0, or -EINVAL for a
 * foreign thread or no such vCPU, -ENODEV without VM.
 */
int hvt_vcpu_mine(hv_vcpu_t id, struct hvt_vcpu **vcpu);

#endif
