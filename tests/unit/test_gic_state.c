/* SPDX-License-Identifier: MIT */
/* Saving, restoring and resetting the GIC; and all of it in a replay. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "gic_image.h"
#include "gic_vm.h"
#include "replay_steps.h"

static void set_up_gic(void)
{
	set_up();
	gic_vm_create(false);
}

TestSuite(gic_state, .init = set_up_gic, .fini = tear_down);

/* The bytes of the GIC's state now, to be freed. */
static uint8_t *save(size_t *size)
{
	hv_gic_state_t state = hv_gic_state_create();
	uint8_t *bytes;

	cr_assert_not_null(state);
	cr_assert_eq(hv_gic_state_get_size(state, size), HV_SUCCESS);
	bytes = malloc(*size);
	cr_assert_eq(hv_gic_state_get_data(state, bytes), HV_SUCCESS);
	os_release(state);
	return bytes;
}

static void set_gicd(uint32_t reg, uint64_t value)
{
	cr_assert_eq(hv_gic_set_distributor_reg(
			     (hv_gic_distributor_reg_t)reg, value),
		HV_SUCCESS);
}

static void set_gicr(hv_vcpu_t vcpu, uint32_t reg, uint64_t value)
{
	cr_assert_eq(
		hv_gic_set_redistributor_reg(vcpu, reg, value), HV_SUCCESS);
}

/* One of everything. */
static void fill(hv_vcpu_t vcpu)
{
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0),
		HV_SUCCESS);
	set_gicd(0x0, 2);
	set_gicd(0x84, 0x12345678);
	set_gicd(0x104, 0xf0);
	set_gicd(0x204, 0x3);
	set_gicd(0x304, 0x8);
	set_gicd(0x400 + 40, 0xa0a8b0b8);
	set_gicd(0xc08, 0xa);
	set_gicd(0x6000 + 8 * 991, 0x30201);
	fake.gic_regs->lines[0][30] = 0x80000000;
	set_gicr(vcpu, 0x10100, 1u << 27);
	set_gicr(vcpu, 0x10180, 0xff);
	set_gicr(vcpu, 0x10200, 1u << 5);
	set_gicr(vcpu, 0x10300, 1u << 20);
	set_gicr(vcpu, 0x10400, 0x08101820);
	fake.gic_regs->lines[0][0] = 1u << 27;
}

static struct fake_gic before;

static void expect_as_before(void)
{
	cr_assert_eq(memcmp(before.distributor, fake.gic_regs->distributor,
			     sizeof(before.distributor)),
		0);
	cr_assert_eq(memcmp(before.redistributors[0],
			     fake.gic_regs->redistributors[0],
			     sizeof(before.redistributors[0])),
		0);
	cr_assert_eq(memcmp(before.lines, fake.gic_regs->lines,
			     sizeof(before.lines)),
		0);
}

Test(gic_state, comes_back_in_another_vm)
{
	hv_vcpu_t vcpu = gic_vcpu_create();
	uint8_t *bytes;
	size_t size;

	fill(vcpu);
	bytes = save(&size);
	before = *fake.gic_regs;
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	gic_vm_create(false);
	vcpu = gic_vcpu_create();
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0), 0);
	/* What is to be overwritten: all that can be set is. */
	for (uint32_t reg = 0x84; reg < 0x100; reg += 4)
		set_gicd(reg, 0);
	for (uint32_t reg = 0x104; reg < 0x180; reg += 4)
		set_gicd(reg, UINT32_MAX);
	for (uint32_t reg = 0x304; reg < 0x380; reg += 4)
		set_gicd(reg, UINT32_MAX);
	cr_assert_eq(hv_gic_set_state(bytes, size), HV_SUCCESS);
	expect_as_before();
	free(bytes);
}

Test(gic_state, is_taken_and_set_while_no_guest_runs)
{
	uint8_t *bytes;
	size_t size;

	(void)gic_vcpu_create();
	fake.gic_regs->changed_unpaused = 0;
	bytes = save(&size);
	cr_assert_eq(hv_gic_set_state(bytes, size), HV_SUCCESS);
	cr_assert_eq(hv_gic_reset(), HV_SUCCESS);
	cr_assert_eq(fake.gic_regs->changed_unpaused, 0);
	cr_assert_eq(fake.paused, 0);
	cr_assert_eq(fake.calls[FAKE_PAUSE], fake.calls[FAKE_RESUME]);
	free(bytes);
}

Test(gic_state, has_a_redistributor_for_each_vcpu_there_is)
{
	uint8_t *none, *one;
	size_t n, m;

	none = save(&n);
	(void)gic_vcpu_create();
	one = save(&m);
	cr_assert_eq(n, hvt_gic_blob_size(0));
	cr_assert_eq(m, hvt_gic_blob_size(1));
	cr_assert_eq(hv_gic_set_state(none, n), HV_SUCCESS);
	free(none);
	free(one);
}

/* The VMM restores before it creates its vCPUs. */
Test(gic_state, waits_for_vcpus_that_come_later)
{
	hv_vcpu_t vcpu = gic_vcpu_create();
	uint8_t *bytes;
	size_t size;
	uint64_t v;

	fill(vcpu);
	bytes = save(&size);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	gic_vm_create(false);
	cr_assert_eq(hv_gic_set_state(bytes, size), HV_SUCCESS);
	vcpu = gic_vcpu_create();
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0), 0);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 0x10400, &v), 0);
	cr_assert_eq(v, 0x08101820);
	/* But not for those that come after these. */
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	vcpu = gic_vcpu_create();
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0), 0);
	cr_assert_eq(hv_gic_get_redistributor_reg(vcpu, 0x10400, &v), 0);
	cr_assert_eq(v, 0);
	free(bytes);
}

Test(gic_state, of_a_reset_gic_is_a_new_ones)
{
	hv_vcpu_t vcpu = gic_vcpu_create();

	before = *fake.gic_regs;
	fill(vcpu);
	cr_assert_eq(hv_gic_reset(), HV_SUCCESS);
	expect_as_before();
}

/* The id is given again, and with it what KVM has behind it. */
Test(gic_state, of_a_new_vcpu_is_not_its_predecessors)
{
	hv_vcpu_t vcpu = gic_vcpu_create();

	before = *fake.gic_regs;
	fill(vcpu);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(gic_vcpu_create(), vcpu);
	cr_assert_eq(memcmp(before.redistributors[0],
			     fake.gic_regs->redistributors[0],
			     sizeof(before.redistributors[0])),
		0);
	cr_assert_eq(fake.gic_regs->distributor[0x104 / 4], 0xf0,
		"the rest is left alone");
}

Test(gic_state, is_refused_where_it_is_not_one)
{
	uint8_t *bytes, *changed;
	size_t size;

	bytes = save(&size);
	before = *fake.gic_regs;
	cr_assert_eq(hv_gic_set_state(NULL, size), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_state(bytes, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_state(bytes, size - 1), HV_BAD_ARGUMENT);
	changed = malloc(size + 1);
	memcpy(changed, bytes, size);
	cr_assert_eq(hv_gic_set_state(changed, size + 1), HV_BAD_ARGUMENT);
	changed[0] ^= 1;
	cr_assert_eq(hv_gic_set_state(changed, size), HV_BAD_ARGUMENT);
	changed[0] ^= 1;
	changed[8] = 2;
	cr_assert_eq(hv_gic_set_state(changed, size), HV_BAD_ARGUMENT,
		"another version");
	expect_as_before();
	free(changed);
	free(bytes);
}

Test(gic_state, needs_a_gic)
{
	uint8_t *bytes;
	size_t size;

	bytes = save(&size);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_null(hv_gic_state_create());
		cr_assert_eq(hv_gic_set_state(bytes, size), HV_NO_DEVICE);
		cr_assert_eq(hv_gic_reset(), HV_NO_DEVICE);
		if (!i)
			cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	}
	free(bytes);
}

Test(gic_state, of_what_is_none_has_neither_size_nor_data)
{
	hv_gic_config_t config = hv_gic_config_create();
	hv_gic_state_t state = hv_gic_state_create();
	size_t size = 7;

	cr_assert_eq(hv_gic_state_get_size(NULL, &size), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_state_get_size(
			     (hv_gic_state_t)(void *)config, &size),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_state_get_size(state, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_state_get_data(NULL, &size), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_state_get_data(
			     (hv_gic_state_t)(void *)config, &size),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_state_get_data(state, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(size, 7);
	os_release(config);
	os_release(state);
}

Test(gic_state, is_not_there_when_the_engine_cannot)
{
	uint8_t *bytes;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;
	size_t size;

	bytes = save(&size);
	for (unsigned n = 1; n < 1400; n += 97) {
		fake_engine_fail(FAKE_GIC_GET, n, -EIO);
		cr_assert_null(hv_gic_state_create(), "%u", n);
		fake_engine_fail(FAKE_GIC_SET, n, -EIO);
		cr_assert_eq(hv_gic_set_state(bytes, size), HV_ERROR, "%u", n);
		fake_engine_fail(FAKE_GIC_SET, 1, -EIO);
		cr_assert_eq(hv_gic_reset(), HV_ERROR);
		cr_assert_eq(fake.paused, 0);
	}
	fake_engine_fail(FAKE_GIC_SET, 1, -EIO);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_ERROR);
	fake.fail_in = 0;
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS,
		"nothing was left behind");
	free(bytes);
}

/* The same calls, answered by a trace: no engine, no GIC. */

static uint8_t saved[2][8192];
static size_t saved_size[2];
static unsigned round_number;

static void script(void)
{
	hv_gic_state_t state;
	hv_gic_config_t c;
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;
	uint64_t v = 0;
	size_t *size = &saved_size[round_number];

	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	c = gic_config_at(GICD, GICR);
	cr_assert_eq(hv_gic_create(c), HV_SUCCESS);
	os_release(c);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_sys_reg(vcpu, HV_SYS_REG_MPIDR_EL1, 0), 0);
	set_gicd(0x104, 0x77);
	cr_assert_eq(hv_gic_get_distributor_reg(0x104, &v), HV_SUCCESS);
	cr_assert_eq(v, 0x77);
	state = hv_gic_state_create();
	cr_assert_not_null(state);
	cr_assert_eq(hv_gic_state_get_size(state, size), HV_SUCCESS);
	cr_assert_leq(*size, sizeof(saved[0]));
	cr_assert_eq(
		hv_gic_state_get_data(state, saved[round_number]), HV_SUCCESS);
	os_retain(state);
	os_release(state);
	os_release(state);
	cr_assert_eq(hv_gic_reset(), HV_SUCCESS);
	cr_assert_eq(
		hv_gic_set_state(saved[round_number], *size), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_state(saved[round_number], 3), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_null(hv_gic_state_create());
	round_number++;
}

Test(gic_state, is_the_recorded_one_in_a_replay)
{
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	record(script);
	replay(script, PATIENT);
	cr_assert_not(status.diverged, "%s", status.report);
	cr_assert(status.complete);
	cr_assert_eq(saved_size[0], hvt_gic_blob_size(1));
	cr_assert_eq(saved_size[1], saved_size[0]);
	cr_assert_eq(memcmp(saved[0], saved[1], saved_size[0]), 0);
}

static void script_other_state(void)
{
	saved[0][30] ^= 1;
	cr_assert_eq(hv_gic_set_state(saved[0], saved_size[0]), HV_ERROR);
}

static void script_state(void)
{
	cr_assert_eq(hv_gic_set_state(saved[0], saved_size[0]), HV_SUCCESS);
}

Test(gic_state, that_differs_is_a_divergence)
{
	uint8_t *bytes = save(&saved_size[0]);

	memcpy(saved[0], bytes, saved_size[0]);
	free(bytes);
	record(script_state);
	replay(script_other_state, PATIENT);
	expect_divergence(0, "gic_state_data");
}
