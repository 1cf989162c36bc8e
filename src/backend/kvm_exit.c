/* SPDX-License-Identifier: MIT */
/* KVM's exits as Apple's. Data aborts are in kvm_abort.c. */
#include <errno.h>

#include "fastpath.h"
#include "kvm.h"

/* Of the HVC behind which PC is. */
static int find_immediate(struct hvt_engine_vcpu *v, uint32_t *immediate)
{
	uint64_t pc, esr;
	uint32_t insn;
	int err;

	if (v->fast.valid & HVT_TOLD_ESR &&
			(uint32_t)v->fast.record->esr >> 26 == HVT_EC_HVC64) {
		*immediate = v->fast.record->esr & 0xffff;
		return 0;
	}
	err = hvt_kvm_get_reg(v, HV_REG_PC, &pc);
	if (!err && hvt_kvm_fetch(v, pc - 4, &insn) &&
			hvt_decode_trap(insn, &esr) &&
			(uint32_t)esr >> 26 == HVT_EC_HVC64)
		*immediate = esr & 0xffff;
	return err;
}

/*
 * HVC: PC is behind it, as on a Mac. SMC: KVM has stepped over it, Apple's
 * framework has not. The immediate is in the instruction; KVM lets no SMC but
 * "smc #0" through.
 */
static int show_call(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	/* kvm_run.hypercall.flags, named longmode in older headers. */
	bool smc = v->fast.page->hypercall.longmode & KVM_HYPERCALL_EXIT_SMC;
	uint32_t immediate = 0;
	uint64_t pc;
	int err = 0;

	if (!smc) {
		err = find_immediate(v, &immediate);
	} else {
		err = hvt_kvm_get_reg(v, HV_REG_PC, &pc);
		if (!err)
			err = hvt_kvm_set_reg(v, HV_REG_PC, pc - 4);
	}
	hvt_kvm_show(exit, HVT_ESR_EC(smc ? HVT_EC_SMC64 : HVT_EC_HVC64) | HVT_ESR_IL |
			immediate, 0, 0);
	return err ? err : 1;
}

int hvt_kvm_exit(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	int done;

	switch (v->fast.page->exit_reason) {
	case KVM_EXIT_MMIO:
		done = hvt_kvm_gic_mmio(v);
		if (done)
			return done < 0 ? done : 0;
		return hvt_kvm_show_mmio(v, exit);
	case KVM_EXIT_ARM_NISV:
	case KVM_EXIT_ARM_LDST64B:
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
