/* SPDX-License-Identifier: MIT */
/*
 * Numbers and layouts of the kernel's interface that are newer than the
 * kernel headers of Debian 12 (Linux 6.1): Documentation/virt/kvm/api.rst and
 * devices/vm.rst of Linux 6.4, and api.rst of Linux 6.16 and 7.0.
 */
#ifndef HVT_KVM_UAPI_H
#define HVT_KVM_UAPI_H

#include <linux/kvm.h>

#ifndef KVM_CAP_COUNTER_OFFSET
#define KVM_CAP_COUNTER_OFFSET 227
struct kvm_arm_counter_offset {
	__u64 counter_offset;
	__u64 reserved;
};
#define KVM_ARM_SET_COUNTER_OFFSET                                             \
	_IOW(KVMIO, 0xb5, struct kvm_arm_counter_offset)
#endif

#ifndef KVM_ARM_VM_SMCCC_CTRL
#define KVM_ARM_VM_SMCCC_CTRL   0
#define KVM_ARM_VM_SMCCC_FILTER 0
enum kvm_smccc_filter_action {
	KVM_SMCCC_FILTER_HANDLE = 0,
	KVM_SMCCC_FILTER_DENY,
	KVM_SMCCC_FILTER_FWD_TO_USER,
};
struct kvm_smccc_filter {
	__u32 base;
	__u32 nr_functions;
	__u8 action;
	__u8 pad[15];
};
#endif

/* Linux 6.16: vCPUs with EL2, and those without FEAT_VHE. */
#ifndef KVM_CAP_ARM_EL2
#define KVM_CAP_ARM_EL2      240
#define KVM_CAP_ARM_EL2_E2H0 241
#endif
#ifndef KVM_ARM_VCPU_HAS_EL2
#define KVM_ARM_VCPU_HAS_EL2      7
#define KVM_ARM_VCPU_HAS_EL2_E2H0 8
#endif

/* Linux 7.0: LD64B and its kin at a device, with what arm_nisv has. */
#ifndef KVM_EXIT_ARM_LDST64B
#define KVM_EXIT_ARM_LDST64B 42
#endif

/* kvm_run.hypercall.flags lies where 6.1 has longmode. */
#ifndef KVM_HYPERCALL_EXIT_SMC
#define KVM_HYPERCALL_EXIT_SMC 1u
#endif

#endif
