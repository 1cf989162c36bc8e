/* SPDX-License-Identifier: MIT */
/*
 * KVM's exits as Apple's: KVM tells what was accessed, Apple's exit record
 * also says by which instruction. What is missing is read from the guest:
 * the instruction at PC, decoded and checked against what KVM reported.
 */
#include <errno.h>
#include <string.h>

#include "fastpath.h"
#include "kvm.h"

#define CPSR_A32 (1u << 4) /* AArch32 code, which is not decoded */

static void show(hv_vcpu_exit_t *exit, uint64_t syndrome, uint64_t va,
		uint64_t ipa)
{
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = syndrome;
	exit->exception.virtual_address = va;
	exit->exception.physical_address = ipa;
}

static uint64_t reg_or_zero(struct hvt_engine_vcpu *v, unsigned n)
{
	uint64_t value = 0;

	if (n < 31)
		(void)hvt_kvm_get_reg(v, HV_REG_X0 + n, &value);
	return value;
}

static uint64_t stack_pointer(struct hvt_engine_vcpu *v)
{
	uint64_t cpsr = 0, value = 0;

	(void)hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr);
	(void)hvt_kvm_get_sys_reg(v,
			(cpsr & 0xf) == 5 ? HV_SYS_REG_SP_EL1
					  : HV_SYS_REG_SP_EL0, &value);
	return value;
}

static uint64_t extended(uint64_t value, unsigned option)
{
	switch (option) {
	case 2: /* UXTW */
		return (uint32_t)value;
	case 6: /* SXTW */
		return (uint64_t)(int64_t)(int32_t)value;
	default:
		return value;
	}
}

static uint64_t address_of(struct hvt_engine_vcpu *v,
		const struct hvt_access *a, uint64_t pc)
{
	uint64_t base;

	if (a->address == HVT_ADDRESS_LITERAL)
		return pc + (uint64_t)a->offset;
	base = a->rn == 31 ? stack_pointer(v) : reg_or_zero(v, a->rn);
	if (a->address == HVT_ADDRESS_REGISTER)
		return base + (extended(reg_or_zero(v, a->rm), a->extend)
				<< a->shift);
	return base + (uint64_t)a->offset;
}

/*
 * Is access what KVM reported? An access that straddles a page faults on the
 * second one, with an address that is not the instruction's own.
 */
static bool agrees(const struct hvt_access *a, const struct kvm_run *run,
		uint64_t va)
{
	return a->write == run->mmio.is_write &&
			1u << a->size == run->mmio.len &&
			(va & 0xfff) == (run->mmio.phys_addr & 0xfff);
}

/*
 * A data abort whose instruction was not to be had: ISV = 0, no address. The
 * VMM sees an access that it cannot emulate, not a wrong one.
 */
static void show_undecoded(hv_vcpu_exit_t *exit, bool write, uint64_t ipa)
{
	show(exit, HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | HVT_ESR_FNV |
			(write ? HVT_ESR_WNR : 0) | HVT_DFSC_TRANSLATION,
			0, ipa);
}

static int show_mmio(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	const struct kvm_run *run = v->run;
	struct hvt_access access;
	uint64_t pc, cpsr = 0, va;
	uint32_t insn;
	int err = hvt_kvm_get_reg(v, HV_REG_PC, &pc);

	if (!err)
		err = hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr);
	if (err)
		return err;
	if (cpsr & CPSR_A32 || !hvt_kvm_fetch(v, pc, &insn) || !hvt_decode_access(insn, &access)) {
		show_undecoded(exit, run->mmio.is_write, run->mmio.phys_addr);
		return 1;
	}
	va = address_of(v, &access, pc);
	if (!agrees(&access, run, va))
		show_undecoded(exit, run->mmio.is_write, run->mmio.phys_addr);
	else
		show(exit, hvt_access_syndrome(&access), va,
				run->mmio.phys_addr);
	return 1;
}

/* The ISS comes with the exit, but for FAR: ISS bits are kept, FnV added. */
static int show_nisv(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	const struct kvm_run *run = v->run;

	show(exit, HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | HVT_ESR_FNV |
			(run->arm_nisv.esr_iss & 0x1ffffff),
			0, run->arm_nisv.fault_ipa);
	return 1;
}

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
	show(exit, HVT_ESR_EC(smc ? HVT_EC_SMC64 : HVT_EC_HVC64) | HVT_ESR_IL |
			immediate, 0, 0);
	return err ? err : 1;
}

static int show_debug(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	const struct kvm_debug_exit_arch *debug = &v->run->debug.arch;

	show(exit, debug->hsr, debug->far, 0);
	return 1;
}

int hvt_kvm_exit(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	int done;

	switch (v->run->exit_reason) {
	case KVM_EXIT_MMIO:
		done = hvt_kvm_gic_mmio(v);
		if (done)
			return done < 0 ? done : 0;
		return show_mmio(v, exit);
	case KVM_EXIT_ARM_NISV:
		return show_nisv(v, exit);
	case KVM_EXIT_HYPERCALL:
		return show_call(v, exit);
	case KVM_EXIT_DEBUG:
		return show_debug(v, exit);
	case KVM_EXIT_FAIL_ENTRY:
		return -ENOEXEC;
	default:
		exit->reason = HV_EXIT_REASON_UNKNOWN;
		return 1;
	}
}
