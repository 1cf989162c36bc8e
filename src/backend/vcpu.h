/* SPDX-License-Identifier: MIT */
/* vCPUs and the threads that own them. */
#ifndef HVT_VCPU_H
#define HVT_VCPU_H

#include <pthread.h>

#include "backend.h"
#include "fastpath.h"

struct hvt_vcpu {
	uint32_t id;
	struct hvt_engine_vcpu *engine; /* NULL: this id is free */
	struct hvt_run *fast;           /* of the engine, or slow */
	unsigned pending;               /* lines for the next run: IRQ 1, FIQ 2 */
	bool trap_debug, trap_debug_access;
	bool has_affinity; /* MPIDR_EL1 was set; under the lock of the VM */
	struct hvt_run slow; /* no short way; busy as all are */
};

/*
 * What the calling thread has a vCPU by. A pointer is to nobody's run where it
 * does not apply, so that entry points look at one id and at nothing before.
 */
struct hvt_own {
	struct hvt_run *unheard; /* while no tap is to hear of what is done */
	struct hvt_run *logged;  /* while the tap only logs, into log */
	struct hvt_log *log;     /* never NULL */
	struct hvt_run *run; /* the short way of its vCPU, or NULL */
};

extern _Thread_local struct hvt_own hvt_own
		__attribute__((tls_model("initial-exec"))) HVT_HIDDEN;

/* It has an id that no vCPU has, no registers, and its runs are told. */
extern struct hvt_run hvt_run_of_nobody HVT_HIDDEN;

/* The tap, or the vCPU of the calling thread, or its log is another now. */
void hvt_vcpu_heed_tap(void);

static inline bool hvt_vcpu_is_mine(const struct hvt_run *mine, hv_vcpu_t id)
{
	return __builtin_expect(mine->id == id, 1);
}

/*
 * The vCPU with that id, if the calling thread owns it: 0, or -EINVAL for a
 * foreign thread or no such vCPU, -ENODEV without VM.
 */
int hvt_vcpu_mine(hv_vcpu_t id, struct hvt_vcpu **vcpu);

/* gic_regs.c: MPIDR_EL1 of the calling thread's vCPU was set to that. */
int hvt_gic_affinity_set(struct hvt_vcpu *vcpu, uint64_t mpidr);

/*
 * gic_state.c: a new vCPU's part of the GIC, which may have been another's
 * before. The lock of the VM is held.
 */
int hvt_gic_reset_vcpu(const struct hvt_vcpu *vcpu);

/* Any vCPU, or NULL. The lock of the VM is held. */
struct hvt_vcpu *hvt_vcpu_at(hv_vcpu_t id);

#endif
