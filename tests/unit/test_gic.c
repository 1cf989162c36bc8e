/* SPDX-License-Identifier: MIT */
/* The GIC: figures, creation, SPIs, and what it takes away. */
#include <errno.h>
#include <string.h>

#include "gic_vm.h"

static void set_up(void)
{
	fake_engine_install();
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
}

TestSuite(gic, .init = set_up);

Test(gic, gets_the_addresses_it_was_configured_with)
{
	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
	cr_assert_eq(fake.gic_params.distributor_base, GICD);
	cr_assert_eq(fake.gic_params.redistributor_base, GICR);
	cr_assert_eq(fake.gic_params.spi_base, 32);
}

Test(gic, is_one_per_vm)
{
	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_EXISTS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
}

Test(gic, comes_before_the_first_vcpu)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;

	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_BUSY);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
}

Test(gic, refuses_regions_that_overlap)
{
	cr_assert_eq(gic_create_at(GICD, GICD), HV_BAD_ARGUMENT);
	cr_assert_eq(gic_create_at(GICR + 0x10000, GICR), HV_BAD_ARGUMENT);
	cr_assert_eq(fake.calls[FAKE_GIC_CREATE], 0);
}

Test(gic, refuses_addresses_never_set)
{
	hv_gic_config_t c = hv_gic_config_create();

	cr_assert_eq(hv_gic_create(c), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_config_set_distributor_base(c, GICD), HV_SUCCESS);
	cr_assert_eq(hv_gic_create(c), HV_BAD_ARGUMENT, "no redistributors");
	os_release(c);
	c = hv_gic_config_create();
	cr_assert_eq(hv_gic_config_set_redistributor_base(c, GICR), HV_SUCCESS);
	cr_assert_eq(hv_gic_create(c), HV_BAD_ARGUMENT, "no distributor");
	os_release(c);
}

Test(gic, refuses_addresses_beyond_the_vm)
{
	uint64_t end = 1ull << 36;

	cr_assert_eq(gic_create_at(end, GICR), HV_BAD_ARGUMENT);
	cr_assert_eq(gic_create_at(GICD, end), HV_BAD_ARGUMENT);
	cr_assert_eq(gic_create_at(1ull << 60, GICR), HV_BAD_ARGUMENT);
}

Test(gic, refuses_what_is_no_gic_configuration)
{
	hv_vm_config_t wrong = hv_vm_config_create();

	cr_assert_eq(hv_gic_create(NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_gic_create((hv_gic_config_t)(void *)wrong), HV_BAD_ARGUMENT);
	os_release(wrong);
}

/* A base alone, or a range alone, are no MSIs. */
Test(gic, has_msis_if_both_base_and_range_are_set)
{
	uint64_t v;

	for (unsigned set = 0; set < 4; set++) {
		hv_gic_config_t c = gic_config_at(GICD, GICR);
		bool both = set == 3;

		if (set & 1)
			(void)hv_gic_config_set_msi_region_base(c, GICM);
		if (set & 2)
			(void)hv_gic_config_set_msi_interrupt_range(
				c, MSI_FIRST, MSI_COUNT);
		cr_assert_eq(hv_gic_create(c), HV_SUCCESS);
		os_release(c);
		cr_assert_eq(fake.gic_params.msi_intid_count,
			both ? MSI_COUNT : 0);
		cr_assert_eq(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &v),
			both ? HV_SUCCESS : HV_NO_DEVICE);
		cr_assert_eq(
			hv_gic_set_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, 64),
			both ? HV_SUCCESS : HV_NO_DEVICE);
		cr_assert_eq(hv_gic_send_msi(GICM + 0x40, MSI_FIRST),
			both ? HV_SUCCESS : HV_BAD_ARGUMENT);
		cr_assert_eq(hv_gic_set_spi(MSI_FIRST, true),
			both ? HV_BAD_ARGUMENT : HV_SUCCESS);
		cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
		cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	}
}

Test(gic, refuses_an_msi_frame_that_overlaps)
{
	static const uint64_t bases[] = { GICD, GICR, GICR + 0x10000,
		1ull << 36 };

	for (unsigned i = 0; i < 4; i++) {
		hv_gic_config_t c = gic_config_at(GICD, GICR);

		(void)hv_gic_config_set_msi_region_base(c, bases[i]);
		(void)hv_gic_config_set_msi_interrupt_range(c, 64, 1);
		cr_assert_eq(hv_gic_create(c), HV_BAD_ARGUMENT, "%u", i);
		os_release(c);
	}
	cr_assert_eq(fake.calls[FAKE_GIC_CREATE], 0);
}

Test(gic, makes_an_edge_of_an_msi)
{
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	gic_vm_create(false);
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t intid = MSI_FIRST + i * (MSI_COUNT - 1);

		cr_assert_eq(hv_gic_send_msi(GICM + 0x40, intid), HV_SUCCESS);
		cr_assert_eq(fake.spi, intid);
		cr_assert_not(fake.spi_level, "up and down again");
		cr_assert_eq(fake.spi_rises, 2 * i + 1);
		cr_assert_eq(hv_gic_set_msi_reg(
				     HV_GIC_REG_GICM_SET_SPI_NSR, intid),
			HV_SUCCESS);
		cr_assert_eq(fake.spi_rises, 2 * i + 2);
	}
	fake_engine_fail(FAKE_GIC_SET_SPI, 1, -EIO);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, MSI_FIRST), HV_ERROR);
}

Test(gic, takes_msis_at_their_address_and_of_their_range_only)
{
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, MSI_FIRST), HV_NO_DEVICE);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, MSI_FIRST), HV_NO_DEVICE);
	gic_vm_create(false);
	cr_assert_eq(hv_gic_send_msi(GICM, MSI_FIRST), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x44, MSI_FIRST), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_gic_send_msi(GICM + 0x40, MSI_FIRST - 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, MSI_FIRST + MSI_COUNT),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_send_msi(GICM + 0x40, UINT32_MAX), HV_BAD_ARGUMENT);
	/* What a bus would drop is dropped, and is no error. */
	cr_assert_eq(hv_gic_set_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, 33),
		HV_SUCCESS);
	cr_assert_eq(
		hv_gic_set_msi_reg(HV_GIC_REG_GICM_TYPER, 1), HV_SUCCESS);
	cr_assert_eq(fake.spi_rises, 0);
	cr_assert_eq(hv_gic_set_spi(MSI_FIRST, true), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_gic_set_spi(MSI_FIRST + MSI_COUNT - 1, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_spi(MSI_FIRST - 1, true), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_spi(MSI_FIRST + MSI_COUNT, true), HV_SUCCESS);
}

Test(gic, tells_of_its_msis_as_a_gicv2m_does)
{
	uint64_t v = 1;

	cr_assert_eq(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &v),
		HV_NO_DEVICE, "no GIC yet");
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	gic_vm_create(false);
	cr_assert_eq(
		hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, &v), HV_SUCCESS);
	cr_assert_eq(v, MSI_FIRST << 16 | MSI_COUNT);
	cr_assert_eq(hv_gic_get_msi_reg(HV_GIC_REG_GICM_SET_SPI_NSR, &v),
		HV_SUCCESS);
	cr_assert_eq(v, 0);
	cr_assert_eq(hv_gic_get_msi_reg(0x44, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_msi_reg(0x44, 1), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_get_msi_reg(HV_GIC_REG_GICM_TYPER, NULL),
		HV_BAD_ARGUMENT);
}

Test(gic, is_not_there_when_the_engine_cannot)
{
	fake_engine_fail(FAKE_GIC_CREATE, 1, -EOPNOTSUPP);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_UNSUPPORTED);
	cr_assert_eq(hv_gic_set_spi(32, true), HV_NO_DEVICE);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
}

Test(gic, takes_levels_of_spis_only)
{
	uint32_t base, count;

	cr_assert_eq(hv_gic_set_spi(32, true), HV_NO_DEVICE, "no GIC yet");
	cr_assert_eq(hv_gic_get_spi_interrupt_range(&base, &count), HV_SUCCESS);
	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_spi(base, true), HV_SUCCESS);
	cr_assert_eq(fake.spi, base);
	cr_assert(fake.spi_level);
	cr_assert_eq(hv_gic_set_spi(base + count - 1, false), HV_SUCCESS);
	cr_assert_eq(fake.spi, base + count - 1);
	cr_assert_not(fake.spi_level);
	cr_assert_eq(hv_gic_set_spi(base - 1, true), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_spi(base + count, true), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_set_spi(UINT32_MAX, true), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_gic_set_spi(base, true), HV_NO_DEVICE);
}

Test(gic, takes_the_interrupt_lines_away)
{
	hv_vcpu_exit_t *exit;
	hv_vcpu_t vcpu;
	bool b;

	cr_assert_eq(gic_create_at(GICD, GICR), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(
		hv_vcpu_set_pending_interrupt(vcpu, 0, true), HV_UNSUPPORTED);
	cr_assert_eq(
		hv_vcpu_get_pending_interrupt(vcpu, 0, &b), HV_UNSUPPORTED);
	cr_assert_eq(hv_vcpu_destroy(vcpu), HV_SUCCESS);
	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	cr_assert_eq(hv_vm_create(NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
	cr_assert_eq(hv_vcpu_set_pending_interrupt(vcpu, 0, true), HV_SUCCESS,
		"the next VM has none");
}

Test(gic, has_fixed_figures_that_need_no_vm)
{
	size_t v;
	static const struct {
		hv_return_t (*get)(size_t *);
		size_t want;
	} rows[] = {
		{ hv_gic_get_distributor_size, 0x10000 },
		{ hv_gic_get_distributor_base_alignment, 0x10000 },
		{ hv_gic_get_redistributor_region_size, 0x2000000 },
		{ hv_gic_get_redistributor_size, 0x20000 },
		{ hv_gic_get_redistributor_base_alignment, 0x10000 },
		{ hv_gic_get_msi_region_size, 0x10000 },
		{ hv_gic_get_msi_region_base_alignment, 0x10000 },
	};

	cr_assert_eq(hv_vm_destroy(), HV_SUCCESS);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert_eq(rows[i].get(&v), HV_SUCCESS);
		cr_assert_eq(v, rows[i].want, "row %u", i);
		cr_assert_eq(rows[i].get(NULL), HV_BAD_ARGUMENT);
	}
	cr_assert_eq(
		hv_gic_get_spi_interrupt_range(NULL, NULL), HV_BAD_ARGUMENT);
}

Test(gic, names_the_private_interrupts)
{
	static const hv_gic_intid_t ids[] = { 23, 25, 26, 27, 30 };
	uint32_t got;

	for (unsigned id = 0; id < 64; id++) {
		bool is = false;

		for (unsigned i = 0; i < 5; i++)
			is |= ids[i] == id;
		got = 0;
		cr_assert_eq(hv_gic_get_intid(id, &got),
			is ? HV_SUCCESS : HV_BAD_ARGUMENT);
		cr_assert_eq(got, is ? id : 0);
	}
	cr_assert_eq(hv_gic_get_intid(27, NULL), HV_BAD_ARGUMENT);
}
