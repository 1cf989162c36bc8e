/* SPDX-License-Identifier: MIT */
/*
 * What the CPU said about the last stage 2 fault, from KVM's tracepoint
 * kvm_guest_fault: exact, and seen by no program without CAP_BPF and
 * CAP_PERFMON. What the library makes up is compared with it.
 */
#ifndef HVT_TEST_FAULT_ORACLE_H
#define HVT_TEST_FAULT_ORACLE_H

#include <stdint.h>

/* In the order of the tracepoint's arguments, then a count of faults. */
struct fault {
	uint64_t pc, esr, far, ipa; /* ipa: of the page */
	uint64_t count;
};

/* The record of this machine, updated at every fault; NULL: why in *why. */
const volatile struct fault *fault_oracle(const char **why);

#endif
