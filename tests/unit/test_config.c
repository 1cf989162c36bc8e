/* SPDX-License-Identifier: MIT */
/* Configurations: what is set is what is got, and nothing needs a VM. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fake_engine.h"

static hv_vm_config_t vm;
static hv_vcpu_config_t vcpu;
static hv_gic_config_t gic;

static void set_up(void)
{
	fake_engine_install();
	vm = hv_vm_config_create();
	vcpu = hv_vcpu_config_create();
	gic = hv_gic_config_create();
}

static void tear_down(void)
{
	os_release(vm);
	os_release(vcpu);
	os_release(gic);
}

TestSuite(config, .init = set_up, .fini = tear_down);

Test(config, address_size_is_kept_as_it_was_set)
{
	uint32_t bits = 1;

	cr_assert_eq(hv_vm_config_get_ipa_size(vm, &bits), HV_SUCCESS);
	cr_assert_eq(bits, 0);
	for (uint32_t want = 0; want <= 40; want++) {
		cr_assert_eq(hv_vm_config_set_ipa_size(vm, want), HV_SUCCESS);
		cr_assert_eq(hv_vm_config_get_ipa_size(vm, &bits), HV_SUCCESS);
		cr_assert_eq(bits, want);
	}
	cr_assert_eq(hv_vm_config_set_ipa_size(vm, 41), HV_UNSUPPORTED);
	cr_assert_eq(hv_vm_config_set_ipa_size(vm, UINT32_MAX), HV_UNSUPPORTED);
	cr_assert_eq(hv_vm_config_get_ipa_size(vm, &bits), HV_SUCCESS);
	cr_assert_eq(bits, 40, "as it was");
	cr_assert_eq(hv_vm_config_set_ipa_size(NULL, 36), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_get_ipa_size(NULL, &bits), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_get_ipa_size(vm, NULL), HV_BAD_ARGUMENT);
}

Test(config, address_size_has_a_default_and_a_maximum)
{
	uint32_t bits;

	cr_assert_eq(hv_vm_config_get_max_ipa_size(&bits), HV_SUCCESS);
	cr_assert_eq(bits, 40);
	cr_assert_eq(hv_vm_config_get_default_ipa_size(&bits), HV_SUCCESS);
	cr_assert_eq(bits, 36);
	fake.max_ipa_bits = 32;
	cr_assert_eq(hv_vm_config_get_default_ipa_size(&bits), HV_SUCCESS);
	cr_assert_eq(bits, 32);
	cr_assert_eq(hv_vm_config_get_max_ipa_size(NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_get_default_ipa_size(NULL), HV_BAD_ARGUMENT);
	fake_engine_fail(FAKE_MAX_IPA_BITS, 1, -EACCES);
	cr_assert_eq(hv_vm_config_get_max_ipa_size(&bits), HV_DENIED);
	fake_engine_fail(FAKE_MAX_IPA_BITS, 1, -EACCES);
	cr_assert_eq(hv_vm_config_get_default_ipa_size(&bits), HV_DENIED);
}

Test(config, el2_is_off_unless_set)
{
	bool on = true;

	cr_assert_eq(hv_vm_config_get_el2_supported(&on), HV_SUCCESS);
	cr_assert_not(on);
	on = true;
	cr_assert_eq(hv_vm_config_get_el2_enabled(vm, &on), HV_SUCCESS);
	cr_assert_not(on);
	cr_assert_eq(hv_vm_config_set_el2_enabled(vm, true), HV_SUCCESS);
	cr_assert_eq(hv_vm_config_get_el2_enabled(vm, &on), HV_SUCCESS);
	cr_assert(on);
	cr_assert_eq(hv_vm_config_get_el2_supported(NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_get_el2_enabled(vm, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_get_el2_enabled(NULL, &on), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_set_el2_enabled(NULL, on), HV_BAD_ARGUMENT);
}

Test(config, el2_is_supported_where_the_engine_can)
{
	bool on = false;

	fake.el2_supported = true;
	cr_assert_eq(hv_vm_config_get_el2_supported(&on), HV_SUCCESS);
	cr_assert(on);
	fake_engine_fail(FAKE_EL2_SUPPORTED, 1, -EACCES);
	cr_assert_eq(hv_vm_config_get_el2_supported(&on), HV_DENIED);
	hvt_backend_set_engine(NULL);
	cr_assert_eq(hv_vm_config_get_el2_supported(&on), HV_UNSUPPORTED);
}

Test(config, granule_is_one_of_two)
{
	hv_ipa_granule_t granule = 9;

	cr_assert_eq(
		hv_vm_config_get_default_ipa_granule(&granule), HV_SUCCESS);
	cr_assert_eq(granule, HV_IPA_GRANULE_16KB);
	cr_assert_eq(hv_vm_config_get_ipa_granule(vm, &granule), HV_SUCCESS);
	cr_assert_eq(granule, HV_IPA_GRANULE_16KB);
	cr_assert_eq(hv_vm_config_set_ipa_granule(vm, HV_IPA_GRANULE_4KB),
		HV_SUCCESS);
	cr_assert_eq(hv_vm_config_get_ipa_granule(vm, &granule), HV_SUCCESS);
	cr_assert_eq(granule, HV_IPA_GRANULE_4KB);
	cr_assert_eq(hv_vm_config_set_ipa_granule(vm, 2), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_set_ipa_granule(NULL, 0), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vm_config_get_ipa_granule(NULL, &granule), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vm_config_get_ipa_granule(vm, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vm_config_get_default_ipa_granule(NULL), HV_BAD_ARGUMENT);
}

Test(config, feature_registers_are_the_engines)
{
	uint64_t v;

	for (hv_feature_reg_t reg = 0; reg <= 17; reg++) {
		cr_assert_eq(hv_vcpu_config_get_feature_reg(vcpu, reg, &v),
			HV_SUCCESS);
		cr_assert_eq(v, 0x1000 + reg);
	}
	cr_assert_eq(
		hv_vcpu_config_get_feature_reg(vcpu, 18, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_config_get_feature_reg(vcpu, 0, NULL), HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_vcpu_config_get_feature_reg(NULL, 0, &v), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_config_get_feature_reg(
			     (hv_vcpu_config_t)(void *)vm, 0, &v),
		HV_BAD_ARGUMENT);
	fake_engine_fail(FAKE_FEATURE_REG, 1, -ENOENT);
	cr_assert_eq(
		hv_vcpu_config_get_feature_reg(vcpu, 0, &v), HV_UNSUPPORTED);
	hvt_backend_set_engine(NULL);
	cr_assert_eq(
		hv_vcpu_config_get_feature_reg(vcpu, 0, &v), HV_UNSUPPORTED);
}

Test(config, gic_addresses_are_aligned_and_do_not_wrap)
{
	static hv_return_t (*const set[])(hv_gic_config_t, hv_ipa_t) = {
		hv_gic_config_set_distributor_base,
		hv_gic_config_set_redistributor_base,
		hv_gic_config_set_msi_region_base,
	};
	static const uint64_t sizes[] = { 0x10000, 0x2000000, 0x10000 };

	for (unsigned i = 0; i < 3; i++) {
		cr_assert_eq(set[i](gic, 0x10000), HV_SUCCESS);
		cr_assert_eq(set[i](gic, 0x10001), HV_BAD_ARGUMENT);
		cr_assert_eq(set[i](gic, 0x18000), HV_BAD_ARGUMENT);
		cr_assert_eq(set[i](gic, 0 - 2 * sizes[i]), HV_SUCCESS);
		if (sizes[i] > 0x10000)
			cr_assert_eq(set[i](gic, 0 - sizes[i] + 0x10000),
				HV_BAD_ARGUMENT);
		cr_assert_eq(set[i](NULL, 0x10000), HV_BAD_ARGUMENT);
		cr_assert_eq(set[i]((hv_gic_config_t)(void *)vm, 0x10000),
			HV_BAD_ARGUMENT);
	}
}

Test(config, msi_range_lies_within_the_spis)
{
	uint32_t base, count;

	cr_assert_eq(hv_gic_get_spi_interrupt_range(&base, &count), HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_msi_interrupt_range(gic, base, count),
		HV_SUCCESS);
	cr_assert_eq(
		hv_gic_config_set_msi_interrupt_range(gic, base + count - 1, 1),
		HV_SUCCESS);
	cr_assert_eq(hv_gic_config_set_msi_interrupt_range(gic, base - 1, 1),
		HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_gic_config_set_msi_interrupt_range(gic, base, count + 1),
		HV_BAD_ARGUMENT);
	cr_assert_eq(
		hv_gic_config_set_msi_interrupt_range(gic, base + count, 1),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_config_set_msi_interrupt_range(
			     gic, base + 1, UINT32_MAX),
		HV_BAD_ARGUMENT);
	cr_assert_eq(hv_gic_config_set_msi_interrupt_range(NULL, base, 1),
		HV_BAD_ARGUMENT);
}

Test(config, tells_the_caches_of_each_kind)
{
	uint64_t values[8];

	for (hv_cache_type_t type = 0; type < 2; type++) {
		cr_assert_eq(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(
				     vcpu, type, values), HV_SUCCESS);
		for (unsigned i = 0; i < 8; i++)
			cr_assert_eq(values[i], 0x7000 + 0x100 * type + i);
	}
	cr_assert_eq(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(
			     vcpu, 2, values), HV_BAD_ARGUMENT);
	cr_assert_eq(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(
			     vcpu, 0, NULL), HV_BAD_ARGUMENT);
	fake_engine_fail(FAKE_CCSIDR, 1, -ENODEV);
	cr_assert_eq(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(
			     vcpu, 0, values), HV_NO_DEVICE);
	cr_assert_eq(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(
			     NULL, 0, values), HV_BAD_ARGUMENT);
}
