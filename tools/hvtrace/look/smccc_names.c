/* SPDX-License-Identifier: MIT */
/*
 * Functions that guests call by HVC and SMC: the SMC calling convention (Arm
 * DEN 0028), PSCI (DEN 0022), SDEI (DEN 0054), TRNG (DEN 0098), and stolen time
 * (DEN 0057). Bit 30 set marks the 64-bit form, which has the same name.
 */
#include <inttypes.h>
#include <stdio.h>

#include "register_names.h"

#define CONVENTION_64 0x40000000u

static const struct {
	uint32_t function; /* without CONVENTION_64 */
	const char *name;
} names[] = {
	{ 0x80000000, "SMCCC_VERSION" },
	{ 0x80000001, "SMCCC_ARCH_FEATURES" },
	{ 0x80000002, "SMCCC_ARCH_SOC_ID" },
	{ 0x80003fff, "SMCCC_ARCH_WORKAROUND_3" },
	{ 0x80007fff, "SMCCC_ARCH_WORKAROUND_2" },
	{ 0x80008000, "SMCCC_ARCH_WORKAROUND_1" },
	{ 0x84000000, "PSCI_VERSION" },
	{ 0x84000001, "PSCI_CPU_SUSPEND" },
	{ 0x84000002, "PSCI_CPU_OFF" },
	{ 0x84000003, "PSCI_CPU_ON" },
	{ 0x84000004, "PSCI_AFFINITY_INFO" },
	{ 0x84000005, "PSCI_MIGRATE" },
	{ 0x84000006, "PSCI_MIGRATE_INFO_TYPE" },
	{ 0x84000007, "PSCI_MIGRATE_INFO_UP_CPU" },
	{ 0x84000008, "PSCI_SYSTEM_OFF" },
	{ 0x84000009, "PSCI_SYSTEM_RESET" },
	{ 0x8400000a, "PSCI_FEATURES" },
	{ 0x8400000b, "PSCI_CPU_FREEZE" },
	{ 0x8400000c, "PSCI_CPU_DEFAULT_SUSPEND" },
	{ 0x8400000d, "PSCI_NODE_HW_STATE" },
	{ 0x8400000e, "PSCI_SYSTEM_SUSPEND" },
	{ 0x8400000f, "PSCI_SET_SUSPEND_MODE" },
	{ 0x84000010, "PSCI_STAT_RESIDENCY" },
	{ 0x84000011, "PSCI_STAT_COUNT" },
	{ 0x84000012, "PSCI_SYSTEM_RESET2" },
	{ 0x84000013, "PSCI_MEM_PROTECT" },
	{ 0x84000014, "PSCI_MEM_PROTECT_CHECK_RANGE" },
	{ 0x84000050, "TRNG_VERSION" },
	{ 0x84000051, "TRNG_FEATURES" },
	{ 0x84000052, "TRNG_GET_UUID" },
	{ 0x84000053, "TRNG_RND" },
	{ 0x84000020, "SDEI_VERSION" },
	{ 0x84000021, "SDEI_EVENT_REGISTER" },
	{ 0x84000022, "SDEI_EVENT_ENABLE" },
	{ 0x84000023, "SDEI_EVENT_DISABLE" },
	{ 0x85000020, "PV_TIME_FEATURES" },
	{ 0x85000021, "PV_TIME_ST" },
	{ 0x8600ff01, "VENDOR_HYP_UID" },
};

void smccc_function_name(uint64_t x0, char *text, size_t size)
{
	uint32_t function = (uint32_t)x0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].function == (function & ~CONVENTION_64) &&
				function >> 31) {
			snprintf(text, size, "%s", names[i].name);
			return;
		}
	}
	snprintf(text, size, "0x%" PRIx32, function);
}
