/* SPDX-License-Identifier: MIT */
/*
 * hv_gic_parameters.h - the sizes and limits of the GIC on this host.
 *
 * The same for every VM. None of these functions needs a VM.
 */
#ifndef HYPERVISOR_HV_GIC_PARAMETERS_H
#define HYPERVISOR_HV_GIC_PARAMETERS_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_gic_types.h>
#include <arm64/hv/hv_kern_types.h>

__BEGIN_DECLS

/*
 * The size of the distributor, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_get_distributor_size(size_t *distributor_size);

/*
 * The alignment of the distributor's address, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t
hv_gic_get_distributor_base_alignment(size_t *distributor_base_alignment);

/*
 * The size of the region of all redistributors that a VM could ever have, in
 * bytes. Slots of vCPUs that do not exist may overlap other things.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t
hv_gic_get_redistributor_region_size(size_t *redistributor_region_size);

/*
 * The size of one redistributor, both of its frames together, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_get_redistributor_size(size_t *redistributor_size);

/*
 * The alignment of the redistributor region's address, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t
hv_gic_get_redistributor_base_alignment(size_t *redistributor_base_alignment);

/*
 * The size of the MSI frame, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_get_msi_region_size(size_t *msi_region_size);

/*
 * The alignment of the MSI frame's address, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t
hv_gic_get_msi_region_base_alignment(size_t *msi_region_base_alignment);

/*
 * The first SPI, and how many there are.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_get_spi_interrupt_range(uint32_t *spi_intid_base,
					   uint32_t *spi_intid_count);

/*
 * The INTID of a private interrupt that has a fixed purpose.
 *
 * HV_BAD_ARGUMENT: not one of the constants.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_get_intid(hv_gic_intid_t interrupt, uint32_t *intid);

__END_DECLS

#endif
