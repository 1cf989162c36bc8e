/* SPDX-License-Identifier: MIT */
/*
 * Random calls of the API by several threads, each result and each value that
 * is returned compared with a model of the API. It knows the public headers
 * only, so the same calls go to the fake engine and to a real KVM.
 *
 * What others can disturb is called under the model's lock: the life of the VM
 * and of vCPUs, and what needs neither to exist. A thread that has a vCPU keeps
 * the VM alive by it, so what concerns that vCPU, and the part of the guest's
 * memory and of the GIC that is the thread's, is called without a lock.
 */
#ifndef HVT_TEST_API_MODEL_H
#define HVT_TEST_API_MODEL_H

#include <Hypervisor/Hypervisor.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rng.h"

#define MODEL_THREADS  4u
#define MODEL_VCPU_MAX 64u
#define MODEL_PAGES    16u /* of each thread */
#define MODEL_RAM      0x40000000ull
#define MODEL_SYS_REGS 7u
#define MODEL_GICD     0x08000000ull
#define MODEL_GICR     0x0a000000ull

/* What a run executes, on a page of its own, in front of the threads'. */
#define MODEL_CODE     0xd4000022u /* HVC #1 */

struct model_page {
	uint8_t *host; /* NULL: not mapped */
	hv_memory_flags_t flags;
};

/* The registers of 32 SPIs, as far as they keep what is written. */
struct model_spis {
	uint32_t priority, enabled;
};

struct model_vcpu {
	bool exists;
	hv_vcpu_t id;
	hv_vcpu_exit_t *exit;
	uint64_t regs[32]; /* X0 to X30, PC */
	uint64_t sys[MODEL_SYS_REGS], last_sys;
	uint8_t simd[32][16];
	bool lines[2], masked, serror, trap_debug, trap_access;
	uint64_t exec_time;
};

struct model_thread {
	unsigned index;
	struct rng rng;
	struct model_vcpu cpu;
	struct model_page pages[MODEL_PAGES];
	struct model_spis spis;
	struct {
		hv_vm_config_t object; /* NULL: none */
		unsigned references;
		uint32_t ipa_bits;
		bool el2;
		hv_ipa_granule_t granule;
	} config;
};

/* Where the calls go, and what is particular there. */
struct model_world {
	unsigned rounds, steps;
	/* KVM: HV_BUSY for a GIC where a vCPU has run before, and is gone. */
	bool gic_before_runs;
	/* The value of a system register; NULL: what was last written to it. */
	uint64_t (*sys_reg)(const struct model_vcpu *cpu, unsigned n);
	/* Looks behind the API while no thread has a vCPU; may be NULL. */
	const char *(*before_vm_end)(void);
	const char *(*after_vm_end)(void);
};

struct model {
	pthread_mutex_t lock;
	const struct model_world *world;
	size_t page_size;
	uint8_t *host; /* the code, then the pages of each thread */
	bool has_vm;   /* under lock, as all to the next comment */
	uint32_t ipa_bits;
	uint64_t vcpus; /* a bit for each id that exists */
	bool knows_offset;
	uint64_t vtimer_offset;
	unsigned vms;
	pthread_rwlock_t gic_lock; /* written by what changes all of the GIC */
	bool has_gic;              /* does not change while there are vCPUs */
	uint8_t *state;            /* of the GIC, or NULL */
	size_t state_size;
	struct model_spis saved[MODEL_THREADS];
	/* For each id: cancels that were begun, and runs that ended so. */
	atomic_uint cancels[MODEL_VCPU_MAX];
	unsigned canceled[MODEL_VCPU_MAX]; /* the owner's of the vCPU */
	/* In this VM a vCPU was to run; and one has come to its exit. */
	atomic_bool ran, left;
	atomic_uint calls; /* compared */
	atomic_bool wrong;
	struct model_thread threads[MODEL_THREADS];
};

extern struct model model;
extern const hv_sys_reg_t model_sys_regs[MODEL_SYS_REGS];

/*
 * Does rounds with new threads each, steps calls a thread; the seed is printed.
 * True if nothing differed. No VM before, none after.
 */
bool model_run(const struct model_world *world);

/* The host memory and address of page n of a thread. */
uint8_t *model_host(unsigned thread, unsigned n);
uint64_t model_ipa(unsigned thread, unsigned n);

/* Parts of it. Each makes one call, or a few that belong together. */

/* Prints the first difference, and counts. Returns whether got was wanted. */
bool model_expect(uint64_t got, uint64_t wanted, const char *what);
#define EXPECT_RESULT(call, wanted) \
	model_expect((uint32_t)(call), (uint32_t)(wanted), #call)

/* The result of what needs a vCPU of the thread, which has none. */
hv_return_t model_no_vcpu(void);

void model_vm_step(struct model_thread *t);
void model_vcpu_step(struct model_thread *t);
void model_memory_step(struct model_thread *t);
void model_config_step(struct model_thread *t);
void model_register_step(struct model_thread *t);
void model_gic_step(struct model_thread *t);
/* At the end of a thread. */
void model_config_release(struct model_thread *t);

#endif
