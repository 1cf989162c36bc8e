/* SPDX-License-Identifier: MIT */
/*
 * hv_vm_config.h - what a VM is to be like, said before it exists.
 *
 * None of these functions needs a VM. Changing a configuration does not change
 * a VM that was created with it. One object is not to be used by two threads
 * at a time.
 */
#ifndef HYPERVISOR_HV_VM_CONFIG_H
#define HYPERVISOR_HV_VM_CONFIG_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_vm_types.h>

__BEGIN_DECLS

/*
 * The smallest unit in which guest memory can be mapped.
 */
OS_ENUM(hv_ipa_granule, uint32_t,
	HV_IPA_GRANULE_4KB = 0,
	HV_IPA_GRANULE_16KB = 1,
);

/*
 * A new configuration with one reference, all defaults; NULL if there is no
 * memory. Drop it with os_release().
 */
OS_EXPORT API_AVAILABLE(macos(13.0)) OS_WARN_RESULT
hv_vm_config_t hv_vm_config_create(void);

/*
 * The largest guest physical address size of this host, in bits.
 */
OS_EXPORT API_AVAILABLE(macos(13.0))
hv_return_t hv_vm_config_get_max_ipa_size(uint32_t *ipa_bit_length);

/*
 * The address size, in bits, of a VM whose configuration does not name one.
 */
OS_EXPORT API_AVAILABLE(macos(13.0))
hv_return_t hv_vm_config_get_default_ipa_size(uint32_t *ipa_bit_length);

/*
 * Sets the address size, in bits: 0 for the default, up to the maximum.
 *
 * HV_UNSUPPORTED: more than the maximum. HV_BAD_ARGUMENT: config is NULL.
 */
OS_EXPORT API_AVAILABLE(macos(13.0))
hv_return_t hv_vm_config_set_ipa_size(hv_vm_config_t config,
				      uint32_t ipa_bit_length);

/*
 * The address size exactly as it was set, 0 included.
 */
OS_EXPORT API_AVAILABLE(macos(13.0))
hv_return_t hv_vm_config_get_ipa_size(hv_vm_config_t config,
				      uint32_t *ipa_bit_length);

/*
 * Whether this host can run guests that use EL2 (nested virtualization).
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_vm_config_get_el2_supported(bool *el2_supported);

/*
 * Whether the VM will have EL2; false unless set.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_vm_config_get_el2_enabled(hv_vm_config_t config,
					 bool *el2_enabled);

/*
 * Gives the VM EL2, or not. A VM with EL2 also needs a GIC. Whether the host
 * can do it is found out by hv_vm_create(), which then says HV_UNSUPPORTED.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_vm_config_set_el2_enabled(hv_vm_config_t config,
					 bool el2_enabled);

/*
 * The granule of a VM whose configuration does not name one.
 */
OS_EXPORT API_AVAILABLE(macos(26.0))
hv_return_t hv_vm_config_get_default_ipa_granule(hv_ipa_granule_t *granule);

/*
 * The granule the VM will have.
 */
OS_EXPORT API_AVAILABLE(macos(26.0))
hv_return_t hv_vm_config_get_ipa_granule(hv_vm_config_t config,
					 hv_ipa_granule_t *granule);

/*
 * Sets the granule.
 *
 * HV_BAD_ARGUMENT: neither of the two constants.
 */
OS_EXPORT API_AVAILABLE(macos(26.0))
hv_return_t hv_vm_config_set_ipa_granule(hv_vm_config_t config,
					 hv_ipa_granule_t granule);

__END_DECLS

#endif
