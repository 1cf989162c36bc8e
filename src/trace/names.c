/* SPDX-License-Identifier: MIT */
/*
 * The constants of the API by value. The numbers are those of the public
 * headers; the trace room repeats none of them.
 */
#include "trace.h"

#include <Hypervisor/Hypervisor.h>
#include <string.h>

#define CASE(constant)                                                         \
	case (uint32_t)(constant):                                             \
		return #constant

/* Negative numbers: the result of an event holds them sign-extended. */
static const char *return_name(uint64_t value)
{
	switch ((uint32_t)value) {
		CASE(HV_SUCCESS);
		CASE(HV_ERROR);
		CASE(HV_BUSY);
		CASE(HV_BAD_ARGUMENT);
		CASE(HV_ILLEGAL_GUEST_STATE);
		CASE(HV_NO_RESOURCES);
		CASE(HV_NO_DEVICE);
		CASE(HV_DENIED);
		CASE(HV_EXISTS);
		CASE(HV_UNSUPPORTED);
	}
	return NULL;
}

static const char *exit_name(uint64_t value)
{
	switch (value) {
	case HV_EXIT_REASON_CANCELED:
		return "CANCELED";
	case HV_EXIT_REASON_EXCEPTION:
		return "EXCEPTION";
	case HV_EXIT_REASON_VTIMER_ACTIVATED:
		return "VTIMER_ACTIVATED";
	case HV_EXIT_REASON_UNKNOWN:
		return "UNKNOWN";
	}
	return NULL;
}

static const char *reg_name(uint64_t value)
{
	static const char *const names[] = { "X0", "X1", "X2", "X3", "X4", "X5",
		"X6", "X7", "X8", "X9", "X10", "X11", "X12", "X13", "X14",
		"X15", "X16", "X17", "X18", "X19", "X20", "X21", "X22", "X23",
		"X24", "X25", "X26", "X27", "X28", "FP", "LR", "PC", "FPCR",
		"FPSR", "CPSR" };

	return value <= HV_REG_CPSR ? names[value] : NULL;
}

/* What the ram room has them as; on disk. */
static const char *turn_end_name(uint64_t value)
{
	static const char *const names[] = { "CALLED", "ASLEEP", "TAKEN" };

	return value - 1 < 3 ? names[value - 1] : NULL;
}

static const char *ram_kind_name(uint64_t value)
{
	static const char *const names[] = { "REHOMED", "SHARED", "UNTRACKED",
		"GONE" };

	return value - 1 < 4 ? names[value - 1] : NULL;
}

static const char *bool_name(uint64_t value)
{
	return value > 1 ? NULL : value ? "true" : "false";
}

const char *hvt_value_name(const char *type, uint64_t value)
{
	static const struct {
		const char *type;
		const char *(*name)(uint64_t value);
	} tables[] = {
		{ "hv_return_t", return_name },
		{ "hv_exit_reason_t", exit_name },
		{ "hv_reg_t", reg_name },
		{ "hv_sys_reg_t", hvt_sys_reg_name },
		{ "bool", bool_name },
		{ "hvt_turn_end_t", turn_end_name },
		{ "hvt_ram_kind_t", ram_kind_name },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (!strcmp(tables[i].type, type))
			return tables[i].name(value);
	return NULL;
}
