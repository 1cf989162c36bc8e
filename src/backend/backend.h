/* SPDX-License-Identifier: MIT */
/*
 * The door of the backend room: Apple's API, the engine under it and the tap
 * beside it.
 *
 *	VMM -> hv_* -> tap on? -> checks -> engine
 *
 * The engine runs guests; "kvm" is the real one, tests bring their own. The
 * tap sees every call when it is on: the recorder's tap logs what the engine
 * did, a replay's tap answers in the engine's place.
 */
#ifndef HVT_BACKEND_H
#define HVT_BACKEND_H

#include <Hypervisor/Hypervisor.h>
#include <hvtrace/hvtrace.h>

/* Data of the library alone: read without a detour over a table of addresses. */
#define HVT_HIDDEN __attribute__((visibility("hidden")))

#define HVT_VCPU_MAX 64u
/* With EL2: KVM has all of them go through its tables when the VM ends. */
#define HVT_VCPU_MAX_EL2 16u

struct hvt_vm_params {
	uint32_t ipa_bits;
	bool el2;
};

struct hvt_gic_params {
	uint64_t distributor_base, redistributor_base;
	uint32_t spi_base, spi_count;
	/* The GICv2m frame; count 0: there is none. */
	uint64_t msi_base;
	uint32_t msi_intid_base, msi_intid_count;
};

/*
 * The registers of the GIC as an engine has them: 32 bits each, those of the
 * CPU interface 64. An ISPENDR is the latch: what an edge or software made
 * pending, not the level of a line, and a write replaces it; an ICPENDR is
 * nothing. All others are as the architecture has them (Arm IHI 0069).
 */
enum hvt_gic_file {
	HVT_GIC_DISTRIBUTOR,   /* by offset */
	HVT_GIC_REDISTRIBUTOR, /* by offset from RD_base */
	HVT_GIC_CPU,           /* by hv_gic_icc_reg_t or hv_gic_ich_reg_t */
	HVT_GIC_LINES, /* by the first INTID of 32: those whose line is up */
};

/* Beside hv_memory_flags_t: the engine keeps a log of what the guest writes. */
#define HVT_SLOT_LOGS (1ull << 63)

/* A vCPU as an engine knows it. */
struct hvt_engine_vcpu;
struct hvt_run;

/*
 * What runs guests. One VM at a time. All functions return 0 or -errno and
 * are called with arguments that are in range; functions that take a vCPU are
 * called by the thread that owns it unless said otherwise.
 */
struct hvt_engine {
	const char *name;

	/* Highest number of IPA bits a VM can have. Before any VM. */
	int (*max_ipa_bits)(uint32_t *bits);
	/* Can a VM have EL2? Before any VM. */
	int (*el2_supported)(bool *supported);
	/* The value of an ID register a new vCPU shows. Before any VM. */
	int (*feature_reg)(hv_feature_reg_t reg, uint64_t *value);
	/* CCSIDR_EL1 of levels 1 to 8; 0 where there is no such cache. */
	int (*ccsidr)(hv_cache_type_t type, uint64_t values[8]);
	/* See hvt_host_fact_at(). */
	bool (*host_fact_at)(size_t index, struct hvt_host_fact *fact);
	/* See hvt_host_lacks(). */
	bool (*host_lacks)(struct hvt_host_fact *fact);

	int (*vm_create)(const struct hvt_vm_params *params);
	void (*vm_destroy)(void);

	/*
	 * One memory slot; flags as hv_vm_map, READ at least, and HVT_SLOT_LOGS
	 * beside WRITE, where slots_log says that this can be done.
	 */
	int (*slot_set)(uint32_t slot, uint64_t ipa, uint64_t size, void *host,
			hv_memory_flags_t flags);
	/*
	 * Bit n: the guest has written to page n of the slot since this was
	 * asked last. A write behind the call is in the next one. Any thread.
	 */
	int (*slot_dirty)(uint32_t slot, uint64_t *dirty);
	/* 0, or why slots have no logs. Before any VM. */
	int (*slots_log)(void);
	int (*slot_clear)(uint32_t slot);
	uint32_t (*slot_limit)(void);
	/*
	 * Keeps all vCPUs outside the guest between the two. Any thread. However
	 * often it is done, the guest gets its turns in between. A vCPU that
	 * runs on the thread outside is known to be there, say in a signal
	 * handler, and is not waited for; 0: none.
	 */
	void (*pause)(pid_t outside);
	void (*resume)(void);

	/* mpidr and id: the lowest free id from 0. */
	int (*vcpu_create)(struct hvt_engine_vcpu **vcpu, uint32_t id);
	void (*vcpu_destroy)(struct hvt_engine_vcpu *vcpu);
	/* The short way (fastpath/run.h), as long as it exists; may be NULL. */
	struct hvt_run *(*vcpu_fast)(struct hvt_engine_vcpu *vcpu);
	/*
	 * Runs until an exit the API shows. pending: bit 0 IRQ, bit 1 FIQ,
	 * the levels of the interrupt lines for this run.
	 */
	int (*vcpu_run)(struct hvt_engine_vcpu *vcpu, unsigned pending,
			hv_vcpu_exit_t *exit);
	/* Goes on where that has ended: HVT_RUN_HELD, or RETURNED. */
	int (*vcpu_run_on)(struct hvt_engine_vcpu *vcpu, unsigned end,
			hv_vcpu_exit_t *exit);
	/* Ends the current run, or the next one at once. Any thread. */
	void (*vcpu_cancel)(struct hvt_engine_vcpu *vcpu);

	int (*get_reg)(struct hvt_engine_vcpu *vcpu, hv_reg_t reg,
			uint64_t *value);
	int (*set_reg)(struct hvt_engine_vcpu *vcpu, hv_reg_t reg,
			uint64_t value);
	int (*get_simd)(struct hvt_engine_vcpu *vcpu, unsigned n,
			uint8_t value[16]);
	int (*set_simd)(struct hvt_engine_vcpu *vcpu, unsigned n,
			const uint8_t value[16]);
	int (*get_sys_reg)(struct hvt_engine_vcpu *vcpu, hv_sys_reg_t reg,
			uint64_t *value);
	int (*set_sys_reg)(struct hvt_engine_vcpu *vcpu, hv_sys_reg_t reg,
			uint64_t value);

	/*
	 * What else of system registers it has, by the same numbers, for
	 * get_sys_reg() and set_sys_reg(): *count of room, then of them; NULL:
	 * none. -E2BIG: more.
	 */
	int (*other_sys_regs)(struct hvt_engine_vcpu *vcpu, hv_sys_reg_t *regs,
			size_t *count);

	/* Debug exceptions, and the guest's accesses to debug registers. */
	int (*set_trap_debug)(struct hvt_engine_vcpu *vcpu, bool on);
	int (*set_trap_debug_access)(struct hvt_engine_vcpu *vcpu, bool on);
	int (*get_vtimer_mask)(struct hvt_engine_vcpu *vcpu, bool *masked);
	int (*set_vtimer_mask)(struct hvt_engine_vcpu *vcpu, bool masked);
	int (*get_vtimer_offset)(uint64_t *offset);
	int (*set_vtimer_offset)(uint64_t offset);
	/* Ticks spent in vcpu_run: running the guest, and asleep in WFI. */
	int (*exec_time)(struct hvt_engine_vcpu *vcpu, uint64_t *ticks);
	int (*wfi_time)(struct hvt_engine_vcpu *vcpu, uint64_t *ticks);
	/* A virtual SError that the guest has not taken yet. */
	int (*get_serror)(struct hvt_engine_vcpu *vcpu, bool *pending);
	int (*set_serror)(struct hvt_engine_vcpu *vcpu, bool pending);
	/*
	 * All that any vCPU has cached of stage 1 tables is gone when this
	 * returns; they may run meanwhile.
	 */
	int (*invalidate_tlb)(void);

	/* After vm_create, before the first vcpu_create. */
	int (*gic_create)(const struct hvt_gic_params *params);
	/* Any thread, as all below. */
	int (*gic_set_spi)(uint32_t intid, bool level);
	/*
	 * The VMM has given the vCPU its MPIDR_EL1: interrupts are routed to
	 * it by that, and its redistributor is where its id says.
	 */
	int (*gic_place)(struct hvt_engine_vcpu *vcpu, uint64_t mpidr);
	/* By the id of a vCPU, which need not exist. */
	int (*gic_get)(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
			uint64_t *value);
	int (*gic_set)(enum hvt_gic_file file, uint32_t vcpu, uint32_t reg,
			uint64_t value);
};

/*
 * A tap. enter() gets the function, its inputs and nothing else; true lets
 * the engine do the call, false means that the event already holds result and
 * outputs. leave() sees the finished event and may replace its result.
 */
struct hvt_tap {
	/*
	 * It lets the engine do every call and logs it with the recorder of
	 * hvt_recording_start(): what can be logged without it may be.
	 */
	bool only_logs;
	/* The same of wide calls: not where they end what a thread has of memory. */
	bool only_logs_wide;
	bool (*enter)(const struct hvt_tap *tap, struct hvt_event *event);
	void (*leave)(const struct hvt_tap *tap, struct hvt_event *event);
};

/*
 * The engine of this build, and the tap; both may be NULL (no engine: what
 * needs one returns HV_UNSUPPORTED; no tap: nobody listens). To be set while
 * no other thread is in the API, or has a vCPU.
 */
void hvt_backend_set_engine(const struct hvt_engine *engine);
void hvt_backend_set_tap(const struct hvt_tap *tap);

/* Has the process a VM? For a child of fork(2), which has none of its own. */
bool hvt_backend_has_vm(void);

/*
 * Looking at a guest that stands still. hvt_backend_read() copies size bytes at
 * ipa, -EFAULT: the guest could not read all of them. hvt_backend_translate()
 * walks the tables that these four registers name: 0 and *ipa, or -EFAULT.
 */
int hvt_backend_read(uint64_t ipa, void *bytes, size_t size);
int hvt_backend_translate(uint64_t sctlr, uint64_t tcr, uint64_t ttbr0,
		uint64_t ttbr1, uint64_t va, uint64_t *ipa);

/*
 * State of the calling thread's vCPU that the API has no names for: system
 * registers which only the engine knows. As other_sys_regs() and those that go
 * with it.
 */
int hvt_backend_other_sys_regs(hv_vcpu_t vcpu, hv_sys_reg_t *regs, size_t *count);
int hvt_backend_get_other(hv_vcpu_t vcpu, hv_sys_reg_t reg, uint64_t *value);
int hvt_backend_set_other(hv_vcpu_t vcpu, hv_sys_reg_t reg, uint64_t value);

/* Gives event the result of a call that is not done: an error, or nothing. */
void hvt_backend_refuse(struct hvt_event *event);

/* What of guest memory is in a recording. */
enum hvt_memory_mode {
	HVT_MEMORY_NONE,
	HVT_MEMORY_TOUCHED, /* what the VMM reads and writes */
	HVT_MEMORY_FULL,    /* and what the guest writes, at each exit */
};

/*
 * A tap that logs to the file at path until hvt_recording_stop(). Where memory
 * cannot be had as asked for, there is less of it: the trace says so, and
 * *memory_error, unless NULL, is why.
 */
int hvt_recording_start(const char *path, enum hvt_memory_mode memory,
		int *memory_error);
/* What it has of memory. */
enum hvt_memory_mode hvt_recording_memory(void);
int hvt_recording_stop(void);
/*
 * Who is told, once, in the thread that notices, when nothing can be logged any
 * more: a VMM may answer that by ending at once.
 */
void hvt_recording_on_failure(void (*told)(int err));
/* Of one that has started: as hvt_recorder_on_progress(). */
void hvt_recording_on_progress(void (*told)(uint64_t events));
/* In the child after fork(2). */
void hvt_recording_disown(void);

/*
 * Has the calls traced by the provider of tracepoints at path (lttng.h), before
 * the tap of now. It is loaded by the first call; failed is told, in that
 * thread, why it cannot be, and calls go on without it. Once; -ENOMEM.
 */
int hvt_probes_start(const char *path, void (*failed)(const char *why));
/* In the child after fork(2), which has no threads of LTTng's. */
void hvt_probes_disown(void);

/*
 * Other inputs of the VMM than the API. What is asked for, before a recording
 * starts: "all", "none", any other text: all, and why there are none; NULL:
 * what there is. hvt_inputs_missing(): why they cannot be had, "" where they
 * shall not, NULL where they can. They cannot where nothing takes them, and
 * where the library is part of the program, as then its own calls of libc
 * cannot be told from the VMM's. hvt_inputs_start() has them go to the tap that
 * there is, which the calling thread begins, and buffers of files that are guest RAM
 * granted as a whole, if buffers: 0, -ENOENT, -EINVAL.
 */
void hvt_inputs_ask_for(const char *word);
const char *hvt_inputs_missing(void);
int hvt_inputs_start(bool replays, unsigned stall_ms, bool buffers);
void hvt_inputs_stop(void);
/* May a signal handler of the VMM's come? False: it is known that it has none. */
bool hvt_inputs_may_be_interrupted(void);
/* How many were not taken, as signal handlers asked for them. */
uint64_t hvt_inputs_passed(void);

/* The engine over /dev/kvm; NULL where it was not built. */
const struct hvt_engine *hvt_kvm_engine(void);

#endif
