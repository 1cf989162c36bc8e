/* SPDX-License-Identifier: MIT */
/* Registers: selectors are checked, values pass unchanged. */
#include <errno.h>
#include <os/object.h>
#include <string.h>

#include "one_vcpu.h"
#include "rng.h"

TestSuite(regs, .init = set_up);

Test(regs, general_ones_keep_what_is_written)
{
	struct rng r;

	rng_init(&r);
	for (hv_reg_t reg = 0; reg <= HV_REG_CPSR; reg++) {
		uint64_t want = rng_next(&r), got = 0;

		cr_assert_eq(hv_vcpu_set_reg(vcpu, reg, want), HV_SUCCESS);
		cr_assert_eq(fake.vcpus[0].regs[reg], want);
		cr_assert_eq(hv_vcpu_get_reg(vcpu, reg, &got), HV_SUCCESS);
		cr_assert_eq(got, want);
	}
}

Test(regs, general_ones_end_with_cpsr)
{
	uint64_t v;

	cr_assert_eq(
		hv_vcpu_set_reg(vcpu, HV_REG_CPSR + 1, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_get_reg(vcpu, HV_REG_CPSR + 1, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, (hv_reg_t)UINT32_MAX, &v),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, 0, NULL), HV_BAD_ARGUMENT);
}

Test(regs, vector_ones_keep_all_16_bytes)
{
	struct rng r;

	rng_init(&r);
	for (hv_simd_fp_reg_t reg = 0; reg < 32; reg++) {
		hv_simd_fp_uchar16_t want, got;

		rng_bytes(&r, &want, sizeof(want));
		cr_assert_eq(
			hv_vcpu_set_simd_fp_reg(vcpu, reg, want), HV_SUCCESS);
		cr_assert_eq(memcmp(fake.vcpus[0].simd[reg], &want, 16), 0);
		cr_assert_eq(
			hv_vcpu_get_simd_fp_reg(vcpu, reg, &got), HV_SUCCESS);
		cr_assert_eq(memcmp(&got, &want, 16), 0);
	}
}

Test(regs, vector_ones_end_with_q31)
{
	hv_simd_fp_uchar16_t v = { 0 };

	cr_assert_eq(hv_vcpu_set_simd_fp_reg(vcpu, 32, v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_simd_fp_reg(vcpu, 32, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_get_simd_fp_reg(vcpu, 0, NULL), HV_BAD_ARGUMENT);
}

Test(regs, system_ones_are_the_engines)
{
	uint64_t v;

	cr_assert_eq(
		hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_SCTLR_EL1, 0x30d00800),
		HV_SUCCESS);
	cr_assert_eq(fake.vcpus[0].sys_name, HV_SYS_REG_SCTLR_EL1);
	cr_assert_eq(fake.vcpus[0].sys_reg, 0x30d00800);
	cr_assert_eq(hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_SCTLR_EL1, &v),
		HV_SUCCESS);
	cr_assert_eq(v, 0x30d00800 ^ HV_SYS_REG_SCTLR_EL1);
	cr_assert_eq(hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_SCTLR_EL1, NULL),
		HV_BAD_ARGUMENT);
}

Test(regs, pass_on_why_the_engine_cannot)
{
	hv_simd_fp_uchar16_t q = { 0 };
	uint64_t v;

	fake_engine_fail(FAKE_GET_REG, 1, -EIO);
	cr_assert_eq(hv_vcpu_get_reg(vcpu, 0, &v), HV_ERROR);
	fake_engine_fail(FAKE_SET_REG, 1, -EBUSY);
	cr_assert_eq(hv_vcpu_set_reg(vcpu, 0, 1), HV_BUSY);
	fake_engine_fail(FAKE_GET_SIMD, 1, -EIO);
	cr_assert_eq(hv_vcpu_get_simd_fp_reg(vcpu, 0, &q), HV_ERROR);
	fake_engine_fail(FAKE_SET_SIMD, 1, -EIO);
	cr_assert_eq(hv_vcpu_set_simd_fp_reg(vcpu, 0, q), HV_ERROR);
	fake_engine_fail(FAKE_GET_SYS_REG, 1, -ENOENT);
	cr_assert_eq(hv_vcpu_get_sys_reg(vcpu, 0xc000, &v), HV_UNSUPPORTED);
	fake_engine_fail(FAKE_SET_SYS_REG, 1, -EINVAL);
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, 0xc000, 1), HV_BAD_ARGUMENT);
}

static void expect_el2(hv_return_t want, hv_return_t timers)
{
	static const hv_sys_reg_t regs[] = { HV_SYS_REG_HCR_EL2,
		HV_SYS_REG_SCTLR_EL2, HV_SYS_REG_SP_EL2, HV_SYS_REG_VTTBR_EL2,
		HV_SYS_REG_CNTVOFF_EL2, HV_SYS_REG_CNTHCTL_EL2 };
	static const hv_sys_reg_t timer_regs[] = { HV_SYS_REG_CNTHP_CTL_EL2,
		HV_SYS_REG_CNTHP_CVAL_EL2, HV_SYS_REG_CNTHP_TVAL_EL2 };
	uint64_t v;

	for (unsigned i = 0; i < 6; i++) {
		cr_assert_eq(hv_vcpu_get_sys_reg(vcpu, regs[i], &v), want);
		cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, regs[i], 1), want);
	}
	for (unsigned i = 0; i < 3; i++) {
		cr_assert_eq(
			hv_vcpu_get_sys_reg(vcpu, timer_regs[i], &v), timers);
		cr_assert_eq(
			hv_vcpu_set_sys_reg(vcpu, timer_regs[i], 1), timers);
	}
	cr_assert_eq(hv_vcpu_get_sys_reg(vcpu, HV_SYS_REG_SP_EL1, &v),
		HV_SUCCESS, "which is one of EL1's");
}

Test(regs, of_el2_are_there_with_el2)
{
	hv_vm_config_t config = hv_vm_config_create();
	hv_gic_config_t gic = hv_gic_config_create();
	hv_vcpu_exit_t *exit;

	expect_el2(HV_BAD_ARGUMENT, HV_BAD_ARGUMENT);
	fake.el2_supported = true;
	(void)hv_vm_config_set_el2_enabled(config, true);
	(void)hv_gic_config_set_distributor_base(gic, 0x8000000);
	(void)hv_gic_config_set_redistributor_base(gic, 0xa000000);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
		cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
		cr_assert_eq(hv_vm_create(config), HV_SUCCESS);
		if (i)
			cr_assert_eq(hv_gic_create(gic), HV_SUCCESS);
		cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
		expect_el2(HV_SUCCESS, i ? HV_SUCCESS : HV_BAD_ARGUMENT);
	}
	os_release(config);
	os_release(gic);
}
