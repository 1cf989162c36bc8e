/* SPDX-License-Identifier: MIT */
/*
 * hv_vm.h - the VM of this process and its memory.
 *
 * Addresses and sizes of guest memory are multiples of the host's page size, or
 * of 4 KiB where the VM was created with HV_IPA_GRANULE_4KB. Mappings may be
 * changed before and after vCPUs exist, and while they run.
 */
#ifndef HYPERVISOR_HV_VM_H
#define HYPERVISOR_HV_VM_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_vm_types.h>

__BEGIN_DECLS

/*
 * The number of vCPUs that one VM may have at a time. Needs no VM.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vm_get_max_vcpu_count(uint32_t *max_vcpu_count);

/*
 * Creates the VM of this process. config may be NULL for the defaults; it is
 * copied, and remains the caller's to release.
 *
 * HV_BUSY: the process has a VM already. HV_DENIED: the process may not use the
 * hypervisor. HV_UNSUPPORTED: the host has none, or cannot do what config asks
 * (address size, EL2, granule). HV_NO_RESOURCES: no memory, or too many VMs.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vm_create(hv_vm_config_t config);

/*
 * Destroys the VM, its GIC and all its mappings; the memory that was mapped
 * stays. Another VM may be created afterwards.
 *
 * HV_BUSY: a vCPU still exists. HV_NO_DEVICE: there is no VM; so for all
 * functions below.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vm_destroy(void);

/*
 * Maps size bytes of this process at addr to guest addresses from ipa on, with
 * the rights in flags (HV_MEMORY_*). The memory is shared, not copied; it must
 * stay allocated until it is unmapped. The same memory may be mapped at several
 * guest addresses.
 *
 * HV_BAD_ARGUMENT: misaligned, empty, beyond the VM's address size, overlapping
 * another mapping, or unknown flags; or there is no memory at addr.
 * HV_NO_RESOURCES: too many mappings.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vm_map(void *addr, hv_ipa_t ipa, size_t size,
		      hv_memory_flags_t flags);

/*
 * Removes what is mapped in [ipa, ipa + size): part of a mapping, or several
 * adjacent ones. The guest's next access there exits with a translation fault.
 *
 * HV_BAD_ARGUMENT: misaligned, empty, or not mapped throughout.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vm_unmap(hv_ipa_t ipa, size_t size);

/*
 * Replaces the rights of [ipa, ipa + size), which may be part of a mapping. A
 * guest access that they forbid exits with a permission fault.
 *
 * HV_BAD_ARGUMENT: misaligned, empty, not mapped throughout, or unknown flags.
 * HV_NO_RESOURCES: it would take more mappings than there can be.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vm_protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags);

__END_DECLS

#endif
