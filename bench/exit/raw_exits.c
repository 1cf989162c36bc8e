/* SPDX-License-Identifier: MIT */
/* Exits that the guest's own instructions cause. */
#include <linux/kvm.h>

#include "raw_paths.h"

static void at_store(void)
{
	raw_vcpu_at(&raw_vcpu, GUEST_STORE);
}

static void at_load(void)
{
	raw_vcpu_at(&raw_vcpu, GUEST_LOAD);
}

static void at_call(void)
{
	raw_vcpu_at(&raw_vcpu, GUEST_CALL);
}

static void at_trap(void)
{
	raw_vcpu_at(&raw_vcpu, GUEST_TRAP);
}

static void debugged_at_call(void)
{
	at_call();
	raw_debug(&raw_vcpu, 1);
}

static void end_debug(void)
{
	raw_debug(&raw_vcpu, 0);
}

static uint64_t mmio(void)
{
	uint64_t start = path_now();

	raw_run_to(&raw_vcpu, KVM_EXIT_MMIO);
	return path_now() - start;
}

static uint64_t call(void)
{
	uint64_t start = path_now();

	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
	return path_now() - start;
}

/* At the next KVM_RUN KVM steps PC, which is then told not to. */
static uint64_t naive_store(void)
{
	uint64_t start = path_now(), pc;

	raw_run_to(&raw_vcpu, KVM_EXIT_MMIO);
	(void)raw_get(&raw_vcpu, 2);
	pc = raw_get(&raw_vcpu, RAW_PC);
	raw_vcpu.run->exit_reason = 0;
	raw_set(&raw_vcpu, RAW_PC, pc + 4);
	return path_now() - start;
}

static uint64_t naive_load(void)
{
	uint64_t start = path_now(), pc;

	raw_run_to(&raw_vcpu, KVM_EXIT_MMIO);
	raw_set(&raw_vcpu, 2, start);
	pc = raw_get(&raw_vcpu, RAW_PC);
	raw_vcpu.run->exit_reason = 0;
	raw_set(&raw_vcpu, RAW_PC, pc + 4);
	return path_now() - start;
}

static uint64_t naive_call(void)
{
	uint64_t start = path_now();

	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
	for (unsigned i = 0; i < 4; i++)
		(void)raw_get(&raw_vcpu, i);
	raw_set(&raw_vcpu, 0, 0);
	return path_now() - start;
}

static const struct path paths[] = {
	{ "nothing/bare", 0, NULL, path_sample_nothing, NULL },
	{ "mmio_store/bare", 0, at_store, mmio, NULL },
	{ "mmio_store/naive", 0, at_store, naive_store, NULL },
	{ "mmio_load/bare", 0, at_load, mmio, NULL },
	{ "mmio_load/naive", 0, at_load, naive_load, NULL },
	{ "hvc/bare", 0, at_call, call, NULL },
	{ "hvc_debug/bare", 0, debugged_at_call, call, end_debug },
	{ "hvc_regs/bare", 0, at_call, call, NULL },
	{ "hvc_regs/naive", 0, at_call, naive_call, NULL },
	{ "kernel_trap/bare", GUEST_TRAPS, at_trap, call, NULL },
};

const struct path_group raw_exits = PATH_GROUP(paths);
