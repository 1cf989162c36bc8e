/* SPDX-License-Identifier: MIT */
/* KVM's exits as Apple's. Data aborts are in kvm_abort.c. */
#include <errno.h>

#include "fastpath.h"
#include "kvm.h"

/*
 * HVC: PC is behind it, as on a Mac. SMC: KVM has stepped over it, Apple's
 * framework has not. The immediate is in the instruction; KVM lets no SMC but
 * "smc #0" through.
 */
static int show_call(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	/* kvm_run.hypercall.flags, named longmode in older headers. */
	bool smc = v->run->hypercall.longmode & KVM_HYPERCALL_EXIT_SMC;
	uint64_t pc;
	uint32_t insn, immediate = 0;
	int err = hvt_kvm_get_reg(v, HV_REG_PC, &pc);

	if (err)
		return err;
	if (hvt_kvm_fetch(v, pc - 4, &insn) &&
			(insn & 0xffe0001fu) == (smc ? 0xd4000003u
						     : 0xd4000002u))
		immediate = insn >> 5 & 0xffff;
	if (smc) {
		err = hvt_kvm_set_reg(v, HV_REG_PC, pc - 4);
		immediate = 0;
	}
	hvt_kvm_show(exit, HVT_ESR_EC(smc ? HVT_EC_SMC64 : HVT_EC_HVC64) | HVT_ESR_IL |
			immediate, 0, 0);
	return err ? err : 1;
}

int hvt_kvm_exit(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	int done;

	switch (v->run->exit_reason) {
	case KVM_EXIT_MMIO:
		done = hvt_kvm_gic_mmio(v);
		if (done)
			return done < 0 ? done : 0;
		return hvt_kvm_show_mmio(v, exit);
	case KVM_EXIT_ARM_NISV:
		return hvt_kvm_show_nisv(v, exit);
	case KVM_EXIT_HYPERCALL:
		return show_call(v, exit);
	case KVM_EXIT_DEBUG:
		return hvt_kvm_show_debug(v, exit);
	case KVM_EXIT_FAIL_ENTRY:
		return -ENOEXEC;
	default:
		exit->reason = HV_EXIT_REASON_UNKNOWN;
		return 1;
	}
}
