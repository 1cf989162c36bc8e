/* SPDX-License-Identifier: MIT */
/* What the files of the KVM engine share; private to them. */
#ifndef HVT_KVM_H
#define HVT_KVM_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "backend.h"
#include "bpf.h"
#include "fastpath.h"
#include "guest_memory.h"
#include "kvm_sys.h"
#include "kvm_uapi.h"

/* That every host can give a VM; 0 would be 40, which not all can. */
#define IPA_BITS_MIN 32u

/* See kvm_debug.c. */
struct hvt_kvm_debug {
	bool exceptions, accesses; /* trapped, as the VMM has set it */
	bool apart;                /* both: the values below are the VMM's */
	bool stepping;
	uint64_t mdscr, points[16][4]; /* BVR, BCR, WVR, WCR */
	uint64_t step_pc;
	struct kvm_guest_debug put; /* what KVM has been told */
};

struct hvt_engine_vcpu {
	struct hvt_run fast;
	bool completes; /* KVM is to complete its MMIO; owner's */
	bool may_fold;  /* see kvm_fold.c; owner's */
	unsigned lines; /* interrupt lines as KVM has them; owner's */
	uint32_t id;
	atomic_bool exists; /* in the API; else it waits to be created again */
	/* With a GIC: */
	atomic_bool placed;      /* the VMM gave it its affinity */
	uint64_t affinity;       /* as in MPIDR_EL1, under the lock of the GIC */
	uint64_t target;         /* the GICD_IROUTER that KVM takes for it */
	_Atomic pid_t tid;
	struct hvt_exit_record none; /* for a vCPU that has no other */
	struct hvt_kvm_debug debug; /* owner's, as all below */
	/* By the low bits of hv_sys_reg_t, what the VMM wrote. */
	uint64_t id_written, id_values[64];
	uint64_t pauth_keys[20]; /* likewise, where the CPU has none */
	uint64_t halt_ticks_before;
};

struct hvt_kvm {
	int fd;
	int vm;
	unsigned ipa_bits; /* of KVM's VM; hv_vm_map may end below */
	size_t run_size;
	bool el2;
	uint64_t hidden; /* IPA of HVT_HIDDEN_SIZE bytes that are the engine's */
	int gic; /* descriptor of the VGIC, or -1 */
	struct hvt_gic_params gic_params;
	atomic_bool has_run;     /* a vCPU of a VM with GIC, once */
	atomic_bool gic_written; /* the distributor, by the VMM */
	uint64_t vtimer_offset;
	/* vCPUs by id: KVM never frees one, so they are kept for reuse. */
	struct hvt_engine_vcpu *vcpus[HVT_VCPU_MAX];
	pthread_mutex_t lock; /* of the pause: see kvm_pause.c */
	pthread_cond_t changed;
	unsigned held; /* vCPUs that wait for the end of the pauses */
};

extern struct hvt_kvm hvt_kvm HVT_HIDDEN;

/* vCPUs that the VM can have; with a GIC it has them. */
static inline uint32_t hvt_kvm_vcpu_max(void)
{
	return hvt_kvm.el2 ? HVT_VCPU_MAX_EL2 : HVT_VCPU_MAX;
}

/*
 * The engine's own part of the IPA space: above the guest's where KVM has room
 * there, else at its end, where RAM of the VMM may lie over it.
 */
#define HVT_HIDDEN_SIZE    0x1000000ull
#define HVT_HIDDEN_FRAMES  0ull        /* redistributors, as KVM has them */
#define HVT_HIDDEN_AGENT   0xff0000ull /* code of the agent */
/* The last slot that KVM has (KVM_MEM_SLOTS_NUM - 1) is the engine's, too. */
#define HVT_AGENT_SLOT     32766u

/* kvm_vm.c */
int hvt_kvm_device_attr(int fd, uint32_t group, uint64_t attr, const void *p);

/* kvm_probe.c */
int hvt_kvm_check_host(int kvm);
bool hvt_kvm_host_fact_at(size_t index, struct hvt_host_fact *fact);
bool hvt_kvm_host_lacks(struct hvt_host_fact *fact);
int hvt_kvm_slots_log(void);
int hvt_kvm_max_ipa_bits(uint32_t *bits);
int hvt_kvm_el2_supported(bool *supported);

/* kvm_id.c */
int hvt_kvm_feature_reg(hv_feature_reg_t reg, uint64_t *value);
int hvt_kvm_ccsidr(hv_cache_type_t type, uint64_t values[8]);
/* For a VM without vCPUs, and for its first one. */
void hvt_kvm_id_enable(int vm);
void hvt_kvm_id_init(int fd);
/* False: the register is none of these. */
bool hvt_kvm_id_get(struct hvt_engine_vcpu *v, hv_sys_reg_t reg,
		uint64_t *value, int *err);
bool hvt_kvm_id_set(struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t value);

/* kvm_record.c: true if this process has records. */
bool hvt_kvm_records_start(void);
/* Has the vCPU that run belongs to take part; NULL: there is no record. */
struct hvt_exit_record *hvt_kvm_record_of(struct kvm_run *run, uint32_t id);
/* kvm_record_try.c */
bool hvt_kvm_records_try(void);

/* kvm_memory.c */
int hvt_kvm_slot_set(uint32_t slot, uint64_t ipa, uint64_t size, void *host,
		hv_memory_flags_t flags);
int hvt_kvm_slot_clear(uint32_t slot);
int hvt_kvm_slot_dirty(uint32_t slot, uint64_t *dirty);
uint32_t hvt_kvm_slot_limit(void);

/* kvm_pause.c: hvt_kvm.lock, and no signals as long as it is held. */
void hvt_kvm_lock(sigset_t *mask);
void hvt_kvm_unlock(const sigset_t *mask);

/* Several may pause at once; the last one to resume ends it. */
void hvt_kvm_pause_but(pid_t outside);
void hvt_kvm_resume(void);

static inline void hvt_kvm_pause(void)
{
	hvt_kvm_pause_but(0);
}

/* For the run loop: the way of the two below while there is a pause. */
void hvt_kvm_run_hold(struct hvt_engine_vcpu *v);
void hvt_kvm_run_tell(void);

/* Marks the vCPU as running, waiting out a pause. */
static inline void hvt_kvm_run_begin(struct hvt_engine_vcpu *v)
{
	atomic_store(&v->fast.in_run, true);
	if (__builtin_expect(atomic_load(&hvt_run_watch.pauses), 0))
		hvt_kvm_run_hold(v);
}

static inline void hvt_kvm_run_end(struct hvt_engine_vcpu *v)
{
	atomic_store(&v->fast.in_run, false);
	if (__builtin_expect(atomic_load(&hvt_run_watch.pauses), 0))
		hvt_kvm_run_tell();
}

/* Gets the vCPU's thread out of KVM_RUN. Any thread. */
void hvt_kvm_kick(struct hvt_engine_vcpu *v);
int hvt_kvm_kick_init(void);
/* The calling thread will run v: its kicks go there. */
void hvt_kvm_kick_adopt(struct hvt_engine_vcpu *v);

/* kvm_vcpu.c */
int hvt_kvm_vcpu_create(struct hvt_engine_vcpu **vcpu, uint32_t id);
void hvt_kvm_vcpu_destroy(struct hvt_engine_vcpu *v);
void hvt_kvm_vcpu_close(struct hvt_engine_vcpu *v);
/* Makes vCPU fd of vm what the API's are, in its reset state. */
int hvt_kvm_vcpu_init(int vm, int fd, bool el2);
/*
 * All vCPUs that the VM can have, for the VGIC: first what can fail for want of
 * resources, and may be called again; then, with a VGIC, the rest.
 */
int hvt_kvm_vcpu_open_all(void);
int hvt_kvm_vcpu_park_all(void);

/* kvm_run.c */
int hvt_kvm_vcpu_run(struct hvt_engine_vcpu *v, unsigned pending,
		hv_vcpu_exit_t *exit);
int hvt_kvm_vcpu_run_on(struct hvt_engine_vcpu *v, unsigned end,
		hv_vcpu_exit_t *exit);
struct hvt_run *hvt_kvm_vcpu_fast(struct hvt_engine_vcpu *v);
void hvt_kvm_vcpu_cancel(struct hvt_engine_vcpu *v);
int hvt_kvm_get_vtimer_mask(struct hvt_engine_vcpu *v, bool *masked);
int hvt_kvm_set_vtimer_mask(struct hvt_engine_vcpu *v, bool masked);

/* kvm_fold.c: is it to be done without all that is only for speed? */
bool hvt_kvm_fastpath_off(void);
/* May KVM complete accesses of v, as the VMM has it now? */
void hvt_kvm_fold_allow(struct hvt_engine_vcpu *v);
/* Behind an MMIO exit with that syndrome: what hvt_run_folded() looks at. */
void hvt_kvm_fold_arm(struct hvt_engine_vcpu *v, uint64_t syndrome);

/* kvm_time.c */
int hvt_kvm_exec_time(struct hvt_engine_vcpu *v, uint64_t *ticks);
int hvt_kvm_wfi_time(struct hvt_engine_vcpu *v, uint64_t *ticks);
/* Counts from now on: for a vCPU that was another one's before. */
void hvt_kvm_time_reset(struct hvt_engine_vcpu *v);

/* kvm_serror.c */
int hvt_kvm_get_serror(struct hvt_engine_vcpu *v, bool *pending);
int hvt_kvm_set_serror(struct hvt_engine_vcpu *v, bool pending);
/* Before a run, behind hvt_kvm_flush_regs(). */
int hvt_kvm_give_serror(struct hvt_engine_vcpu *v);

/* kvm_tlb.c */
int hvt_kvm_invalidate_tlb(void);
/*
 * A page at a free *ipa of the VM, host, with flags of KVM's; between the two
 * all vCPUs are outside the guest, and one thread at a time is there.
 */
int hvt_kvm_spare_begin(void *host, uint32_t flags, uint64_t *ipa);
int hvt_kvm_spare_end(void);

/* kvm_debug.c */
int hvt_kvm_set_trap_debug(struct hvt_engine_vcpu *v, bool on);
int hvt_kvm_set_trap_debug_access(struct hvt_engine_vcpu *v, bool on);
/* Before a run: 0, or 1 if it has its exit already. */
int hvt_kvm_debug_begin(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit);
/* Behind the exit of a run. */
int hvt_kvm_debug_end(struct hvt_engine_vcpu *v, const hv_vcpu_exit_t *exit);
int hvt_kvm_show_debug(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit);
/* Whatever the VMM wants: the next run stops after one step. */
int hvt_kvm_debug_force_step(struct hvt_engine_vcpu *v, bool on);
/* Where the value of a register is while it is kept here; NULL: in KVM. */
uint64_t *hvt_kvm_debug_reg(struct hvt_engine_vcpu *v, hv_sys_reg_t reg);

/* kvm_exit.c: 1 an exit to show, 0 none (run on), -errno */
int hvt_kvm_exit(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit);

/* kvm_abort.c: as hvt_kvm_exit(), for one of KVM's reasons each */
int hvt_kvm_show_mmio(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit);
int hvt_kvm_show_nisv(struct hvt_engine_vcpu *v, hv_vcpu_exit_t *exit);
/* Fills in an exception. */
static inline void hvt_kvm_show(hv_vcpu_exit_t *exit, uint64_t syndrome,
		uint64_t va, uint64_t ipa)
{
	exit->reason = HV_EXIT_REASON_EXCEPTION;
	exit->exception.syndrome = syndrome;
	exit->exception.virtual_address = va;
	exit->exception.physical_address = ipa;
}

/* kvm_address.c: the address of an access by the instruction at pc */
struct hvt_access;
uint64_t hvt_kvm_address(struct hvt_engine_vcpu *v,
		const struct hvt_access *a, uint64_t pc);

/* kvm_walk.c */
/* The instruction at a guest virtual address; false if none. */
bool hvt_kvm_fetch(struct hvt_engine_vcpu *v, uint64_t va, uint32_t *insn);
/* The address that a pointer with a signature stands for. */
uint64_t hvt_kvm_unsigned(struct hvt_engine_vcpu *v, uint64_t pointer);

/* kvm_regs.c */
int hvt_kvm_get_reg(struct hvt_engine_vcpu *v, hv_reg_t reg, uint64_t *value);
int hvt_kvm_set_reg(struct hvt_engine_vcpu *v, hv_reg_t reg, uint64_t value);
int hvt_kvm_get_simd(struct hvt_engine_vcpu *v, unsigned n, uint8_t value[16]);
int hvt_kvm_set_simd(
		struct hvt_engine_vcpu *v, unsigned n, const uint8_t value[16]);
int hvt_kvm_get_sys_reg(
		struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t *value);
int hvt_kvm_set_sys_reg(
		struct hvt_engine_vcpu *v, hv_sys_reg_t reg, uint64_t value);
int hvt_kvm_other_sys_regs(struct hvt_engine_vcpu *v, hv_sys_reg_t *regs,
		size_t *count);
/* The cache is stale, and what it holds back is not. */
void hvt_kvm_forget_regs(struct hvt_engine_vcpu *v);
/* Writes what the cache holds back; before every run. */
int hvt_kvm_flush_regs(struct hvt_engine_vcpu *v);
/* The registers of a vCPU that KVM has just reset, as a Mac has them. */
int hvt_kvm_reset_regs(struct hvt_engine_vcpu *v);
/* KVM's ids of registers, and its two requests. */
uint64_t hvt_kvm_reg_id(hv_reg_t reg);
uint64_t hvt_kvm_sys_id(hv_sys_reg_t reg);
int hvt_kvm_one_reg(int fd, unsigned long request, uint64_t id, const void *p);

/* kvm_gic.c */
int hvt_kvm_gic_create(const struct hvt_gic_params *params);
int hvt_kvm_gic_set_spi(uint32_t intid, bool level);
/* Before each run: 0, or why this VM cannot run. */
int hvt_kvm_gic_run(void);

/* Of a vCPU that nothing is routed to: no such GICD_IROUTER. */
#define HVT_NO_TARGET UINT64_MAX

/* KVM keeps Aff2 to Aff0 of a GICD_IROUTER. */
#define IROUTER_MASK 0xffffffull

/* kvm_gic_place.c: affinities, which say where a redistributor is. */
int hvt_kvm_gic_place(struct hvt_engine_vcpu *v, uint64_t mpidr);
/* An affinity that no VMM gives: what v has while it is not in the API. */
int hvt_kvm_gic_park(struct hvt_engine_vcpu *v);
/* The one that a new vCPU has, if no other has it by now. */
int hvt_kvm_gic_unpark(struct hvt_engine_vcpu *v);
/* The VMM has written a GICD_IROUTER, whose vCPU may not be there. */
void hvt_kvm_gic_routed(uint64_t route);

/* kvm_gic_regs.c: see struct hvt_engine. */
int hvt_kvm_gic_get(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
		uint64_t *value);
int hvt_kvm_gic_set(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
		uint64_t value);

/*
 * kvm_gic_mmio.c: 1 if the MMIO exit of v was an access to the GIC, which is
 * done; 0 if not; -errno.
 */
int hvt_kvm_gic_mmio(struct hvt_engine_vcpu *v);
/* Cuts from extent, which ipa is in, where there may be frames of the GIC. */
void hvt_kvm_gic_keep_out(uint64_t ipa, struct hvt_extent *extent);
/* GICR_TYPER of a redistributor, its Last as the guest is to see it. */
uint64_t hvt_kvm_gic_with_last(uint64_t typer, uint32_t vcpu);
/* Where KVM has the frames of a redistributor. */
uint64_t hvt_kvm_gic_frames(uint32_t vcpu);

/*
 * kvm_agent.c: a vCPU of the engine's own, which does single accesses as a
 * guest does them: where KVM lets user space do less.
 */
/* -EINVAL: the VMM has memory where the engine is to be. */
int hvt_kvm_agent_check(void);
/* As for the other vCPUs: what can fail, then the rest. */
int hvt_kvm_agent_open(void);
int hvt_kvm_agent_create(void);
void hvt_kvm_agent_destroy(void);
/* size 1, 2, 4 or 8, ipa aligned to it. Any thread, but not under its lock. */
int hvt_kvm_agent_access(uint64_t ipa, unsigned size, bool write,
		uint64_t *value);

#endif
