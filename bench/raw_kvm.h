/* SPDX-License-Identifier: MIT */
/*
 * The opponent of the library: the same guests by ioctls alone, as who needs
 * no Apple API would run them. One VM, one vCPU. Trouble ends the program.
 */
#ifndef HVT_RAW_KVM_H
#define HVT_RAW_KVM_H

#include <stddef.h>
#include <stdint.h>

struct kvm_run;

struct raw_kvm {
	int kvm, vm, vcpu;
	struct kvm_run *run;
	size_t run_size;
};

/* A vCPU at EL1h that waits at ipa, where size bytes at ram are. */
void raw_kvm_start(struct raw_kvm *r, void *ram, uint64_t ipa, uint64_t size);
void raw_kvm_stop(struct raw_kvm *r);

/* KVM_RUN; the reason it ended for. */
uint32_t raw_kvm_run(struct raw_kvm *r);

/* X0 to X30; 31: PC. */
#define RAW_PC 31u
uint64_t raw_kvm_get(struct raw_kvm *r, unsigned reg);
void raw_kvm_set(struct raw_kvm *r, unsigned reg, uint64_t value);
/* By the name that KVM and Apple share: op0 to op2 of a system register. */
void raw_kvm_set_sys(struct raw_kvm *r, uint16_t reg, uint64_t value);

#endif
