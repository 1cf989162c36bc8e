/* SPDX-License-Identifier: MIT */
/*
 * hv_gic.h - the VM's GICv3: one security state, affinity routing, no ITS and
 * no LPIs; MSIs by way of a GICv2m frame.
 *
 * In a VM with a GIC the interrupts of the timers are delivered without the
 * VMM, and hv_vcpu_set_pending_interrupt() does not exist.
 */
#ifndef HYPERVISOR_HV_GIC_H
#define HYPERVISOR_HV_GIC_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_gic_types.h>
#include <Hypervisor/hv_vcpu.h>
#include <Hypervisor/hv_vm_types.h>
#include <arm64/hv/hv_kern_types.h>

__BEGIN_DECLS

/*
 * Gives the VM a GIC. After hv_vm_create() and before the first vCPU; once.
 * gic_config is copied, and remains the caller's to release.
 *
 * HV_BAD_ARGUMENT: the regions overlap, or an address was never set, or lies
 * beyond the VM's address size. HV_BUSY: a vCPU exists. HV_EXISTS: the VM has a
 * GIC. HV_UNSUPPORTED: the host has no GICv3. HV_NO_RESOURCES: no memory or no
 * descriptors for it.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_create(hv_gic_config_t gic_config);

/*
 * Sets the level of an SPI; for one that is edge-triggered, true is an edge and
 * false nothing. intid is absolute, so 32 is the first.
 *
 * HV_BAD_ARGUMENT: no SPI, or one set aside for MSIs. HV_NO_DEVICE: no GIC; so
 * for all functions below.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_spi(uint32_t intid, bool level);

/*
 * Raises an MSI, as a device does by writing intid to address. address is that
 * of the frame's GICM_SET_SPI_NSR.
 *
 * HV_BAD_ARGUMENT: another address, or intid is none of the MSIs.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_send_msi(hv_ipa_t address, uint32_t intid);

/*
 * Reads a distributor register.
 *
 * HV_BAD_ARGUMENT: not one of the constants.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_get_distributor_reg(hv_gic_distributor_reg_t reg,
				       uint64_t *value);

/*
 * Writes a distributor register. What is read-only to the guest stays as it is,
 * without an error. Errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_distributor_reg(hv_gic_distributor_reg_t reg,
				       uint64_t value);

/*
 * The guest address of a vCPU's redistributor.
 *
 * HV_BAD_ARGUMENT: no such vCPU, or its MPIDR_EL1 has not been set.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t
hv_gic_get_redistributor_base(hv_vcpu_t vcpu,
			      hv_ipa_t *redistributor_base_address);

/*
 * Reads a register of the vCPU's redistributor. Owner.
 *
 * HV_BAD_ARGUMENT: not one of the constants. HV_DENIED: the vCPU's MPIDR_EL1
 * has not been set.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_get_redistributor_reg(hv_vcpu_t vcpu,
					 hv_gic_redistributor_reg_t reg,
					 uint64_t *value);

/*
 * Writes a register of the vCPU's redistributor. Owner. Errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_redistributor_reg(hv_vcpu_t vcpu,
					 hv_gic_redistributor_reg_t reg,
					 uint64_t value);

/*
 * Reads a register of the vCPU's CPU interface. Owner.
 *
 * HV_BAD_ARGUMENT: not one of the constants, or SRE_EL2 in a VM without EL2.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_get_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg,
			       uint64_t *value);

/*
 * Writes a register of the vCPU's CPU interface. Owner. Errors as for reading,
 * and for RPR_EL1, which is read-only.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg,
			       uint64_t value);

/*
 * Reads an interrupt control register of the guest hypervisor. Owner.
 *
 * HV_BAD_ARGUMENT: not one of the constants, or a list register that the host
 * lacks, or the VM has no EL2.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_get_ich_reg(hv_vcpu_t vcpu, hv_gic_ich_reg_t reg,
			       uint64_t *value);

/*
 * Writes an interrupt control register of the guest hypervisor. Owner. Errors
 * as for reading, and for those that are read-only.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_ich_reg(hv_vcpu_t vcpu, hv_gic_ich_reg_t reg,
			       uint64_t value);

/*
 * Reads a register of the virtual CPU interface of nested guests. Owner.
 *
 * HV_BAD_ARGUMENT: not one of the constants, or the VM has no EL2.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_get_icv_reg(hv_vcpu_t vcpu, hv_gic_icv_reg_t reg,
			       uint64_t *value);

/*
 * Writes a register of the virtual CPU interface of nested guests. Owner.
 * Errors as for reading, and for RPR_EL1, which is read-only.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_icv_reg(hv_vcpu_t vcpu, hv_gic_icv_reg_t reg,
			       uint64_t value);

/*
 * Reads a register of the MSI frame. TYPER has the first INTID in bits 25:16
 * and the number of them in bits 9:0.
 *
 * HV_BAD_ARGUMENT: not one of the constants. HV_NO_DEVICE: also if the GIC has
 * no MSI frame.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_get_msi_reg(hv_gic_msi_reg_t reg, uint64_t *value);

/*
 * Writes a register of the MSI frame; writing an INTID to SET_SPI_NSR raises
 * that MSI. Errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_msi_reg(hv_gic_msi_reg_t reg, uint64_t value);

/*
 * Restores what hv_gic_state_get_data() saved: the distributor and all
 * redistributors. After the GIC and all vCPUs were created, and before any of
 * them ran. The CPU interfaces are to be restored register by register.
 *
 * HV_BAD_ARGUMENT: the data is too short, damaged, or of an unknown version.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_set_state(const void *gic_state_data, size_t gic_state_size);

/*
 * Brings the whole GIC back to what it was after hv_gic_create(). For a reset
 * of the VM, while no vCPU runs.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) API_UNAVAILABLE(ios, tvos)
hv_return_t hv_gic_reset(void);

__END_DECLS

#endif
