/* SPDX-License-Identifier: MIT */
/* Registers: selectors are checked, values pass unchanged. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake_engine.h"
#include "rng.h"

static hv_vcpu_t vcpu;

static void set_up(void)
{
	hv_vcpu_exit_t *exit;

	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
}

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
