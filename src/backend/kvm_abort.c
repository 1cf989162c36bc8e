/* SPDX-License-Identifier: MIT */
/*
 * Data aborts as Apple shows them. KVM tells what was accessed, how long it
 * was and which way. Which register was moved and at which virtual address is
 * in the exit record (kvm_record.c); where there is none, in the instruction,
 * which is fetched from the guest, decoded, and checked against what KVM told.
 * If they do not agree the VMM gets a syndrome that says less (ISV = 0,
 * FnV = 1), never a wrong one.
 */
#include <errno.h>

#include "fastpath.h"
#include "guest_memory.h"
#include "kvm.h"

#define CPSR_A32 (1u << 4) /* AArch32 code, which is not decoded */

void hvt_kvm_show(hv_vcpu_exit_t *exit, uint64_t syndrome, uint64_t va,
		uint64_t ipa)
{
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = syndrome;
	exit->exception.virtual_address = va;
	exit->exception.physical_address = ipa;
}

/*
 * The class of the fault: what is mapped but may not be accessed so has a
 * permission fault, else there is no translation. KVM does not always tell,
 * and where it does it is about the tables it has filled in so far.
 */
static uint32_t fault_class(uint64_t ipa)
{
	hv_memory_flags_t flags;

	return hvt_memory_flags(ipa, &flags) ? HVT_FSC_PERMISSION
					     : HVT_FSC_TRANSLATION;
}

/* Of this abort: a record may be missing, and then told is 0. */
static bool is_told(const struct hvt_engine_vcpu *v, uint64_t ipa)
{
	return v->told & HVT_TOLD_ABORT && !((v->record->far ^ ipa) & 0xfff);
}

/*
 * The instruction at PC, and where it accessed memory that is known to be at
 * ipa. The cache instructions are about a block, of 2 KiB at the most; CPUs
 * differ in which address of it they tell.
 */
static bool decode_access(struct hvt_engine_vcpu *v, uint64_t ipa,
		struct hvt_access *access, uint64_t *far)
{
	uint64_t pc, cpsr, va;
	uint32_t insn;

	if (hvt_kvm_get_reg(v, HV_REG_PC, &pc) ||
			hvt_kvm_get_reg(v, HV_REG_CPSR, &cpsr) ||
			cpsr & CPSR_A32 || !hvt_kvm_fetch(v, pc, &insn) ||
			!hvt_decode_access(insn, access))
		return false;
	va = hvt_kvm_address(v, access, pc);
	if (access->address == HVT_ADDRESS_XT)
		return hvt_access_far(va & ~0x7ffull, 0x800, ipa, far);
	return hvt_access_far(va, access->bytes, ipa, far);
}

static bool find_access(struct hvt_engine_vcpu *v, uint64_t ipa,
		struct hvt_access *access, uint64_t *far)
{
	if (!is_told(v, ipa))
		return decode_access(v, ipa, access, far);
	hvt_syndrome_access((uint32_t)v->record->esr, access);
	*far = v->record->far;
	v->fold.sctlr = v->record->sctlr;
	return true;
}

/*
 * A data abort whose instruction was not to be had: no register, no virtual
 * address. The VMM sees an access that it cannot emulate.
 */
static int show_undecoded(
		hv_vcpu_exit_t *exit, bool write, uint32_t fsc, uint64_t ipa)
{
	hvt_kvm_show(exit, HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL |
			HVT_ESR_FNV | (write ? HVT_ESR_WNR : 0) | fsc,
			0, ipa);
	return 1;
}

/* KVM does not tell the level of the walk that ended: always 3. */
int hvt_kvm_show_mmio(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint64_t ipa = v->run->mmio.phys_addr, far;
	uint32_t fsc = fault_class(ipa) | HVT_FSC_LEVEL3;
	bool write = v->run->mmio.is_write;
	struct hvt_access a;

	if (!find_access(v, ipa, &a, &far) || !a.isv || a.write != write ||
			a.bytes != v->run->mmio.len)
		return show_undecoded(exit, write, fsc, ipa);
	hvt_kvm_fold_arm(v, &a);
	hvt_kvm_show(exit, hvt_access_syndrome(&a, fsc), far, ipa);
	return 1;
}

/* The syndrome comes with the exit; the virtual address does not. */
int hvt_kvm_show_nisv(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint64_t ipa = v->run->arm_nisv.fault_ipa, far;
	uint64_t iss = v->run->arm_nisv.esr_iss & (HVT_ESR_IL - 1);
	struct hvt_access a;

	iss = (iss & ~(uint64_t)HVT_FSC_CLASS) | fault_class(ipa);
	if (!find_access(v, ipa, &a, &far)) {
		iss |= HVT_ESR_FNV;
		far = 0;
	}
	hvt_kvm_show(exit, HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | iss,
			far, ipa);
	return 1;
}
