/* SPDX-License-Identifier: MIT */
/*
 * hv_gic_config.h - where the GIC is to be and what it is to do, said before it
 * exists.
 *
 * None of these functions needs a VM. One object is not to be used by two
 * threads at a time. Sizes and alignments are told by hv_gic_parameters.h.
 */
#ifndef HYPERVISOR_HV_GIC_CONFIG_H
#define HYPERVISOR_HV_GIC_CONFIG_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_gic_types.h>
#include <Hypervisor/hv_vm_types.h>

__BEGIN_DECLS

/*
 * A new configuration with one reference; NULL if there is no memory. Drop it
 * with os_release().
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) OS_WARN_RESULT
hv_gic_config_t hv_gic_config_create(void);

/*
 * Sets the guest address of the distributor.
 *
 * HV_BAD_ARGUMENT: misaligned, or the region would wrap past the end of the
 * address space. The VM's address size is not looked at before hv_gic_create().
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t
hv_gic_config_set_distributor_base(hv_gic_config_t config,
				   hv_ipa_t distributor_base_address);

/*
 * Sets the guest address of the region of all redistributors. Errors as above.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t
hv_gic_config_set_redistributor_base(hv_gic_config_t config,
				     hv_ipa_t redistributor_base_address);

/*
 * Sets the guest address of the MSI frame. Errors as above. MSIs need both this
 * and hv_gic_config_set_msi_interrupt_range().
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_config_set_msi_region_base(hv_gic_config_t config,
					      hv_ipa_t msi_region_base_address);

/*
 * Sets aside msi_intid_count SPIs from INTID msi_intid_base on for MSIs.
 *
 * HV_BAD_ARGUMENT: not within the SPIs of hv_gic_get_spi_interrupt_range().
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_config_set_msi_interrupt_range(hv_gic_config_t config,
						  uint32_t msi_intid_base,
						  uint32_t msi_intid_count);

__END_DECLS

#endif
