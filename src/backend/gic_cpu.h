/* SPDX-License-Identifier: MIT */
/* What the views of a vCPU's CPU interface share. The lock of the VM is held. */
#ifndef HVT_GIC_CPU_H
#define HVT_GIC_CPU_H

#include "vcpu.h"
#include "vm.h"

/* ICC_CTLR_EL1, ICV_CTLR_EL1: what of them is not the implementation's. */
#define HVT_ICC_CTLR_CBPR    1ull
#define HVT_ICC_CTLR_EOIMODE 2ull
/* ICC_SRE_ELn, ICV_SRE_EL1 */
#define HVT_ICC_SRE 1ull

/* A set of registers; 0 or -errno. get and set come after check. */
struct hvt_gic_view {
	int (*check)(const struct hvt_vcpu *v, uint32_t reg);
	int (*get)(const struct hvt_vcpu *v, uint32_t reg, uint64_t *value);
	int (*set)(const struct hvt_vcpu *v, uint32_t reg, uint64_t value);
};

extern const struct hvt_gic_view hvt_gic_ich, hvt_gic_icv;

int hvt_gic_cpu_get(const struct hvt_vcpu *v, uint32_t reg, uint64_t *value);
int hvt_gic_cpu_set(const struct hvt_vcpu *v, uint32_t reg, uint64_t value);

/* The registers of a CPU interface that a vCPU is created with. */
int hvt_gic_cpu_reset(const struct hvt_vcpu *v);

/* Is it one of the active priorities, whose first registers are given? */
bool hvt_gic_is_active_priorities(
		uint32_t reg, uint32_t group0, uint32_t group1);

/*
 * The running priority that the active priorities tell. ap0 and ap1 are the
 * first registers of the two groups, bits the number of priority bits.
 */
int hvt_gic_running_priority(const struct hvt_vcpu *v, uint32_t ap0,
		uint32_t ap1, unsigned bits, uint64_t *value);

#endif
