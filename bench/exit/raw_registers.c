/* SPDX-License-Identifier: MIT */
/* Registers: for KVM one is like the other. */
#include <linux/kvm.h>

#include "raw_paths.h"

#include <Hypervisor/Hypervisor.h>

#define TIMES 100u

static void at_call(void)
{
	raw_vcpu_at(&raw_vcpu, GUEST_CALL);
}

static uint64_t get(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		(void)raw_get(&raw_vcpu, 10);
	return path_now() - start;
}

static uint64_t set(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		raw_set(&raw_vcpu, 10, i);
	return path_now() - start;
}

static uint64_t get_after_run(void)
{
	uint64_t start;

	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
	start = path_now();
	(void)raw_get(&raw_vcpu, 10);
	return path_now() - start;
}

static uint64_t set_and_run(void)
{
	uint64_t start = path_now();

	raw_set(&raw_vcpu, 10, start);
	raw_run_to(&raw_vcpu, KVM_EXIT_HYPERCALL);
	return path_now() - start;
}

static uint64_t get_sys(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		(void)raw_get_sys(&raw_vcpu, HV_SYS_REG_TPIDR_EL1);
	return path_now() - start;
}

static uint64_t set_sys(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		raw_set_sys(&raw_vcpu, HV_SYS_REG_TPIDR_EL1, i);
	return path_now() - start;
}

static const struct path paths[] = {
	{ "get_hit/bare", TIMES, at_call, get, NULL },
	{ "get_miss/bare", 0, at_call, get_after_run, NULL },
	{ "set_hit/bare", TIMES, at_call, set, NULL },
	{ "set_run/bare", 0, at_call, set_and_run, NULL },
	{ "get_sys/bare", TIMES, at_call, get_sys, NULL },
	{ "set_sys/bare", TIMES, at_call, set_sys, NULL },
};

const struct path_group raw_registers = PATH_GROUP(paths);
