/* SPDX-License-Identifier: MIT */
/* Names of constants by C type. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <Hypervisor/Hypervisor.h>
#include <hvtrace/hvtrace.h>

static void expect(const char *type, uint64_t value, const char *want)
{
	const char *name = hvt_value_name(type, value);

	if (want)
		cr_assert_str_eq(name ? name : "(none)", want);
	else
		cr_assert_null(name);
}

Test(names, knows_results_in_32_and_in_64_bits)
{
	static const struct {
		hv_return_t code;
		const char *name;
	} codes[] = { { HV_SUCCESS, "HV_SUCCESS" }, { HV_ERROR, "HV_ERROR" },
		{ HV_BUSY, "HV_BUSY" }, { HV_BAD_ARGUMENT, "HV_BAD_ARGUMENT" },
		{ HV_ILLEGAL_GUEST_STATE, "HV_ILLEGAL_GUEST_STATE" },
		{ HV_NO_RESOURCES, "HV_NO_RESOURCES" },
		{ HV_NO_DEVICE, "HV_NO_DEVICE" }, { HV_DENIED, "HV_DENIED" },
		{ HV_EXISTS, "HV_EXISTS" },
		{ HV_UNSUPPORTED, "HV_UNSUPPORTED" } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		expect("hv_return_t", (uint32_t)codes[i].code, codes[i].name);
		/* As it is in the result of an event. */
		expect("hv_return_t", (uint64_t)(int64_t)codes[i].code,
			codes[i].name);
	}
	expect("hv_return_t", 1, NULL);
}

Test(names, knows_general_registers)
{
	expect("hv_reg_t", HV_REG_X0, "X0");
	expect("hv_reg_t", HV_REG_X28, "X28");
	expect("hv_reg_t", HV_REG_FP, "FP");
	expect("hv_reg_t", HV_REG_LR, "LR");
	expect("hv_reg_t", HV_REG_PC, "PC");
	expect("hv_reg_t", HV_REG_FPCR, "FPCR");
	expect("hv_reg_t", HV_REG_FPSR, "FPSR");
	expect("hv_reg_t", HV_REG_CPSR, "CPSR");
	expect("hv_reg_t", HV_REG_CPSR + 1, NULL);
	expect("hv_reg_t", UINT64_MAX, NULL);
}

Test(names, knows_system_registers)
{
	expect("hv_sys_reg_t", HV_SYS_REG_SCTLR_EL1, "SCTLR_EL1");
	expect("hv_sys_reg_t", HV_SYS_REG_MPIDR_EL1, "MPIDR_EL1");
	expect("hv_sys_reg_t", HV_SYS_REG_DBGBVR0_EL1, "DBGBVR0_EL1");
	expect("hv_sys_reg_t", HV_SYS_REG_ID_AA64MMFR4_EL1, "ID_AA64MMFR4_EL1");
	expect("hv_sys_reg_t", 1, NULL);
}

Test(names, knows_exits_and_truth)
{
	expect("hv_exit_reason_t", HV_EXIT_REASON_CANCELED, "CANCELED");
	expect("hv_exit_reason_t", HV_EXIT_REASON_EXCEPTION, "EXCEPTION");
	expect("hv_exit_reason_t", HV_EXIT_REASON_VTIMER_ACTIVATED,
		"VTIMER_ACTIVATED");
	expect("hv_exit_reason_t", HV_EXIT_REASON_UNKNOWN, "UNKNOWN");
	expect("hv_exit_reason_t", 4, NULL);
	expect("bool", 0, "false");
	expect("bool", 1, "true");
	expect("bool", 2, NULL);
	expect("uint64_t", 0, NULL);
}
