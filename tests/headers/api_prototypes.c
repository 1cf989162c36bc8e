/* SPDX-License-Identifier: MIT */
/*
 * Every function of the API is declared, with the prototype it has on a Mac:
 * its address fits a pointer of that type.
 */
/* clang-format off */
#include "facts.h"

#include <libkern/OSCacheControl.h>
#include <mach/mach_error.h>
#include <mach/mach_time.h>

#define FUNCTION(result, name, ...)                                          \
	extern result (*const address_of_##name)(__VA_ARGS__);               \
	result (*const address_of_##name)(__VA_ARGS__) = name

/* hv_vm.h */
FUNCTION(hv_return_t, hv_vm_get_max_vcpu_count, uint32_t *);
FUNCTION(hv_return_t, hv_vm_create, hv_vm_config_t);
FUNCTION(hv_return_t, hv_vm_destroy, void);
FUNCTION(hv_return_t, hv_vm_map, void *, hv_ipa_t, size_t, hv_memory_flags_t);
FUNCTION(hv_return_t, hv_vm_unmap, hv_ipa_t, size_t);
FUNCTION(hv_return_t, hv_vm_protect, hv_ipa_t, size_t, hv_memory_flags_t);

/* hv_vm_allocate.h */
FUNCTION(hv_return_t, hv_vm_allocate, void **, size_t, hv_allocate_flags_t);
FUNCTION(hv_return_t, hv_vm_deallocate, void *, size_t);

/* hv_vm_config.h */
FUNCTION(hv_vm_config_t, hv_vm_config_create, void);
FUNCTION(hv_return_t, hv_vm_config_get_max_ipa_size, uint32_t *);
FUNCTION(hv_return_t, hv_vm_config_get_default_ipa_size, uint32_t *);
FUNCTION(hv_return_t, hv_vm_config_set_ipa_size, hv_vm_config_t, uint32_t);
FUNCTION(hv_return_t, hv_vm_config_get_ipa_size, hv_vm_config_t, uint32_t *);
FUNCTION(hv_return_t, hv_vm_config_get_el2_supported, bool *);
FUNCTION(hv_return_t, hv_vm_config_get_el2_enabled, hv_vm_config_t, bool *);
FUNCTION(hv_return_t, hv_vm_config_set_el2_enabled, hv_vm_config_t, bool);
FUNCTION(hv_return_t, hv_vm_config_get_default_ipa_granule, hv_ipa_granule_t *);
FUNCTION(hv_return_t, hv_vm_config_get_ipa_granule, hv_vm_config_t,
	 hv_ipa_granule_t *);
FUNCTION(hv_return_t, hv_vm_config_set_ipa_granule, hv_vm_config_t,
	 hv_ipa_granule_t);

/* hv_vcpu_config.h */
FUNCTION(hv_vcpu_config_t, hv_vcpu_config_create, void);
FUNCTION(hv_return_t, hv_vcpu_config_get_feature_reg, hv_vcpu_config_t,
	 hv_feature_reg_t, uint64_t *);
FUNCTION(hv_return_t, hv_vcpu_config_get_ccsidr_el1_sys_reg_values,
	 hv_vcpu_config_t, hv_cache_type_t, uint64_t *);

/* hv_vcpu.h */
FUNCTION(hv_return_t, hv_vcpu_create, hv_vcpu_t *, hv_vcpu_exit_t **,
	 hv_vcpu_config_t);
FUNCTION(hv_return_t, hv_vcpu_destroy, hv_vcpu_t);
FUNCTION(hv_return_t, hv_vcpu_get_reg, hv_vcpu_t, hv_reg_t, uint64_t *);
FUNCTION(hv_return_t, hv_vcpu_set_reg, hv_vcpu_t, hv_reg_t, uint64_t);
FUNCTION(hv_return_t, hv_vcpu_get_simd_fp_reg, hv_vcpu_t, hv_simd_fp_reg_t,
	 hv_simd_fp_uchar16_t *);
FUNCTION(hv_return_t, hv_vcpu_set_simd_fp_reg, hv_vcpu_t, hv_simd_fp_reg_t,
	 hv_simd_fp_uchar16_t);
FUNCTION(hv_return_t, hv_vcpu_get_sme_state, hv_vcpu_t, hv_vcpu_sme_state_t *);
FUNCTION(hv_return_t, hv_vcpu_set_sme_state, hv_vcpu_t,
	 const hv_vcpu_sme_state_t *);
FUNCTION(hv_return_t, hv_vcpu_get_sme_z_reg, hv_vcpu_t, hv_sme_z_reg_t,
	 uint8_t *, size_t);
FUNCTION(hv_return_t, hv_vcpu_set_sme_z_reg, hv_vcpu_t, hv_sme_z_reg_t,
	 const uint8_t *, size_t);
FUNCTION(hv_return_t, hv_vcpu_get_sme_p_reg, hv_vcpu_t, hv_sme_p_reg_t,
	 uint8_t *, size_t);
FUNCTION(hv_return_t, hv_vcpu_set_sme_p_reg, hv_vcpu_t, hv_sme_p_reg_t,
	 const uint8_t *, size_t);
FUNCTION(hv_return_t, hv_vcpu_get_sme_za_reg, hv_vcpu_t, uint8_t *, size_t);
FUNCTION(hv_return_t, hv_vcpu_set_sme_za_reg, hv_vcpu_t, const uint8_t *,
	 size_t);
FUNCTION(hv_return_t, hv_vcpu_get_sme_zt0_reg, hv_vcpu_t,
	 hv_sme_zt0_uchar64_t *);
FUNCTION(hv_return_t, hv_vcpu_set_sme_zt0_reg, hv_vcpu_t,
	 const hv_sme_zt0_uchar64_t *);
FUNCTION(hv_return_t, hv_vcpu_get_sys_reg, hv_vcpu_t, hv_sys_reg_t, uint64_t *);
FUNCTION(hv_return_t, hv_vcpu_set_sys_reg, hv_vcpu_t, hv_sys_reg_t, uint64_t);
FUNCTION(hv_return_t, hv_vcpu_get_serror, hv_vcpu_t, bool *);
FUNCTION(hv_return_t, hv_vcpu_set_serror, hv_vcpu_t, bool);
FUNCTION(hv_return_t, hv_vcpu_get_pending_interrupt, hv_vcpu_t,
	 hv_interrupt_type_t, bool *);
FUNCTION(hv_return_t, hv_vcpu_set_pending_interrupt, hv_vcpu_t,
	 hv_interrupt_type_t, bool);
FUNCTION(hv_return_t, hv_vcpu_get_trap_debug_exceptions, hv_vcpu_t, bool *);
FUNCTION(hv_return_t, hv_vcpu_set_trap_debug_exceptions, hv_vcpu_t, bool);
FUNCTION(hv_return_t, hv_vcpu_get_trap_debug_reg_accesses, hv_vcpu_t, bool *);
FUNCTION(hv_return_t, hv_vcpu_set_trap_debug_reg_accesses, hv_vcpu_t, bool);
FUNCTION(hv_return_t, hv_vcpu_run, hv_vcpu_t);
FUNCTION(hv_return_t, hv_vcpus_exit, hv_vcpu_t *, uint32_t);
FUNCTION(hv_return_t, hv_vcpu_get_exec_time, hv_vcpu_t, uint64_t *);
FUNCTION(hv_return_t, hv_vcpu_get_wait_for_interrupt_time, hv_vcpu_t,
	 uint64_t *);
FUNCTION(hv_return_t, hv_vcpu_get_vtimer_mask, hv_vcpu_t, bool *);
FUNCTION(hv_return_t, hv_vcpu_set_vtimer_mask, hv_vcpu_t, bool);
FUNCTION(hv_return_t, hv_vcpu_get_vtimer_offset, hv_vcpu_t, uint64_t *);
FUNCTION(hv_return_t, hv_vcpu_set_vtimer_offset, hv_vcpu_t, uint64_t);
FUNCTION(hv_return_t, hv_vcpu_invalidate_tlb, hv_vcpu_t, hv_tlbi_op_t,
	 uint64_t);

/* hv_sme_config.h */
FUNCTION(hv_return_t, hv_sme_config_get_max_svl_bytes, size_t *);

/* hv_gic_config.h */
FUNCTION(hv_gic_config_t, hv_gic_config_create, void);
FUNCTION(hv_return_t, hv_gic_config_set_distributor_base, hv_gic_config_t,
	 hv_ipa_t);
FUNCTION(hv_return_t, hv_gic_config_set_redistributor_base, hv_gic_config_t,
	 hv_ipa_t);
FUNCTION(hv_return_t, hv_gic_config_set_msi_region_base, hv_gic_config_t,
	 hv_ipa_t);
FUNCTION(hv_return_t, hv_gic_config_set_msi_interrupt_range, hv_gic_config_t,
	 uint32_t, uint32_t);

/* hv_gic_parameters.h */
FUNCTION(hv_return_t, hv_gic_get_distributor_size, size_t *);
FUNCTION(hv_return_t, hv_gic_get_distributor_base_alignment, size_t *);
FUNCTION(hv_return_t, hv_gic_get_redistributor_region_size, size_t *);
FUNCTION(hv_return_t, hv_gic_get_redistributor_size, size_t *);
FUNCTION(hv_return_t, hv_gic_get_redistributor_base_alignment, size_t *);
FUNCTION(hv_return_t, hv_gic_get_msi_region_size, size_t *);
FUNCTION(hv_return_t, hv_gic_get_msi_region_base_alignment, size_t *);
FUNCTION(hv_return_t, hv_gic_get_spi_interrupt_range, uint32_t *, uint32_t *);
FUNCTION(hv_return_t, hv_gic_get_intid, hv_gic_intid_t, uint32_t *);

/* hv_gic.h */
FUNCTION(hv_return_t, hv_gic_create, hv_gic_config_t);
FUNCTION(hv_return_t, hv_gic_set_spi, uint32_t, bool);
FUNCTION(hv_return_t, hv_gic_send_msi, hv_ipa_t, uint32_t);
FUNCTION(hv_return_t, hv_gic_get_distributor_reg, hv_gic_distributor_reg_t,
	 uint64_t *);
FUNCTION(hv_return_t, hv_gic_set_distributor_reg, hv_gic_distributor_reg_t,
	 uint64_t);
FUNCTION(hv_return_t, hv_gic_get_redistributor_base, hv_vcpu_t, hv_ipa_t *);
FUNCTION(hv_return_t, hv_gic_get_redistributor_reg, hv_vcpu_t,
	 hv_gic_redistributor_reg_t, uint64_t *);
FUNCTION(hv_return_t, hv_gic_set_redistributor_reg, hv_vcpu_t,
	 hv_gic_redistributor_reg_t, uint64_t);
FUNCTION(hv_return_t, hv_gic_get_icc_reg, hv_vcpu_t, hv_gic_icc_reg_t,
	 uint64_t *);
FUNCTION(hv_return_t, hv_gic_set_icc_reg, hv_vcpu_t, hv_gic_icc_reg_t,
	 uint64_t);
FUNCTION(hv_return_t, hv_gic_get_ich_reg, hv_vcpu_t, hv_gic_ich_reg_t,
	 uint64_t *);
FUNCTION(hv_return_t, hv_gic_set_ich_reg, hv_vcpu_t, hv_gic_ich_reg_t,
	 uint64_t);
FUNCTION(hv_return_t, hv_gic_get_icv_reg, hv_vcpu_t, hv_gic_icv_reg_t,
	 uint64_t *);
FUNCTION(hv_return_t, hv_gic_set_icv_reg, hv_vcpu_t, hv_gic_icv_reg_t,
	 uint64_t);
FUNCTION(hv_return_t, hv_gic_get_msi_reg, hv_gic_msi_reg_t, uint64_t *);
FUNCTION(hv_return_t, hv_gic_set_msi_reg, hv_gic_msi_reg_t, uint64_t);
FUNCTION(hv_return_t, hv_gic_set_state, const void *, size_t);
FUNCTION(hv_return_t, hv_gic_reset, void);

/* hv_gic_state.h */
FUNCTION(hv_gic_state_t, hv_gic_state_create, void);
FUNCTION(hv_return_t, hv_gic_state_get_size, hv_gic_state_t, size_t *);
FUNCTION(hv_return_t, hv_gic_state_get_data, hv_gic_state_t, void *);

/* Companions */
FUNCTION(void *, os_retain, void *);
FUNCTION(void, os_release, void *);
FUNCTION(uint64_t, mach_absolute_time, void);
FUNCTION(uint64_t, mach_continuous_time, void);
FUNCTION(kern_return_t, mach_timebase_info, mach_timebase_info_t);
FUNCTION(char *, mach_error_string, mach_error_t);
FUNCTION(void, sys_icache_invalidate, void *, size_t);
FUNCTION(void, sys_dcache_flush, void *, size_t);
