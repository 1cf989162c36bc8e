/* SPDX-License-Identifier: MIT */
/*
 * Every type of the API has the size, the sign and the layout it has on a Mac.
 */
#include "facts.h"

#include <arm64/hv/hv_kern_types.h>
#include <mach/mach_time.h>

SIZE(hv_return_t, 4);
IS_SIGNED(hv_return_t);

/* 64 bits */
SIZE(hv_vcpu_t, 8);
IS_UNSIGNED(hv_vcpu_t);
SIZE(hv_ipa_t, 8);
IS_UNSIGNED(hv_ipa_t);
SIZE(hv_exception_syndrome_t, 8);
IS_UNSIGNED(hv_exception_syndrome_t);
SIZE(hv_exception_address_t, 8);
IS_UNSIGNED(hv_exception_address_t);
SIZE(hv_memory_flags_t, 8);
IS_UNSIGNED(hv_memory_flags_t);
SIZE(hv_allocate_flags_t, 8);
IS_UNSIGNED(hv_allocate_flags_t);

/* 32 bits */
SIZE(hv_exit_reason_t, 4);
IS_UNSIGNED(hv_exit_reason_t);
SIZE(hv_reg_t, 4);
IS_UNSIGNED(hv_reg_t);
SIZE(hv_simd_fp_reg_t, 4);
IS_UNSIGNED(hv_simd_fp_reg_t);
SIZE(hv_sme_z_reg_t, 4);
IS_UNSIGNED(hv_sme_z_reg_t);
SIZE(hv_sme_p_reg_t, 4);
IS_UNSIGNED(hv_sme_p_reg_t);
SIZE(hv_interrupt_type_t, 4);
IS_UNSIGNED(hv_interrupt_type_t);
SIZE(hv_cache_type_t, 4);
IS_UNSIGNED(hv_cache_type_t);
SIZE(hv_feature_reg_t, 4);
IS_UNSIGNED(hv_feature_reg_t);
SIZE(hv_ipa_granule_t, 4);
IS_UNSIGNED(hv_ipa_granule_t);
SIZE(hv_gic_redistributor_reg_t, 4);
IS_UNSIGNED(hv_gic_redistributor_reg_t);

/* 16 bits */
SIZE(hv_sys_reg_t, 2);
IS_UNSIGNED(hv_sys_reg_t);
SIZE(hv_tlbi_op_t, 2);
IS_UNSIGNED(hv_tlbi_op_t);
SIZE(hv_gic_intid_t, 2);
IS_UNSIGNED(hv_gic_intid_t);
SIZE(hv_gic_distributor_reg_t, 2);
IS_UNSIGNED(hv_gic_distributor_reg_t);
SIZE(hv_gic_icc_reg_t, 2);
IS_UNSIGNED(hv_gic_icc_reg_t);
SIZE(hv_gic_ich_reg_t, 2);
IS_UNSIGNED(hv_gic_ich_reg_t);
SIZE(hv_gic_icv_reg_t, 2);
IS_UNSIGNED(hv_gic_icv_reg_t);
SIZE(hv_gic_msi_reg_t, 2);
IS_UNSIGNED(hv_gic_msi_reg_t);

/* Objects are pointers. */
SIZE(hv_vm_config_t, sizeof(void *));
SIZE(hv_vcpu_config_t, sizeof(void *));
SIZE(hv_gic_config_t, sizeof(void *));
SIZE(hv_gic_state_t, sizeof(void *));

/* Structures */
SIZE(hv_vcpu_exit_exception_t, 24);
OFFSET(hv_vcpu_exit_exception_t, syndrome, 0);
OFFSET(hv_vcpu_exit_exception_t, virtual_address, 8);
OFFSET(hv_vcpu_exit_exception_t, physical_address, 16);

SIZE(hv_vcpu_exit_t, 32);
OFFSET(hv_vcpu_exit_t, reason, 0);
OFFSET(hv_vcpu_exit_t, exception, 8);

SIZE(hv_vcpu_sme_state_t, 2);
OFFSET(hv_vcpu_sme_state_t, streaming_sve_mode_enabled, 0);
OFFSET(hv_vcpu_sme_state_t, za_storage_enabled, 1);

SIZE(hv_data_abort_notification_t, 32);
OFFSET(hv_data_abort_notification_t, ipa, 8);
OFFSET(hv_data_abort_notification_t, value, 16);
OFFSET(hv_data_abort_notification_t, access_size, 24);
OFFSET(hv_data_abort_notification_t, access_type, 28);
SIZE(mach_msg_header_t, 24);
SIZE(hv_vm_mem_access_msg_t, 56);

SIZE(mach_timebase_info_data_t, 8);
OFFSET(mach_timebase_info_data_t, denom, 4);

/* Vectors: aligned to 16, as compilers for arm64 do; the elements are bytes. */
SIZE(hv_simd_fp_uchar16_t, 16);
SIZE(hv_sme_zt0_uchar64_t, 64);
MUST(__alignof__(hv_simd_fp_uchar16_t) == 16);
MUST(__alignof__(hv_sme_zt0_uchar64_t) == 16);
MUST(sizeof((*(hv_simd_fp_uchar16_t *)0)[0]) == 1);
MUST(sizeof((*(hv_sme_zt0_uchar64_t *)0)[0]) == 1);
