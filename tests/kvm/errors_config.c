/* SPDX-License-Identifier: MIT */
/* Rows of what needs no VM, and is the same with one. */
#include "errors.h"

#include <unistd.h>

#include <os/object.h>

static void vm_config_rows(void)
{
	hv_vm_config_t config = hv_vm_config_create();
	hv_gic_config_t gic = hv_gic_config_create();
	hv_vm_config_t other = (hv_vm_config_t)(void *)gic;

	ROW(hv_vm_get_max_vcpu_count(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_get_max_ipa_size(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_get_default_ipa_size(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_get_el2_supported(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_get_default_ipa_granule(NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vm_config_set_ipa_size(NULL, 36), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_set_ipa_size(other, 36), HV_BAD_ARGUMENT,
		"object_of_another_kind");
	ROW(hv_vm_config_set_ipa_size(config, 53), HV_UNSUPPORTED, "too_large");
	ROW(hv_vm_config_set_ipa_size(config, UINT32_MAX), HV_UNSUPPORTED,
		"too_large");
	ROW(hv_vm_config_get_ipa_size(NULL, &out.u32), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_get_ipa_size(config, NULL), HV_BAD_ARGUMENT,
		"null_result");
	ROW(hv_vm_config_get_el2_enabled(NULL, &out.flag), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vm_config_get_el2_enabled(config, NULL), HV_BAD_ARGUMENT,
		"null_result");
	ROW(hv_vm_config_set_el2_enabled(NULL, true), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_get_ipa_granule(NULL, &out.granule), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vm_config_get_ipa_granule(config, NULL), HV_BAD_ARGUMENT,
		"null_result");
	ROW(hv_vm_config_set_ipa_granule(NULL, HV_IPA_GRANULE_4KB),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_config_set_ipa_granule(config, 2), HV_BAD_ARGUMENT,
		"no_such_granule");
	os_release(gic);
	os_release(config);
}

/* Any size up to the largest is taken, and is read back: 0, too. */
static void ipa_size_rows(void)
{
	hv_vm_config_t config = hv_vm_config_create();
	uint32_t max = 0, same = 0;

	NEED(hv_vm_config_get_max_ipa_size(&max));
	for (uint32_t bits = 0; bits <= max; bits++) {
		NEED(hv_vm_config_set_ipa_size(config, bits));
		NEED(hv_vm_config_get_ipa_size(config, &out.u32));
		same += out.u32 == bits;
	}
	claim_equal(same, max + 1, "every_ipa_size_is_read_back");
	ROW(hv_vm_config_set_ipa_size(config, max + 1), HV_UNSUPPORTED,
		"the_first_that_is_too_large");
	ROW(hv_vm_config_get_ipa_size(config, &out.u32), HV_SUCCESS,
		"after_a_refusal");
	claim_equal(out.u32, max, "a_refused_ipa_size_changes_nothing");
	os_release(config);
}

static void vcpu_config_rows(void)
{
	hv_vcpu_config_t config = hv_vcpu_config_create();
	const hv_feature_reg_t dfr0 = HV_FEATURE_REG_ID_AA64DFR0_EL1;

	ROW(hv_vcpu_config_get_feature_reg(NULL, dfr0, &out.u64),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_config_get_feature_reg(config, dfr0, NULL),
		HV_BAD_ARGUMENT, "null_result");
	ROW(hv_vcpu_config_get_feature_reg(config,
		    HV_FEATURE_REG_ID_AA64MMFR4_EL1 + 1, &out.u64),
		HV_BAD_ARGUMENT, "no_such_register");
	ROW(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(NULL,
		    HV_CACHE_TYPE_DATA, out.values), HV_BAD_ARGUMENT, "null");
	ROW(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(config,
		    HV_CACHE_TYPE_DATA, NULL), HV_BAD_ARGUMENT, "null_result");
	ROW(hv_vcpu_config_get_ccsidr_el1_sys_reg_values(config,
		    HV_CACHE_TYPE_INSTRUCTION + 1, out.values),
		HV_BAD_ARGUMENT, "no_such_cache");
	os_release(config);
}

static void gic_config_rows(void)
{
	hv_gic_config_t config = hv_gic_config_create();

	ROW(hv_gic_config_set_distributor_base(NULL, 0), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_config_set_distributor_base(config, 0x8000), HV_BAD_ARGUMENT,
		"misaligned");
	ROW(hv_gic_config_set_distributor_base(config, -0x10000ull),
		HV_BAD_ARGUMENT, "wraps");
	ROW(hv_gic_config_set_distributor_base(config, 1ull << 60), HV_SUCCESS,
		"the_vm_is_not_looked_at");
	ROW(hv_gic_config_set_redistributor_base(NULL, 0), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_config_set_redistributor_base(config, 0x8000),
		HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_gic_config_set_redistributor_base(config, -0x10000ull),
		HV_BAD_ARGUMENT, "wraps");
	ROW(hv_gic_config_set_msi_region_base(NULL, 0), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_config_set_msi_region_base(config, 0x8000), HV_BAD_ARGUMENT,
		"misaligned");
	ROW(hv_gic_config_set_msi_region_base(config, -0x10000ull),
		HV_BAD_ARGUMENT, "wraps");
	ROW(hv_gic_config_set_msi_interrupt_range(NULL, 64, 1),
		HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_config_set_msi_interrupt_range(config, 31, 2),
		HV_BAD_ARGUMENT, "below_the_spis");
	ROW(hv_gic_config_set_msi_interrupt_range(config, 991, 2),
		HV_BAD_ARGUMENT, "beyond_the_spis");
	ROW(hv_gic_config_set_msi_interrupt_range(config, 64, UINT32_MAX),
		HV_BAD_ARGUMENT, "wraps");
	os_release(config);
}

static bool is_ppi_of_its_own(unsigned intid)
{
	return intid == HV_GIC_INT_PERFORMANCE_MONITOR ||
		(intid >= HV_GIC_INT_MAINTENANCE &&
			intid <= HV_GIC_INT_EL1_VIRTUAL_TIMER) ||
		intid == HV_GIC_INT_EL1_PHYSICAL_TIMER;
}

static void gic_parameter_rows(void)
{
	ROW(hv_gic_get_distributor_size(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_distributor_base_alignment(NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_redistributor_region_size(NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_redistributor_size(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_redistributor_base_alignment(NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_msi_region_size(NULL), HV_BAD_ARGUMENT, "null");
	ROW(hv_gic_get_msi_region_base_alignment(NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_spi_interrupt_range(NULL, &out.u32), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_spi_interrupt_range(&out.u32, NULL), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_gic_get_intid(HV_GIC_INT_MAINTENANCE, NULL), HV_BAD_ARGUMENT,
		"null");
	for (unsigned intid = 0; intid < 64; intid++)
		ROW(hv_gic_get_intid((hv_gic_intid_t)intid, &out.u32),
			is_ppi_of_its_own(intid) ? HV_SUCCESS :
						   HV_BAD_ARGUMENT,
			"only_five_are_named");
	ROW(hv_gic_get_intid(24, &out.u32), HV_BAD_ARGUMENT, "no_such_ppi");
}

static void host_memory_rows(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = NULL;

	ROW(hv_vm_allocate(NULL, page, HV_ALLOCATE_DEFAULT), HV_BAD_ARGUMENT,
		"null");
	ROW(hv_vm_allocate(&out.pointer, 0, HV_ALLOCATE_DEFAULT),
		HV_BAD_ARGUMENT, "nothing");
	ROW(hv_vm_allocate(&out.pointer, page + 1, HV_ALLOCATE_DEFAULT),
		HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_allocate(&out.pointer, page, 1), HV_BAD_ARGUMENT, "flags");
	ROW(hv_vm_allocate(&out.pointer, 1ull << 62, HV_ALLOCATE_DEFAULT),
		HV_NO_RESOURCES, "more_than_there_is");
	NEED(hv_vm_allocate(&memory, 2 * page, HV_ALLOCATE_DEFAULT));
	ROW(hv_vm_deallocate(NULL, page), HV_BAD_ARGUMENT, "null");
	ROW(hv_vm_deallocate(memory, 0), HV_BAD_ARGUMENT, "nothing");
	ROW(hv_vm_deallocate(memory, page + 1), HV_BAD_ARGUMENT, "misaligned");
	ROW(hv_vm_deallocate((uint8_t *)memory + 1, page), HV_BAD_ARGUMENT,
		"misaligned");
	*(volatile uint8_t *)memory = 1;
	NEED(hv_vm_deallocate(memory, 2 * page));
	ROW(hv_vm_deallocate(memory, 2 * page), HV_BAD_ARGUMENT, "twice");
}

void config_rows(void)
{
	vm_config_rows();
	ipa_size_rows();
	vcpu_config_rows();
	gic_config_rows();
	gic_parameter_rows();
	host_memory_rows();
}
