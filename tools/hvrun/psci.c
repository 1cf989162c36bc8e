/* SPDX-License-Identifier: MIT */
/*
 * PSCI calls. Anything not listed here is NOT_SUPPORTED, as SMCCC wants it for
 * unknown functions, so a guest may probe at will.
 */
#include "psci.h"

#include <errno.h>
#include <stdbool.h>

#include "machine_map.h"
#include "power.h"

/* Function identifiers; bit 30 set marks the 64-bit calling convention. */
#define FN_SMCCC_VERSION     0x80000000u
#define FN_VERSION	     0x84000000u
#define FN_CPU_SUSPEND	     0x84000001u
#define FN_CPU_OFF	     0x84000002u
#define FN_CPU_ON	     0x84000003u
#define FN_AFFINITY_INFO     0x84000004u
#define FN_MIGRATE_INFO_TYPE 0x84000006u
#define FN_SYSTEM_OFF	     0x84000008u
#define FN_SYSTEM_RESET	     0x84000009u
#define FN_FEATURES	     0x8400000au
#define CONVENTION_64	     0x40000000u

enum {
	SUCCESS = 0,
	NOT_SUPPORTED = -1,
	INVALID_PARAMETERS = -2,
	ALREADY_ON = -4,
	ON_PENDING = -5,
};

/* CPU_SUSPEND, power_state bit 16 in the original format: a powerdown state. */
#define SUSPEND_POWERDOWN (1u << 16)

/* Affinity fields of an MPIDR value: Aff3, Aff2, Aff1, Aff0. */
#define AFFINITY_MASK 0xff00ffffffull

static struct psci_result answer(int64_t value)
{
	return (struct psci_result){ PSCI_RETURN, (uint64_t)value };
}

static struct psci_result act(enum psci_action action)
{
	return (struct psci_result){ action, 0 };
}

/* -1 when no vCPU has this affinity. */
static int find_cpu(const struct power *power, uint64_t affinity)
{
	unsigned int i;

	for (i = 0; i < power->cpu_count; i++) {
		if (cpu_affinity(i) == affinity)
			return (int)i;
	}
	return -1;
}

static struct psci_result cpu_on(struct power *power, const uint64_t args[4])
{
	int cpu = find_cpu(power, args[1] & AFFINITY_MASK);

	if (cpu < 0)
		return answer(INVALID_PARAMETERS);
	switch (power_cpu_on(power, (unsigned int)cpu, args[2], args[3])) {
	case 0:
		return answer(SUCCESS);
	case -EALREADY:
		return answer(ALREADY_ON);
	default:
		return answer(ON_PENDING);
	}
}

/* There are no clusters to speak of, so only affinity level 0 is accepted. */
static struct psci_result affinity_info(
	struct power *power, const uint64_t args[4])
{
	int cpu = find_cpu(power, args[1] & AFFINITY_MASK);

	if (cpu < 0 || args[2] != 0)
		return answer(INVALID_PARAMETERS);
	switch (power_cpu_state(power, (unsigned int)cpu)) {
	case POWER_ON:
		return answer(0);
	case POWER_OFF:
		return answer(1);
	default:
		return answer(2);
	}
}

/*
 * A standby state may end at any moment, so it ends at once: the guest's idle
 * loop then waits with WFI. Powerdown states are not offered.
 */
static struct psci_result cpu_suspend(uint64_t power_state)
{
	if (power_state & SUSPEND_POWERDOWN)
		return answer(INVALID_PARAMETERS);
	return answer(SUCCESS);
}

static struct psci_result cpu_off(struct power *power, unsigned int caller)
{
	return act(power_cpu_off(power, caller) ? PSCI_CPU_OFF : PSCI_ALL_OFF);
}

static bool is_offered(uint32_t function)
{
	switch (function) {
	case FN_CPU_SUSPEND | CONVENTION_64:
	case FN_CPU_ON | CONVENTION_64:
	case FN_AFFINITY_INFO | CONVENTION_64:
	case FN_SMCCC_VERSION:
	case FN_VERSION:
	case FN_CPU_SUSPEND:
	case FN_CPU_OFF:
	case FN_CPU_ON:
	case FN_AFFINITY_INFO:
	case FN_MIGRATE_INFO_TYPE:
	case FN_SYSTEM_OFF:
	case FN_SYSTEM_RESET:
	case FN_FEATURES:
		return true;
	default:
		return false;
	}
}

static struct psci_result dispatch(struct power *power, unsigned int caller,
	uint32_t function, const uint64_t args[4])
{
	switch (function) {
	case FN_SMCCC_VERSION:
	case FN_VERSION:
		return answer(0x10001); /* both 1.1 */
	case FN_CPU_SUSPEND:
		return cpu_suspend(args[1]);
	case FN_CPU_OFF:
		return cpu_off(power, caller);
	case FN_CPU_ON:
		return cpu_on(power, args);
	case FN_AFFINITY_INFO:
		return affinity_info(power, args);
	case FN_MIGRATE_INFO_TYPE:
		return answer(2); /* no trusted OS, nothing to migrate */
	case FN_SYSTEM_OFF:
		return act(PSCI_SYSTEM_OFF);
	case FN_SYSTEM_RESET:
		return act(PSCI_SYSTEM_RESET);
	case FN_FEATURES:
		return answer(is_offered((uint32_t)args[1]) ? SUCCESS
							    : NOT_SUPPORTED);
	default:
		return answer(NOT_SUPPORTED);
	}
}

/* A 32-bit call uses W registers: whatever lies above them is ignored. */
struct psci_result psci_handle(
	struct power *power, const struct psci_call *call)
{
	uint32_t function = (uint32_t)call->args[0];
	bool is_64bit = function & CONVENTION_64;
	uint64_t args[4];
	unsigned int i;

	if (!is_offered(function))
		return answer(NOT_SUPPORTED);
	for (i = 0; i < 4; i++)
		args[i] = is_64bit ? call->args[i] : (uint32_t)call->args[i];
	return dispatch(
		power, call->caller, function & ~(uint32_t)CONVENTION_64, args);
}
