/* SPDX-License-Identifier: MIT */
/*
 * Data aborts as Apple shows them. KVM tells what was accessed, how long it
 * was and which way. Which register was moved and at which virtual address is
 * in the exit record (kvm_record.c); where there is none, in the instruction,
 * which is fetched from the guest, decoded, and checked against what KVM told.
 * If they do not agree the VMM gets a syndrome that says less (ISV = 0,
 * FnV = 1).
 *
 * It is fetched later than the CPU has: another vCPU may have changed it by
 * then, or the tables. One that goes the other way, is of another length, or
 * stores another value is found out. What KVM does not tell cannot be: which
 * register a load is for, and whether it extends the sign.
 */
#include <errno.h>

#include "fastpath.h"
#include "guest_memory.h"
#include "kvm.h"

#define CPSR_A32 (1u << 4) /* AArch32 code, which is not decoded */

/*
 * The class of the fault: what is mapped but may not be accessed so has a
 * permission fault, else there is no translation. KVM does not always tell,
 * and where it does it is about the tables it has filled in so far, not the
 * level either: it is always 3. Kept for the next abort, which is mostly near.
 */
static uint32_t fault_status(struct hvt_engine_vcpu *v, uint64_t ipa)
{
	struct hvt_extent *extent = &v->fast.extent;

	if (!hvt_extent_has(extent, ipa, &hvt_run_watch.changes)) {
		hvt_memory_extent(ipa, extent);
		hvt_kvm_gic_keep_out(ipa, extent);
	}
	return extent->fsc;
}

/* Of this abort: a record may be missing, and then it is not told. */
static bool is_told(const struct hvt_engine_vcpu *v, uint64_t ipa)
{
	return v->fast.valid & HVT_TOLD_ABORT &&
			!((v->fast.record->far ^ ipa) & 0xfff);
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

/* SCTLR_EL1: data is big-endian at EL1, and at EL0. */
#define SCTLR_EE  (1ull << 25)
#define SCTLR_E0E (1ull << 24)
#define CPSR_EL   0xcull

/*
 * Did the register of that syndrome have what KVM has seen stored? CPSR, and
 * SCTLR_EL1, are known since the instruction was found. With EL2 another
 * register may say what the order is.
 */
static bool stores_that(struct hvt_engine_vcpu *v, uint64_t syndrome)
{
	const struct hvt_exit_record *r = v->fast.record;
	const struct kvm_run *page = v->fast.page;
	unsigned rt = HVT_ESR_SRT(syndrome);
	uint64_t value = 0;
	bool big = r->sctlr & (r->regs[HVT_RECORD_CPSR] & CPSR_EL ? SCTLR_EE
								  : SCTLR_E0E);

	if (rt != 31 && hvt_kvm_get_reg(v, HV_REG_X0 + rt, &value))
		return false;
	return hvt_access_stores(value, page->mmio.len, big, page->mmio.data) ||
			(hvt_kvm.el2 && hvt_access_stores(value, page->mmio.len,
						!big, page->mmio.data));
}

/* The syndrome, but for the fault status, and the address. */
static inline bool find_access(struct hvt_engine_vcpu *v, uint64_t ipa,
		uint64_t *syndrome, uint64_t *far)
{
	struct hvt_access access;

	if (is_told(v, ipa)) {
		*syndrome = hvt_esr_of_abort(v->fast.record->esr);
		*far = v->fast.record->far;
		return true;
	}
	if (!decode_access(v, ipa, &access, far))
		return false;
	*syndrome = hvt_access_syndrome(&access, 0);
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

int hvt_kvm_show_mmio(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	const struct kvm_run *page = v->fast.page;
	uint64_t ipa = page->mmio.phys_addr, syndrome, far;
	uint32_t fsc = fault_status(v, ipa);
	bool write = page->mmio.is_write;

	if (!find_access(v, ipa, &syndrome, &far) ||
			!hvt_esr_agrees(syndrome, write, page->mmio.len) ||
			(write && !is_told(v, ipa) && !stores_that(v, syndrome)))
		return show_undecoded(exit, write, fsc, ipa);
	hvt_kvm_fold_arm(v, syndrome);
	hvt_kvm_show(exit, syndrome | fsc, far, ipa);
	return 1;
}

/* The syndrome comes with the exit; the virtual address does not. */
int hvt_kvm_show_nisv(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit)
{
	uint64_t ipa = v->fast.page->arm_nisv.fault_ipa, far;
	uint64_t iss = v->fast.page->arm_nisv.esr_iss & (HVT_ESR_IL - 1);
	uint64_t syndrome;

	iss = (iss & ~(uint64_t)HVT_FSC_CLASS) |
			(fault_status(v, ipa) & HVT_FSC_CLASS);
	if (!find_access(v, ipa, &syndrome, &far)) {
		iss |= HVT_ESR_FNV;
		far = 0;
	}
	hvt_kvm_show(exit, HVT_ESR_EC(HVT_EC_DABT_LOWER) | HVT_ESR_IL | iss,
			far, ipa);
	return 1;
}
