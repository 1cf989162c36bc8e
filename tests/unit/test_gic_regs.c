/* SPDX-License-Identifier: MIT */
/* The registers of distributor and redistributors. */
#include <errno.h>
#include <pthread.h>

#include "gic.h"
#include "gic_vm.h"

static hv_vcpu_t vcpu;

static void set_up(void)
{
	gic_vm_create(false);
	vcpu = gic_vcpu_create();
}

TestSuite(gic_regs, .init = set_up);

static void place(void)
{
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0x100),
		HV_SUCCESS);
}

static bool is_named_distributor_reg(uint32_t reg)
{
	if (reg >= 0x6100 && reg <= 0x7fd8)
		return reg % 8 == 0;
	return reg % 4 == 0 &&
		(reg <= 4 || (reg >= 0x80 && reg <= 0x7f8) ||
			(reg >= 0xc00 && reg <= 0xcfc) || reg == 0xffe8);
}

Test(gic_regs, of_the_distributor_are_those_the_api_names)
{
	unsigned named = 0;

	for (uint32_t reg = 0; reg <= UINT16_MAX; reg++) {
		hv_return_t want = is_named_distributor_reg(reg)
			? HV_SUCCESS
			: HV_BAD_ARGUMENT;
		uint64_t v;

		named += want == HV_SUCCESS;
		cr_assert_eq(hv_gic_get_distributor_reg(
				     (hv_gic_distributor_reg_t)reg, &v),
			want, "0x%x", reg);
		cr_assert_eq(hv_gic_set_distributor_reg(
				     (hv_gic_distributor_reg_t)reg, 0),
			want, "0x%x", reg);
	}
	cr_assert_eq(named, 1534);
	cr_assert_eq(hv_gic_get_distributor_reg(0, NULL), HV_BAD_ARGUMENT);
}

static uint64_t gicd(uint32_t reg)
{
	uint64_t v;

	cr_assert_eq(hv_gic_get_distributor_reg(
			     (hv_gic_distributor_reg_t)reg, &v),
		HV_SUCCESS);
	return v;
}

static void set_gicd(uint32_t reg, uint64_t value)
{
	cr_assert_eq(hv_gic_set_distributor_reg(
			     (hv_gic_distributor_reg_t)reg, value),
		HV_SUCCESS);
}

Test(gic_regs, set_and_clear_in_pairs)
{
	static const uint32_t pairs[] = { 0x104, 0x204, 0x304 };

	for (unsigned i = 0; i < 3; i++) {
		set_gicd(pairs[i], 0xff00ff00);
		set_gicd(pairs[i], 0x1);
		cr_assert_eq(gicd(pairs[i]), 0xff00ff01, "0x%x", pairs[i]);
		cr_assert_eq(gicd(pairs[i] + 0x80), 0xff00ff01);
		set_gicd(pairs[i] + 0x80, 0xff000001);
		cr_assert_eq(gicd(pairs[i]), 0x0000ff00);
		cr_assert_eq(gicd(pairs[i] + 0x80), 0x0000ff00);
	}
}

Test(gic_regs, show_a_line_that_is_up_as_pending)
{
	fake.gic_regs->lines[0][1] = 0x10;
	set_gicd(0x204, 0x3);
	cr_assert_eq(gicd(0x204), 0x13);
	/* No software takes a line down. */
	set_gicd(0x284, UINT32_MAX);
	cr_assert_eq(gicd(0x204), 0x10);
	cr_assert_eq(gicd(0x284), 0x10);
	fake.gic_regs->lines[0][0] = 0xffff0000;
	cr_assert_eq(gicd(0x200), 0, "private ones are not the distributor's");
}

Test(gic_regs, change_a_latch_while_no_guest_runs)
{
	set_gicd(0x204, 1);
	set_gicd(0x284, 1);
	cr_assert_eq(fake.gic_regs->changed_unpaused, 0);
	cr_assert_eq(fake.paused, 0);
}

Test(gic_regs, ignore_writes_where_they_are_read_only)
{
	uint64_t typer = gicd(4), pidr2 = gicd(0xffe8), v;

	set_gicd(4, 0);
	set_gicd(0xffe8, 0);
	cr_assert_eq(gicd(4), typer);
	cr_assert_eq(gicd(0xffe8), pidr2);
	place();
	for (unsigned i = 0; i < 2; i++) {
		hv_gic_redistributor_reg_t reg = i ? 0xffe8 : 8;
		uint64_t was;

		cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, reg, &was),
			HV_SUCCESS);
		cr_assert_eq(hv_gic_set_redistributor_reg(vcpu, reg, 0),
			HV_SUCCESS);
		cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, reg, &v),
			HV_SUCCESS);
		cr_assert_eq(v, was);
	}
}

Test(gic_regs, route_by_the_lower_half)
{
	set_gicd(0x6000 + 8 * 40, 0x0000000100020304);
	cr_assert_eq(gicd(0x6000 + 8 * 40), 0x00020304);
	set_gicd(0x6000 + 8 * 1019, 5);
	cr_assert_eq(gicd(0x6000 + 8 * 1019), 0, "there is no such SPI");
}

Test(gic_regs, of_a_redistributor_are_those_the_api_names)
{
	static const uint32_t named[] = { 0x8, 0xffe8, 0x10080, 0x10100,
		0x10180, 0x10200, 0x10280, 0x10300, 0x10380, 0x10400, 0x10404,
		0x10408, 0x1040c, 0x10410, 0x10414, 0x10418, 0x1041c, 0x10c00,
		0x10c04 };
	unsigned next = 0;

	place();
	for (uint32_t reg = 0; reg < 0x20004; reg++) {
		bool is = next < 19 && reg == named[next];
		hv_return_t want = is ? HV_SUCCESS : HV_BAD_ARGUMENT;
		uint64_t v;

		next += is;
		cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, reg, &v), want,
			"0x%x", reg);
		cr_assert_eq(hv_gic_set_redistributor_reg(vcpu, reg, 0), want,
			"0x%x", reg);
	}
	cr_assert_eq(next, 19);
	cr_assert_eq(
		hv_gic_get_redistributor_reg(vcpu, 8, NULL), HV_BAD_ARGUMENT);
}

Test(gic_regs, of_a_redistributor_are_64_bits_wide_where_they_are)
{
	uint64_t v;

	place();
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_SUCCESS);
	cr_assert_eq(v, 0x100ull << 32);
}

Test(gic_regs, of_a_redistributor_have_its_own_lines)
{
	uint64_t v;

	place();
	fake.gic_regs->lines[0][0] = 1u << 27;
	cr_assert_eq(hv_gic_set_redistributor_reg(vcpu, 0x10200, 1u << 3),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 0x10200, &v), 0);
	cr_assert_eq(v, 1u << 27 | 1u << 3);
	cr_assert_eq(hv_gic_set_redistributor_reg(vcpu, 0x10280, UINT32_MAX),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 0x10280, &v), 0);
	cr_assert_eq(v, 1u << 27);
}

Test(gic_regs, of_a_redistributor_wait_for_the_affinity)
{
	hv_ipa_t base = 1;
	uint64_t v;

	cr_assert_eq(hv_gic_get_redistributor_base(vcpu, &base),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_DENIED);
	cr_assert_eq(
		hv_gic_set_redistributor_reg(vcpu, 0x10100, 1), HV_DENIED);
	fake_engine_fail(FAKE_SET_SYS_REG, 1, -EINVAL);
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 1),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_DENIED);
	fake_engine_fail(FAKE_GIC_PLACE, 1, -EIO);
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 1),
		HV_ERROR);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_DENIED);
	place();
	cr_assert_eq(fake.vcpus[0].placed, 0x100);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_base(vcpu, &base), HV_SUCCESS);
	cr_assert_eq(base, GICR);
	cr_assert_eq(hv_gic_get_redistributor_base(vcpu, NULL),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_redistributor_base(1, &base), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_redistributor_base(UINT64_MAX, &base),
		HV_BAD_ARGUMENT);
}

static void *second(void *arg)
{
	hv_vcpu_t other = gic_vcpu_create();
	hv_ipa_t base;
	uint64_t v;

	(void)arg;
	cr_assert_eq(hv_gic_get_redistributor_base(vcpu, &base), HV_SUCCESS,
		"any thread may ask");
	cr_assert_eq(base, GICR);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v),
		HV_BAD_ARGUMENT, "another thread's");
	cr_assert_eq(
		hv_gic_set_redistributor_reg(vcpu, 8, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_set_sys_reg(other, HV_SYS_REG_MPIDR_EL1, 0),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_base(other, &base), HV_SUCCESS);
	cr_assert_eq(base, GICR + HVT_GICR_SIZE, "by its number");
	cr_assert_eq(hv_vcpu_destroy(other), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_base(other, &base),
		HV_BAD_ARGUMENT);
	return NULL;
}

Test(gic_regs, of_a_redistributor_are_its_threads)
{
	pthread_t t;

	place();
	pthread_create(&t, NULL, second, NULL);
	pthread_join(t, NULL);
}

Test(gic_regs, need_a_gic)
{
	hv_ipa_t base;
	uint64_t v;

	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v),
		HV_BAD_ARGUMENT, "no vCPU");
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(hv_gic_get_distributor_reg(0, &v), HV_NO_DEVICE);
		cr_assert_eq(hv_gic_set_distributor_reg(0, 2), HV_NO_DEVICE);
		cr_assert_eq(hv_gic_get_redistributor_base(vcpu, &base),
			HV_NO_DEVICE);
		cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 8, &v),
			HV_NO_DEVICE);
		cr_assert_eq(hv_gic_set_redistributor_reg(vcpu, 8, v),
			HV_NO_DEVICE);
		if (i)
			break;
		cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
		vcpu = gic_vcpu_create();
		place();
	}
}

Test(gic_regs, pass_on_why_the_engine_cannot)
{
	uint64_t v;

	place();
	for (unsigned n = 1; n <= 2; n++) {
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_eq(hv_gic_get_distributor_reg(0x204, &v), HV_ERROR);
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_eq(
			hv_gic_get_redistributor_reg(vcpu, 8, &v), HV_ERROR);
	}
	fake_engine_fail(FAKE_GIC_GET, 1, -EIO);
	cr_assert_eq(hv_gic_set_distributor_reg(0x204, 1), HV_ERROR);
	fake_engine_fail(FAKE_GIC_SET, 1, -EIO);
	cr_assert_eq(hv_gic_set_distributor_reg(0x204, 1), HV_ERROR);
	fake_engine_fail(FAKE_GIC_SET, 1, -EIO);
	cr_assert_eq(
		hv_gic_set_redistributor_reg(vcpu, 0x10100, 1), HV_ERROR);
	cr_assert_eq(fake.paused, 0);
}
