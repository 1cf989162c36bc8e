/* SPDX-License-Identifier: MIT */
/*
 * An engine that runs no guest: it keeps what it is told in plain sight,
 * counts what is asked of it, and can fail any of it. Threads are those of the
 * engine's contract; the counters and the failure are for any thread.
 */
#ifndef HVT_TEST_FAKE_ENGINE_H
#define HVT_TEST_FAKE_ENGINE_H

#include <stdatomic.h>

#include "backend.h"

#define FAKE_SLOTS	 512u
#define FAKE_DIRTY_WORDS 8u

/* What of the engine was called. */
enum fake_op {
	FAKE_MAX_IPA_BITS,
	FAKE_FEATURE_REG,
	FAKE_VM_CREATE,
	FAKE_VM_DESTROY,
	FAKE_SLOT_SET,
	FAKE_SLOT_CLEAR,
	FAKE_SLOT_DIRTY,
	FAKE_PAUSE,
	FAKE_RESUME,
	FAKE_VCPU_CREATE,
	FAKE_VCPU_DESTROY,
	FAKE_VCPU_RUN,
	FAKE_VCPU_CANCEL,
	FAKE_GET_REG,
	FAKE_SET_REG,
	FAKE_GET_SIMD,
	FAKE_SET_SIMD,
	FAKE_GET_SYS_REG,
	FAKE_SET_SYS_REG,
	FAKE_SET_TRAP_DEBUG,
	FAKE_GET_VTIMER_MASK,
	FAKE_SET_VTIMER_MASK,
	FAKE_GET_VTIMER_OFFSET,
	FAKE_SET_VTIMER_OFFSET,
	FAKE_EXEC_TIME,
	FAKE_WFI_TIME,
	FAKE_SET_TRAP_DEBUG_ACCESS,
	FAKE_GET_SERROR,
	FAKE_SET_SERROR,
	FAKE_INVALIDATE_TLB,
	FAKE_CCSIDR,
	FAKE_EL2_SUPPORTED,
	FAKE_GIC_CREATE,
	FAKE_GIC_SET_SPI,
	FAKE_GIC_PLACE,
	FAKE_GIC_GET,
	FAKE_GIC_SET,
	FAKE_OPS
};

struct fake_slot {
	bool used;
	uint64_t ipa, size;
	uint8_t *host;
	hv_memory_flags_t flags;
	uint64_t dirty[FAKE_DIRTY_WORDS]; /* pages that were written */
};

/* A vCPU keeps its values where tests can look. */
struct hvt_engine_vcpu {
	atomic_bool exists;
	uint32_t id;
	uint64_t regs[HV_REG_CPSR + 1];
	uint8_t simd[32][16];
	uint64_t sys_reg;      /* the value last written to any of them */
	hv_sys_reg_t sys_name; /* and which one that was */
	bool trap_debug, trap_debug_access, vtimer_mask, serror;
	unsigned pending; /* of the last run */
	unsigned runs;
	atomic_uint cancels; /* by any thread */
	uint64_t exec_time, wfi_time;
	uint64_t placed; /* the affinity it was told of */
};

/* The registers of the GIC: see fake_gic.c. */
#define FAKE_GIC_CPU_REGS 64u
struct fake_gic {
	uint32_t distributor[0x10000 / 4];
	uint32_t redistributors[HVT_VCPU_MAX][0x20000 / 4];
	uint32_t lines[HVT_VCPU_MAX][32]; /* by group; SPIs in those of 0 */
	struct {
		uint32_t vcpu, reg;
		uint64_t value;
	} cpu[FAKE_GIC_CPU_REGS * HVT_VCPU_MAX];
	unsigned cpu_count;
	unsigned changed_unpaused; /* registers, while guests could run */
};

struct fake_engine {
	_Atomic unsigned calls[FAKE_OPS];
	/* The n-th call from now on of op fails with err; 0: none. */
	enum fake_op fail_op;
	_Atomic unsigned fail_in;
	int fail_err;
	unsigned fail_more; /* and so many more of them */
	void (*on_call)(enum fake_op op); /* in the middle of each, if set */

	uint32_t max_ipa_bits; /* 40 */
	bool el2_supported;    /* false */
	uint32_t slot_limit;   /* FAKE_SLOTS at most */
	int no_logs;           /* -errno of slots_log */
	/* The next exit of a vCPU; NULL: an HVC whose number counts up. */
	void (*next_exit)(struct hvt_engine_vcpu *vcpu, hv_vcpu_exit_t *exit);

	bool vm, gic;
	struct hvt_vm_params vm_params;
	struct hvt_gic_params gic_params;
	int paused;
	struct fake_slot slots[FAKE_SLOTS];
	bool slot_changed_unpaused; /* with a vCPU there and none paused */
	uint64_t cleared;           /* bytes that lost their slot, so far */
	struct hvt_engine_vcpu vcpus[HVT_VCPU_MAX];
	uint64_t vtimer_offset;
	uint32_t spi;
	bool spi_level;
	atomic_uint dead_cancels; /* of vCPUs that had been destroyed */
	unsigned spi_rises; /* how often one went up */
	struct fake_gic *gic_regs;
};

extern struct fake_engine fake;

/*
 * As a guest does: to memory that is mapped at ipa to be written, and so that a
 * log of the slot has it, for slots of FAKE_DIRTY_WORDS * 64 pages.
 */
void fake_guest_store(uint64_t ipa, const void *bytes, size_t size);

/* Forgets everything and becomes the backend's engine, with no tap. */
void fake_engine_install(void);

/* The n-th call of op from now on fails with err. */
void fake_engine_fail(enum fake_op op, unsigned n, int err);

unsigned fake_engine_slots_used(void);

/* fake_gic.c: what the engine does with its GIC's registers. */
void fake_gic_reset(struct fake_gic *gic);
int fake_gic_get(struct fake_gic *gic, enum hvt_gic_file file, uint32_t vcpu,
	uint32_t reg, uint64_t *value);
int fake_gic_set(struct fake_gic *gic, enum hvt_gic_file file, uint32_t vcpu,
	uint32_t reg, uint64_t value);

#endif
