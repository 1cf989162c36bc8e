/* SPDX-License-Identifier: MIT */
/* The short way of a run; arm64/run.S is its twin. */
#include <linux/kvm.h>
#include <string.h>

#include "fastpath.h"
#include "svc.h"

#define PC (1ull << HVT_RECORD_PC)

#define SCTLR_EE  (1ull << 25) /* data is big-endian at EL1, */
#define SCTLR_E0E (1ull << 24) /* and at EL0 */
/* AArch32 code, and what KVM clears with an instruction, and a VMM does not. */
#define CPSR_A32   (1ull << 4)
#define CPSR_SS    (1ull << 21)
#define CPSR_BTYPE (3ull << 10)

/* Of KVM_EXIT_HYPERCALL: flags, named longmode in older headers. */
#define HYPERCALL_SMC 1u

#define CALL_BITS   (HVT_ESR_EC(0x3f) | HVT_ESR_IL | 0xffffull)

int hvt_ioctl(int fd, unsigned long request, uintptr_t argument)
{
	return hvt_svc_ioctl(fd, request, argument);
}

/*
 * Has the VMM put into Xt what KVM will, if it is given that? A sign that is
 * extended is lost again in KVM, so that negative values are none of these.
 */
static inline bool is_loaded(const struct hvt_run *r)
{
	uint64_t esr = r->record->esr;
	uint64_t value = r->record->regs[HVT_ESR_SRT(esr)];
	unsigned bits = 8u << HVT_ESR_SAS(esr);

	return !(r->record->sctlr & (SCTLR_EE | SCTLR_E0E)) &&
			!(bits < 64 && value >> bits) &&
			!(esr & HVT_ESR_SSE && value >> (bits - 1));
}

/* What hvt_run_folded() returns. */
static inline uint64_t find_folded(const struct hvt_run *r)
{
	if ((r->dirty & r->fold) != r->fold ||
			r->record->regs[HVT_RECORD_PC] != r->fold_pc ||
			r->record->regs[HVT_RECORD_CPSR] &
					(CPSR_A32 | CPSR_SS | CPSR_BTYPE))
		return 0;
	return !(r->fold & ~PC) || is_loaded(r) ? r->fold : 0;
}

static inline void give_loaded(struct hvt_run *r, uint64_t folded)
{
	if (folded & ~PC)
		memcpy(r->page->mmio.data,
			&r->record->regs[HVT_ESR_SRT(r->record->esr)],
			sizeof(uint64_t));
}

uint64_t hvt_run_folded(struct hvt_run *r)
{
	uint64_t folded = find_folded(r);

	give_loaded(r, folded);
	return folded;
}

static inline void show(hv_vcpu_exit_t *exit, uint64_t syndrome, uint64_t va,
		uint64_t ipa)
{
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = syndrome;
	exit->exception.virtual_address = va;
	exit->exception.physical_address = ipa;
}

/* Is the record of this abort, and one with a valid syndrome? */
static inline bool is_of(const struct hvt_exit_record *record,
		const struct kvm_run *page)
{
	return !((record->far ^ page->mmio.phys_addr) & 0xfff) &&
			hvt_esr_agrees(record->esr, page->mmio.is_write,
				page->mmio.len);
}

static inline bool show_abort(struct hvt_run *r)
{
	const struct hvt_exit_record *record = r->record;
	uint64_t ipa = r->page->mmio.phys_addr;

	if (!(r->valid & HVT_TOLD_ABORT) || !is_of(record, r->page) ||
			!hvt_extent_has(&r->extent, ipa, &r->watch->changes))
		return false;
	r->fold = hvt_fold_of(record->esr);
	r->fold_pc = record->regs[HVT_RECORD_PC] + 4;
	show(r->exit, hvt_esr_of_abort(record->esr) |
			(r->extent.fsc & HVT_FSC), record->far, ipa);
	return true;
}

/* The class tells HVC from SMC, whose PC the VMM sees elsewhere. */
static inline bool show_call(struct hvt_run *r)
{
	uint64_t esr = r->record->esr;

	if (!(r->valid & HVT_TOLD_ESR) || (esr >> 26 & 0x3f) != HVT_EC_HVC64 ||
			r->page->hypercall.longmode & HYPERCALL_SMC)
		return false;
	show(r->exit, esr & CALL_BITS, 0, 0);
	return true;
}

int hvt_run_show_c(struct hvt_run *r)
{
	uint32_t reason = r->page->exit_reason;

	r->fold = 0;
	if ((reason == KVM_EXIT_MMIO && show_abort(r)) ||
			(reason == KVM_EXIT_HYPERCALL && show_call(r))) {
		r->busy = false;
		return 0;
	}
	r->result = 0;
	return r->go_on(r, HVT_RUN_RETURNED);
}

/* The level of the timer that KVM would have to be asked for anew. */
static inline bool vtimer_is_up(const struct hvt_run *r)
{
#ifdef __aarch64__
	return r->page->s.regs.device_irq_level & KVM_ARM_DEV_EL1_VTIMER &&
			!r->vtimer_masked;
#else
	(void)r;
	return false;
#endif
}

/* Is all that the VMM has written what KVM writes by itself? */
static inline bool give_registers(struct hvt_run *r)
{
	uint64_t folded = r->dirty ? find_folded(r) : 0;

	if (folded != r->dirty)
		return false;
	give_loaded(r, folded);
	/* KVM has something to complete, or not. */
	if (!folded)
		r->page->exit_reason = 0;
	return true;
}

/*
 * The registers are forgotten first: a signal handler that asks for them when
 * it has interrupted KVM_RUN must not get those of the run before.
 */
int hvt_run_c(uint64_t id, struct hvt_run *r)
{
	uint64_t before;
	unsigned pauses;

	(void)id;
	if (r->attention || r->busy || vtimer_is_up(r) ||
			atomic_load_explicit(&r->cancel, memory_order_relaxed) ||
			!give_registers(r))
		return r->go_on(r, HVT_RUN_NOT_BEGUN);
	r->busy = true;
	r->dirty = r->valid = r->record->told = 0;
	atomic_store(&r->in_run, true);
	if (atomic_load(&r->watch->pauses)) {
		r->fold = 0;
		return r->go_on(r, HVT_RUN_HELD);
	}
	before = hvt_counter();
	r->result = hvt_svc_ioctl(r->fd, KVM_RUN, 0);
	r->ticks += hvt_counter() - before;
	atomic_store(&r->in_run, false);
	pauses = atomic_load(&r->watch->pauses);
	r->valid = r->record->told;
	if (r->result || pauses) {
		r->fold = 0;
		return r->go_on(r, HVT_RUN_RETURNED);
	}
	return hvt_run_show_c(r);
}
