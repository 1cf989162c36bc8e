/* SPDX-License-Identifier: MIT */
/* Where this kernel keeps what the program copies. Private to the room. */
#ifndef HVT_BPF_KERNEL_LAYOUT_H
#define HVT_BPF_KERNEL_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct hvt_kernel_layout {
	uint32_t function; /* id of what the program is attached to */
	/* Offsets in struct kvm_vcpu: */
	int16_t run, esr, far, regs, pc, pstate, sctlr;
	int16_t run_s; /* in struct kvm_run */
};

struct btf;

/* By the type information of a kernel; false: something is not there. */
bool hvt_kernel_layout_in(const struct btf *btf,
		struct hvt_kernel_layout *layout);

/* Of this kernel. -EOPNOTSUPP: something of it is not there. */
int hvt_kernel_layout(struct hvt_kernel_layout *layout);

#endif
