/* SPDX-License-Identifier: MIT */
/*
 * Registers. A hit is one that was read or written since the last run, a miss
 * the first one after it. What is written costs most when it is run with.
 */
#include "hv_paths.h"

#define TIMES 100u

static void at_call(void)
{
	hv_guest_at(&hv_guest, GUEST_CALL);
}

static uint64_t get(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		(void)hv_guest_get(&hv_guest, HV_REG_X10);
	return path_now() - start;
}

static uint64_t set(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		hv_guest_set(&hv_guest, HV_REG_X10, i);
	return path_now() - start;
}

static uint64_t get_after_run(void)
{
	uint64_t start;

	HV_GUEST_CALL(&hv_guest);
	start = path_now();
	(void)hv_guest_get(&hv_guest, HV_REG_X10);
	return path_now() - start;
}

static uint64_t set_and_run(void)
{
	uint64_t start = path_now();

	hv_guest_set(&hv_guest, HV_REG_X10, start);
	HV_GUEST_CALL(&hv_guest);
	return path_now() - start;
}

static uint64_t get_sys(void)
{
	uint64_t start = path_now(), value;

	for (unsigned i = 0; i < TIMES; i++)
		(void)hv_vcpu_get_sys_reg(hv_guest.vcpu,
				HV_SYS_REG_TPIDR_EL1, &value);
	return path_now() - start;
}

static uint64_t set_sys(void)
{
	uint64_t start = path_now();

	for (unsigned i = 0; i < TIMES; i++)
		(void)hv_vcpu_set_sys_reg(
				hv_guest.vcpu, HV_SYS_REG_TPIDR_EL1, i);
	return path_now() - start;
}

static const struct path paths[] = {
	{ "get_hit", TIMES, at_call, get, NULL },
	{ "get_miss", 0, at_call, get_after_run, NULL },
	{ "set_hit", TIMES, at_call, set, NULL },
	{ "set_run", 0, at_call, set_and_run, NULL },
	{ "get_sys", TIMES, at_call, get_sys, NULL },
	{ "set_sys", TIMES, at_call, set_sys, NULL },
};

const struct path_group hv_registers = PATH_GROUP(paths);
