/* SPDX-License-Identifier: MIT */
/* Exits that the guest's own instructions cause, and what a VMM does then. */
#include "hv_paths.h"

/* ISV, size, register and direction of the guest's own instructions. */
#define ACCESS(wnr) (0x93820007ull | (uint64_t)(wnr) << 6)
#define ACCESS_MASK 0xffff0047ull

static void at_store(void)
{
	hv_guest_at(&hv_guest, GUEST_STORE);
}

static void at_load(void)
{
	hv_guest_at(&hv_guest, GUEST_LOAD);
}

static void at_call(void)
{
	hv_guest_at(&hv_guest, GUEST_CALL);
}

static void at_trap(void)
{
	hv_guest_at(&hv_guest, GUEST_TRAP);
}

static void debugged_at_call(void)
{
	at_call();
	(void)hv_vcpu_set_trap_debug_exceptions(hv_guest.vcpu, true);
}

static void end_debug(void)
{
	(void)hv_vcpu_set_trap_debug_exceptions(hv_guest.vcpu, false);
}

static void skip(void)
{
	hv_guest_set(&hv_guest, HV_REG_PC,
			hv_guest_get(&hv_guest, HV_REG_PC) + 4);
}

static uint64_t store(void)
{
	uint64_t start = path_now();

	hv_guest_run_to(&hv_guest, ACCESS(1), ACCESS_MASK);
	(void)hv_guest_get(&hv_guest, HV_REG_X2);
	skip();
	return path_now() - start;
}

static uint64_t load(void)
{
	uint64_t start = path_now();

	hv_guest_run_to(&hv_guest, ACCESS(0), ACCESS_MASK);
	hv_guest_set(&hv_guest, HV_REG_X2, (uint32_t)start);
	skip();
	return path_now() - start;
}

static uint64_t call(void)
{
	uint64_t start = path_now();

	HV_GUEST_CALL(&hv_guest);
	return path_now() - start;
}

static uint64_t call_regs(void)
{
	uint64_t start = path_now();

	HV_GUEST_CALL(&hv_guest);
	for (unsigned i = 0; i < 4; i++)
		(void)hv_guest_get(&hv_guest, (hv_reg_t)(HV_REG_X0 + i));
	hv_guest_set(&hv_guest, HV_REG_X0, 0);
	return path_now() - start;
}

static const struct path paths[] = {
	{ "nothing", 0, NULL, path_sample_nothing, NULL },
	{ "mmio_store", 0, at_store, store, NULL },
	{ "mmio_load", 0, at_load, load, NULL },
	{ "hvc", 0, at_call, call, NULL },
	{ "hvc_debug", 0, debugged_at_call, call, end_debug },
	{ "hvc_regs", 0, at_call, call_regs, NULL },
	{ "kernel_trap", GUEST_TRAPS, at_trap, call, NULL },
};

const struct path_group hv_exits = PATH_GROUP(paths);
