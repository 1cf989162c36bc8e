/* SPDX-License-Identifier: MIT */
/*
 * What bench_exit_hv measures, a file each: only hv_* and the C library, so that
 * it compiles against Apple's framework, too.
 */
#ifndef HVT_BENCH_HV_PATHS_H
#define HVT_BENCH_HV_PATHS_H

#include <Hypervisor/Hypervisor.h>
#include <errno.h>

#include "guest_code.h"
#include "path.h"

extern const struct path_group hv_exits, hv_timer, hv_mates, hv_memory,
		hv_registers;

/* A vCPU and the thread that owns it. */
struct hv_guest {
	hv_vcpu_t vcpu;
	const hv_vcpu_exit_t *exit;
};
extern struct hv_guest hv_guest; /* the main thread's */

/* A VM with GUEST_RAM; once. Here and below trouble ends the program. */
void hv_guest_start_vm(void);
volatile struct guest_flags *hv_guest_flags(void);

/* A vCPU that is ready to run, with the counter of the host. */
void hv_guest_create(struct hv_guest *g);
void hv_guest_at(struct hv_guest *g, enum guest_loop loop);

/*
 * What is timed: inline, and no more than a VMM must do, so that the figures
 * are the library's.
 */
static inline void hv_must(hv_return_t ret, const char *what)
{
	if (__builtin_expect(ret != HV_SUCCESS, 0))
		bench_check(EIO, what);
}

static inline void hv_guest_set(
		struct hv_guest *g, hv_reg_t reg, uint64_t value)
{
	hv_must(hv_vcpu_set_reg(g->vcpu, reg, value), "hv_vcpu_set_reg");
}

static inline uint64_t hv_guest_get(struct hv_guest *g, hv_reg_t reg)
{
	uint64_t value = 0;

	hv_must(hv_vcpu_get_reg(g->vcpu, reg, &value), "hv_vcpu_get_reg");
	return value;
}

/* hv_vcpu_run() to an exit for reason. */
static inline void hv_guest_run(struct hv_guest *g, hv_exit_reason_t reason)
{
	hv_must(hv_vcpu_run(g->vcpu), "hv_vcpu_run");
	if (__builtin_expect(g->exit->reason != reason, 0))
		bench_check(EIO, "another exit");
}

/* To an exception whose syndrome, as far as mask goes, is that. */
static inline void hv_guest_run_to(
		struct hv_guest *g, uint64_t syndrome, uint64_t mask)
{
	hv_guest_run(g, HV_EXIT_REASON_EXCEPTION);
	if (__builtin_expect((g->exit->exception.syndrome & mask) != syndrome,
			    0))
		bench_check(EIO, "another exception");
}

/* To the HVC of the loops. */
#define HV_GUEST_CALL(g) hv_guest_run_to(g, 0x5a000001, 0xffffffff)

#endif
