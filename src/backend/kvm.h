/* SPDX-License-Identifier: MIT */
/* What the files of the KVM engine share; private to them. */
#ifndef HVT_KVM_H
#define HVT_KVM_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "backend.h"
#include "kvm_sys.h"
#include "kvm_uapi.h"

/* Registers kept by the cache: those of hv_reg_t. */
#define HVT_REG_COUNT ((unsigned)HV_REG_CPSR + 1)

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
	int fd;
	struct kvm_run *run;
	uint32_t id;
	pid_t tid;
	atomic_bool cancel; /* the truth; immediate_exit is only a hint */
	atomic_bool in_run;
	uint64_t regs[HVT_REG_COUNT]; /* owner's, as all below */
	uint64_t valid, dirty;        /* bit n: regs[n] */
	unsigned lines;               /* interrupt lines as KVM has them */
	bool vtimer_masked;
	struct hvt_kvm_debug debug;
	/* By the low bits of hv_sys_reg_t, what the VMM wrote. */
	uint64_t id_written, id_values[64];
	uint64_t pauth_keys[20]; /* likewise, where the CPU has none */
	bool serror; /* wanted, and not given to KVM yet */
	uint64_t exec_ticks, halt_ticks_before;
};

struct hvt_kvm {
	int fd;
	int vm;
	unsigned ipa_bits; /* of KVM's VM; hv_vm_map may end below */
	size_t run_size;
	int gic; /* descriptor of the VGIC, or -1 */
	atomic_bool gic_ready;
	uint8_t early_lines[128]; /* SPIs raised before that, under lock */
	uint64_t vtimer_offset;
	/* vCPUs by id: KVM never frees one, so they are kept for reuse. */
	struct hvt_engine_vcpu *vcpus[HVT_VCPU_MAX];
	pthread_mutex_t lock; /* of the pause, and of making the GIC ready */
	pthread_cond_t changed;
	atomic_bool paused;
};

extern struct hvt_kvm hvt_kvm;

/* kvm_vm.c */
int hvt_kvm_device_attr(int fd, uint32_t group, uint64_t attr, const void *p);

/* kvm_probe.c */
int hvt_kvm_check_host(int kvm);
bool hvt_kvm_host_fact_at(size_t index, struct hvt_host_fact *fact);
int hvt_kvm_max_ipa_bits(uint32_t *bits);

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

/* kvm_memory.c */
int hvt_kvm_slot_set(uint32_t slot, uint64_t ipa, uint64_t size, void *host,
		hv_memory_flags_t flags);
int hvt_kvm_slot_clear(uint32_t slot);
uint32_t hvt_kvm_slot_limit(void);

/* kvm_pause.c */
void hvt_kvm_pause(void);
void hvt_kvm_resume(void);
/* Called by the run loop: marks the vCPU as running, waiting out a pause. */
void hvt_kvm_run_begin(struct hvt_engine_vcpu *v);
void hvt_kvm_run_end(struct hvt_engine_vcpu *v);
/* Gets the vCPU's thread out of KVM_RUN. Any thread. */
void hvt_kvm_kick(struct hvt_engine_vcpu *v);
int hvt_kvm_kick_init(void);
/* The calling thread will run v: its kicks go there. */
void hvt_kvm_kick_adopt(struct hvt_engine_vcpu *v);

/* kvm_vcpu.c */
int hvt_kvm_vcpu_create(struct hvt_engine_vcpu **vcpu, uint32_t id);
void hvt_kvm_vcpu_destroy(struct hvt_engine_vcpu *v);
void hvt_kvm_vcpu_close(struct hvt_engine_vcpu *v);
int hvt_kvm_vcpu_init(int vm, int fd);

/* kvm_run.c */
int hvt_kvm_vcpu_run(struct hvt_engine_vcpu *v, unsigned pending,
		hv_vcpu_exit_t *exit);
void hvt_kvm_vcpu_cancel(struct hvt_engine_vcpu *v);
/* KVM_RUN; what is cached of the registers is stale then. */
int hvt_kvm_run_once(struct hvt_engine_vcpu *v);
int hvt_kvm_get_vtimer_mask(struct hvt_engine_vcpu *v, bool *masked);
int hvt_kvm_set_vtimer_mask(struct hvt_engine_vcpu *v, bool masked);

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
void hvt_kvm_show(hv_vcpu_exit_t *exit, uint64_t syndrome, uint64_t va,
		uint64_t ipa);

/* kvm_address.c: the address of an access by the instruction at pc */
struct hvt_access;
uint64_t hvt_kvm_address(struct hvt_engine_vcpu *v,
		const struct hvt_access *a, uint64_t pc);

/* kvm_walk.c */
/*
 * Translates by the guest's tables, permissions apart: 0; -EFAULT, they have
 * no translation; -ENXIO, the entry at *ipa is where nothing is mapped.
 */
int hvt_kvm_translate(struct hvt_engine_vcpu *v, uint64_t va, uint64_t *ipa);
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
/* Writes what the cache holds back; before every run. */
int hvt_kvm_flush_regs(struct hvt_engine_vcpu *v);
/* The registers of a vCPU that KVM has just reset, as a Mac has them. */
int hvt_kvm_reset_regs(struct hvt_engine_vcpu *v);
/* KVM's id of a system register, and its two requests. */
uint64_t hvt_kvm_sys_id(hv_sys_reg_t reg);
int hvt_kvm_one_reg(int fd, unsigned long request, uint64_t id, const void *p);

/* kvm_gic.c */
int hvt_kvm_gic_create(const struct hvt_gic_params *params);
int hvt_kvm_gic_set_spi(uint32_t intid, bool level);
int hvt_kvm_gic_ready(void);

#endif
