/* SPDX-License-Identifier: MIT */
/*
 * Completing an access to a device: a VMM writes the register that was loaded
 * and adds 4 to PC, an ioctl each. KVM does just that on its own when the vCPU
 * runs again (KVM API, KVM_EXIT_MMIO). So where what the VMM has written is
 * what KVM would write, it is left to KVM; else KVM is told that there is
 * nothing to complete, as always (kvm_run.c). hvt_run_folded() decides.
 *
 * HVT_FASTPATH=off leaves nothing to it: the guest must not see a difference.
 */
#include <stdlib.h>
#include <string.h>

#include "kvm.h"

bool hvt_kvm_fastpath_off(void)
{
	static atomic_int off = -1;

	if (off < 0) {
		const char *value = secure_getenv("HVT_FASTPATH");

		off = value && !strcmp(value, "off");
	}
	return off;
}

void hvt_kvm_fold_allow(struct hvt_engine_vcpu *v)
{
	/* At EL2 other registers say how data is laid out. */
	v->may_fold = !hvt_kvm_fastpath_off() && !hvt_kvm.el2 &&
			!v->debug.exceptions;
	v->fast.fold = 0;
}

void hvt_kvm_fold_arm(struct hvt_engine_vcpu *v, uint64_t syndrome)
{
	const uint64_t known = 1ull << HV_REG_PC | 1ull << HV_REG_CPSR;

	/* Whoever knows the syndrome has had to do with both. */
	v->fast.fold = v->may_fold && (v->fast.valid & known) == known
			? hvt_fold_of(syndrome) : 0;
	v->fast.record->esr = syndrome;
	v->fast.fold_pc = v->fast.record->regs[HV_REG_PC] + 4;
}
