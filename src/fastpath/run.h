/* SPDX-License-Identifier: MIT */
/*
 * Running a vCPU the short way: what nearly all runs are, in one function
 * without a call. It knows the exits whose record tells all there is to say;
 * at whatever else it stops, and says how far it came.
 */
#ifndef HVT_RUN_H
#define HVT_RUN_H

#include <Hypervisor/hv_vcpu_types.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the kernel tells of a run when it ends (backend/bpf). Indices of regs:
 * as hv_reg_t has them.
 */
#define HVT_RECORD_PC   31u
#define HVT_RECORD_CPSR 34u

/* In told, beside the bits of regs: */
#define HVT_TOLD_ESR   (1ull << 62)
#define HVT_TOLD_ABORT (1ull << 63) /* far with esr; of a load, sctlr */

struct hvt_exit_record {
	uint64_t regs[HVT_RECORD_CPSR + 1];
	uint64_t told;  /* bit n: regs[n] is what the vCPU has; see above */
	uint64_t sctlr; /* SCTLR_EL1 */
	uint64_t esr;   /* ESR_EL2 of the last exit of the guest */
	uint64_t far;
};

/*
 * What other threads change, for all vCPUs. One word: a run reads both at once.
 * A vCPU that has no abort for 2^32 changes could take the last for the first.
 */
struct hvt_run_watch {
	_Alignas(8) atomic_uint pauses; /* under way: no vCPU may run then */
	atomic_uint changes;            /* of the map of guest memory, so far */
};

/* A range of the IPA space that is mapped alike, or all not. */
struct hvt_extent {
	uint64_t start, size; /* size 0: none */
	uint64_t changes;     /* of the map, when this was true */
	uint64_t fsc; /* fault status of an access that is not allowed there */
};

static inline bool hvt_extent_has(const struct hvt_extent *extent, uint64_t ipa,
		const atomic_uint *changes)
{
	return ipa - extent->start < extent->size && extent->changes ==
			atomic_load_explicit(changes, memory_order_acquire);
}

/* Why a run is none for the short way; bits of attention. */
#define HVT_ATTEND_GIC    1u  /* it may be the first one */
#define HVT_ATTEND_DEBUG  2u  /* debug exceptions are trapped */
#define HVT_ATTEND_SERROR 4u  /* wanted, and not given to KVM yet */
#define HVT_ATTEND_LINES  8u  /* an interrupt line is up, or to be raised */
#define HVT_ATTEND_ALWAYS 16u /* the engine has no short way */

struct kvm_run;

/* How far a run came that is not over. */
enum hvt_run_end {
	HVT_RUN_NOT_BEGUN, /* nothing was done */
	HVT_RUN_HELD,      /* all is ready, but there is a pause */
	HVT_RUN_RETURNED,  /* KVM_RUN is over: result, valid, page */
};

/*
 * Of a vCPU: the state of its engine that typical runs need. Its thread's, but
 * for what is atomic. Neighbours are loaded, and stored, in pairs.
 */
struct hvt_run {
	/* A word that is 0 if a run may begin. Each is stored as a byte: others
	 * may be, by a signal handler or another thread, at any moment. */
	atomic_bool in_run;
	bool busy; /* in a run, or what comes of it */
	atomic_bool cancel;
	uint8_t attention;

	int32_t fd;
	struct kvm_run *page;
	struct hvt_exit_record *record; /* of the last run */
	hv_vcpu_exit_t *exit;           /* where the VMM sees it */
	/*
	 * Registers of hv_reg_t. What is valid or dirty may be read in values;
	 * those before settable may be set there, and marked in dirty.
	 */
	uint64_t settable;
	uint64_t id;      /* of the vCPU */
	uint64_t *values; /* record->regs */
	uint64_t dirty;   /* bit n: values[n] */
	uint64_t valid; /* likewise; and HVT_TOLD_* of the last run's record */
	uint64_t ticks; /* of the host's counter, spent in KVM_RUN */
	const struct hvt_run_watch *watch;
	struct hvt_extent extent; /* where it had its last abort */
	/*
	 * The registers that are written when an access is handled as KVM would
	 * complete it, and what PC is then: hvt_fold_of(). 0: there is none.
	 */
	uint64_t fold, fold_pc;
	int (*go_on)(struct hvt_run *r, enum hvt_run_end end);
	int32_t result; /* of KVM_RUN, behind HVT_RUN_RETURNED */
	bool vtimer_masked;
};

/*
 * Runs the vCPU once (KVM API, KVM_RUN; the exits: Arm ARM D17.2.37), and
 * returns 0 if *exit has the exit. Else it returns what r->go_on makes of it;
 * unless it was not begun, the run is still busy then, and go_on's to end. id is
 * not looked at: entry points have it there.
 */
int hvt_run_c(uint64_t id, struct hvt_run *r);
int hvt_run_asm(uint64_t id, struct hvt_run *r);

/*
 * Its last part, for a KVM_RUN that returned 0: 0, or go_on with
 * HVT_RUN_RETURNED. A run comes to it by itself; it can be called for the tests
 * and benchmarks, which have no KVM.
 */
int hvt_run_show_c(struct hvt_run *r);
int hvt_run_show_asm(struct hvt_run *r);

/* As hvt_decode_access(). */
#ifdef HVT_ASM
#define hvt_run(id, r) hvt_run_asm(id, r)
#define hvt_run_show(r) hvt_run_show_asm(r)
#else
#define hvt_run(id, r) hvt_run_c(id, r)
#define hvt_run_show(r) hvt_run_show_c(r)
#endif

/*
 * Which of the dirty registers need not be written, as KVM completes the access
 * to a device and writes the same: mostly all of them (kvm_fold.c), or 0. KVM is
 * given the value of a load.
 */
uint64_t hvt_run_folded(struct hvt_run *r);

/* ioctl(2) by the instruction: what it returns, or -errno. */
int hvt_ioctl(int fd, unsigned long request, uintptr_t argument);

#endif
