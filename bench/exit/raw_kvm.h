/* SPDX-License-Identifier: MIT */
/*
 * The opponent of the library: the same guest by ioctls alone, as who needs
 * no Apple API would run it. One VM without GIC. Trouble ends the program.
 */
#ifndef HVT_RAW_KVM_H
#define HVT_RAW_KVM_H

#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "bench.h"
#include "guest_code.h"

struct raw_vcpu {
	int fd;
	struct kvm_run *run;
};

/* A VM with GUEST_RAM, whose guests have the counter of the host; once. */
void raw_kvm_start(void);
volatile struct guest_flags *raw_kvm_flags(void);

/* A vCPU that is ready to run. */
void raw_vcpu_create(struct raw_vcpu *v, unsigned long id);
void raw_vcpu_at(struct raw_vcpu *v, enum guest_loop loop);

/* KVM_RUN: the reason it ended for, or 0 after a signal or for the timer. */
static inline uint32_t raw_run(struct raw_vcpu *v)
{
	if (__builtin_expect(!ioctl(v->fd, KVM_RUN, 0), 1))
		return v->run->exit_reason;
	bench_check(errno == EINTR ? 0 : -errno, "KVM_RUN");
	return 0;
}

/* The same; trouble if it is another reason. */
static inline void raw_run_to(struct raw_vcpu *v, uint32_t reason)
{
	if (__builtin_expect(raw_run(v) != reason, 0))
		bench_check(EIO, "another exit");
}

/* X0 to X30; 31: PC. */
#define RAW_PC 31u
uint64_t raw_get(struct raw_vcpu *v, unsigned reg);
void raw_set(struct raw_vcpu *v, unsigned reg, uint64_t value);
/* By the name that KVM and Apple share: op0 to op2 of a system register. */
uint64_t raw_get_sys(struct raw_vcpu *v, uint16_t reg);
void raw_set_sys(struct raw_vcpu *v, uint16_t reg, uint64_t value);
/* Debug exceptions to the VMM, or to the guest. */
void raw_debug(struct raw_vcpu *v, unsigned on);

/* A slot of memory; size 0: none. flags: KVM_MEM_*. */
void raw_slot(uint32_t slot, uint32_t flags, uint64_t ipa, uint64_t size,
		void *host);

#endif
