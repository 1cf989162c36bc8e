/* SPDX-License-Identifier: MIT */
/*
 * hv_vcpu_config.h - what a vCPU will be like, asked before it exists.
 *
 * None of these functions needs a VM.
 */
#ifndef HYPERVISOR_HV_VCPU_CONFIG_H
#define HYPERVISOR_HV_VCPU_CONFIG_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_vcpu_types.h>

__BEGIN_DECLS

/*
 * Identification registers that can be asked for. A number in a comment is the
 * macOS that added the constant, where that is not 11.0.
 */
OS_ENUM(hv_feature_reg, uint32_t,
	HV_FEATURE_REG_ID_AA64DFR0_EL1 = 0,
	HV_FEATURE_REG_ID_AA64DFR1_EL1 = 1,
	HV_FEATURE_REG_ID_AA64ISAR0_EL1 = 2,
	HV_FEATURE_REG_ID_AA64ISAR1_EL1 = 3,
	HV_FEATURE_REG_ID_AA64MMFR0_EL1 = 4,
	HV_FEATURE_REG_ID_AA64MMFR1_EL1 = 5,
	HV_FEATURE_REG_ID_AA64MMFR2_EL1 = 6,
	HV_FEATURE_REG_ID_AA64PFR0_EL1 = 7,
	HV_FEATURE_REG_ID_AA64PFR1_EL1 = 8,
	HV_FEATURE_REG_CTR_EL0 = 9,
	HV_FEATURE_REG_CLIDR_EL1 = 10,
	HV_FEATURE_REG_DCZID_EL0 = 11,
	HV_FEATURE_REG_ID_AA64SMFR0_EL1 = 12, /* 15.2 */
	HV_FEATURE_REG_ID_AA64ZFR0_EL1 = 13, /* 15.2 */
	HV_FEATURE_REG_ID_AA64ISAR2_EL1 = 14, /* 27.0 */
	HV_FEATURE_REG_ID_AA64PFR2_EL1 = 15, /* 27.0 */
	HV_FEATURE_REG_ID_AA64MMFR3_EL1 = 16, /* 27.0 */
	HV_FEATURE_REG_ID_AA64MMFR4_EL1 = 17, /* 27.0 */
);

/*
 * A new configuration with one reference, all defaults; NULL if there is no
 * memory. Drop it with os_release(). It has no setters.
 */
OS_EXPORT API_AVAILABLE(macos(11.0)) OS_WARN_RESULT
hv_vcpu_config_t hv_vcpu_config_create(void);

/*
 * The value of an identification register that a new vCPU starts with.
 *
 * HV_BAD_ARGUMENT: no such selector.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_config_get_feature_reg(hv_vcpu_config_t config,
					   hv_feature_reg_t feature_reg,
					   uint64_t *value);

/*
 * CCSIDR_EL1 of all eight cache levels, of one kind of cache: values[n] is what
 * the guest reads with CSSELR_EL1.Level = n.
 *
 * HV_BAD_ARGUMENT: no such kind.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t
hv_vcpu_config_get_ccsidr_el1_sys_reg_values(hv_vcpu_config_t config,
					     hv_cache_type_t cache_type,
					     uint64_t values[8]);

__END_DECLS

#endif
