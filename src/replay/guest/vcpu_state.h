/* SPDX-License-Identifier: MIT */
/* All registers of a vCPU that stands still, as a keyframe has them. */
#ifndef HVT_GUEST_VCPU_STATE_H
#define HVT_GUEST_VCPU_STATE_H

#include <Hypervisor/Hypervisor.h>

#include "trace.h"

/* Kinds of registers. On disk in traces: docs/FORMAT.md. */
enum hvt_state_kind {
	HVT_STATE_REG = 1, /* hv_reg_t */
	HVT_STATE_SIMD,    /* hv_simd_fp_reg_t */
	HVT_STATE_SYS,     /* hv_sys_reg_t */
	HVT_STATE_OTHER,   /* system registers that the API does not name */
	HVT_STATE_ICC,     /* hv_gic_icc_reg_t */
	HVT_STATE_ICH,     /* hv_gic_ich_reg_t */
	HVT_STATE_LINE,    /* hv_interrupt_type_t */
	HVT_STATE_VTIMER,  /* 0 its mask, 1 its offset */
	HVT_STATE_SERROR,  /* 0: one is pending */
};

/*
 * Adds those that the vCPU has to *k, kinds and numbers going up. By its
 * thread, as the next: -EIO, one that every vCPU has cannot be read; -ENOMEM.
 */
int hvt_vcpu_state_take(hv_vcpu_t vcpu, struct hvt_keyframe *k);

/*
 * Writes those of count registers that differ from what the vCPU has now.
 * -EBADMSG: they are not the ones that it has; -EIO: one cannot be written.
 */
int hvt_vcpu_state_put(hv_vcpu_t vcpu, const struct hvt_keyframe_reg *regs,
		size_t count);

#endif
