/* SPDX-License-Identifier: MIT */
/*
 * hv_vcpu.h - vCPUs: life, execution, registers, interrupts and timers.
 *
 * A vCPU belongs to the thread that created it, and a thread has at most one.
 * Only its owner may run, read or change it; hv_vcpus_exit() is for everybody.
 * Apple states no thread for the four functions on the virtual timer; here they
 * are the owner's like the rest.
 */
#ifndef HYPERVISOR_HV_VCPU_H
#define HYPERVISOR_HV_VCPU_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_vcpu_types.h>

__BEGIN_DECLS

/*
 * Creates a vCPU and makes the calling thread its owner. Stores its id, and the
 * address of its exit record, which stays the same until it is destroyed.
 * config may be NULL for the defaults; it remains the caller's to release. In a
 * VM with a GIC, set MPIDR_EL1 before the first run: it decides which
 * redistributor the vCPU has.
 *
 * HV_NO_RESOURCES: as many vCPUs as the VM may have. HV_BUSY: the thread owns a
 * vCPU already. HV_NO_DEVICE: there is no VM.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_create(hv_vcpu_t *vcpu, hv_vcpu_exit_t **exit,
			   hv_vcpu_config_t config);

/*
 * Destroys the vCPU and its exit record. Owner. The thread may create another
 * one afterwards.
 *
 * HV_BUSY: it is running.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_destroy(hv_vcpu_t vcpu);

/*
 * Reads a general register; FPCR, FPSR and CPSR are zero-extended. Owner.
 *
 * HV_BAD_ARGUMENT: no such register.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_reg(hv_vcpu_t vcpu, hv_reg_t reg, uint64_t *value);

/*
 * Writes a general register. Owner. Errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_reg(hv_vcpu_t vcpu, hv_reg_t reg, uint64_t value);

/*
 * Reads a vector register. Owner.
 *
 * HV_BAD_ARGUMENT: no such register.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_simd_fp_reg(hv_vcpu_t vcpu, hv_simd_fp_reg_t reg,
				    hv_simd_fp_uchar16_t *value);

/*
 * Writes a vector register; the value travels in a vector register itself.
 * Owner. Errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_simd_fp_reg(hv_vcpu_t vcpu, hv_simd_fp_reg_t reg,
				    hv_simd_fp_uchar16_t value);

/*
 * Reads PSTATE.SM and PSTATE.ZA. Owner.
 *
 * HV_UNSUPPORTED: the host has no SME that guests could use; so for all
 * functions with sme in their name.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_get_sme_state(hv_vcpu_t vcpu,
				  hv_vcpu_sme_state_t *sme_state);

/*
 * Writes PSTATE.SM and PSTATE.ZA. Owner. Any change of SM zeroes all Z and P
 * registers and sets the flags of FPSR, as on hardware.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_set_sme_state(hv_vcpu_t vcpu,
				  const hv_vcpu_sme_state_t *sme_state);

/*
 * Reads a Z register, lowest byte first. length is the largest streaming vector
 * length exactly; PSTATE.SM must be 1. Owner.
 *
 * HV_BAD_ARGUMENT: no such register, another length, or SM is 0.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_get_sme_z_reg(hv_vcpu_t vcpu, hv_sme_z_reg_t reg,
				  uint8_t *value, size_t length);

/*
 * Writes a Z register. Owner. Conditions and errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_set_sme_z_reg(hv_vcpu_t vcpu, hv_sme_z_reg_t reg,
				  const uint8_t *value, size_t length);

/*
 * Reads a P register, lowest byte first. length is an eighth of the largest
 * streaming vector length; PSTATE.SM must be 1. Owner.
 *
 * HV_BAD_ARGUMENT: no such register, another length, or SM is 0.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_get_sme_p_reg(hv_vcpu_t vcpu, hv_sme_p_reg_t reg,
				  uint8_t *value, size_t length);

/*
 * Writes a P register. Owner. Conditions and errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_set_sme_p_reg(hv_vcpu_t vcpu, hv_sme_p_reg_t reg,
				  const uint8_t *value, size_t length);

/*
 * Reads the matrix ZA, row by row. length is the square of the largest
 * streaming vector length; PSTATE.ZA must be 1, PSTATE.SM need not. Owner.
 *
 * HV_BAD_ARGUMENT: another length, or ZA is 0.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_get_sme_za_reg(hv_vcpu_t vcpu, uint8_t *value,
				   size_t length);

/*
 * Writes the matrix ZA. Owner. Conditions and errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_set_sme_za_reg(hv_vcpu_t vcpu, const uint8_t *value,
				   size_t length);

/*
 * Reads ZT0. PSTATE.ZA must be 1. Owner.
 *
 * HV_BAD_ARGUMENT: ZA is 0. HV_UNSUPPORTED: also if there is no SME2.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_get_sme_zt0_reg(hv_vcpu_t vcpu,
				    hv_sme_zt0_uchar64_t *value);

/*
 * Writes ZT0. Owner. Conditions and errors as for reading.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_vcpu_set_sme_zt0_reg(hv_vcpu_t vcpu,
				    const hv_sme_zt0_uchar64_t *value);

/*
 * Reads a system register. Owner.
 *
 * HV_BAD_ARGUMENT: no such register, or one of EL2 in a VM without EL2, or a
 * physical timer in a VM without a GIC. HV_UNSUPPORTED: the host cannot give
 * it.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_sys_reg(hv_vcpu_t vcpu, hv_sys_reg_t reg,
				uint64_t *value);

/*
 * Writes a system register. Owner. Errors as for reading. What is written to
 * an identification register is what the guest reads from it. Of ACTLR_EL1
 * only bit 1, the memory model of x86, exists: HV_UNSUPPORTED where the CPU
 * lacks it.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_sys_reg(hv_vcpu_t vcpu, hv_sys_reg_t reg,
				uint64_t value);

/*
 * Whether a virtual SError is pending. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(27.0))
hv_return_t hv_vcpu_get_serror(hv_vcpu_t vcpu, bool *pending);

/*
 * Makes a virtual SError pending, or takes it back. Owner. Its syndrome cannot
 * be chosen.
 */
OS_EXPORT API_AVAILABLE(macos(27.0))
hv_return_t hv_vcpu_set_serror(hv_vcpu_t vcpu, bool pending);

/*
 * Whether the VMM holds an interrupt line up. Owner.
 *
 * HV_UNSUPPORTED: the VM has a GIC. HV_BAD_ARGUMENT: no such line.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_pending_interrupt(hv_vcpu_t vcpu,
					  hv_interrupt_type_t type,
					  bool *pending);

/*
 * Sets the level of an interrupt line for the next hv_vcpu_run(), whose return
 * puts it down again: set it anew before every run. Owner. Errors as for
 * reading.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_pending_interrupt(hv_vcpu_t vcpu,
					  hv_interrupt_type_t type,
					  bool pending);

/*
 * Whether debug exceptions of the guest exit to the VMM; false at first. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_trap_debug_exceptions(hv_vcpu_t vcpu, bool *value);

/*
 * Lets debug exceptions of the guest (BRK, breakpoint, watchpoint, software
 * step) exit to the VMM, or go to the guest; MDCR_EL2.TDE. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_trap_debug_exceptions(hv_vcpu_t vcpu, bool value);

/*
 * Whether accesses to debug registers exit to the VMM; false at first. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_trap_debug_reg_accesses(hv_vcpu_t vcpu, bool *value);

/*
 * Lets the guest's accesses to MDSCR_EL1 and to DBGBVRn, DBGBCRn, DBGWVRn and
 * DBGWCRn_EL1 exit to the VMM, or not; MDCR_EL2.TDA. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_trap_debug_reg_accesses(hv_vcpu_t vcpu, bool value);

/*
 * Runs the guest until something is to be told, and tells it in the exit
 * record. Owner. The PC is then on the instruction that caused the exit, or
 * behind it for HVC; both interrupt lines are down.
 *
 * HV_SUCCESS for every exit, cancellation included. HV_ILLEGAL_GUEST_STATE: the
 * vCPU cannot be entered with the state it has. HV_BUSY: it is running already.
 * HV_UNSUPPORTED: it has EL2 and no GIC. HV_ERROR: memory that is mapped into
 * the guest is not there, or the host failed.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_run(hv_vcpu_t vcpu);

/*
 * Makes each of the listed vCPUs leave hv_vcpu_run() with the reason CANCELED.
 * One that is not running leaves its next run at once, without executing
 * anything. Requests do not add up: several before an exit cause one exit. Any
 * thread.
 *
 * HV_BAD_ARGUMENT: an id beyond hv_vm_get_max_vcpu_count(), or more than 4096
 * ids; then none is made to leave. A vCPU that is gone already is passed over.
 * HV_NO_DEVICE: there is no VM.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpus_exit(hv_vcpu_t *vcpus, uint32_t vcpu_count);

/*
 * How long the vCPU has executed guest code so far, in ticks of
 * mach_absolute_time(). Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_exec_time(hv_vcpu_t vcpu, uint64_t *time);

/*
 * How long the vCPU has waited in WFI inside hv_vcpu_run() so far, in ticks of
 * mach_absolute_time(). Owner.
 *
 * HV_UNSUPPORTED: the VM has no GIC.
 */
OS_EXPORT API_AVAILABLE(macos(27.0))
hv_return_t hv_vcpu_get_wait_for_interrupt_time(hv_vcpu_t vcpu,
						uint64_t *time);

/*
 * Whether the virtual timer is masked; false at first. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_vtimer_mask(hv_vcpu_t vcpu, bool *vtimer_is_masked);

/*
 * Masks the virtual timer, so that its firing causes no exit, or unmasks it.
 * Owner. An exit VTIMER_ACTIVATED masks it; unmask it once the guest has dealt
 * with the timer. If it still fires then, the next run exits again. This mask
 * is the VMM's; CNTV_CTL_EL0.IMASK is the guest's.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_vtimer_mask(hv_vcpu_t vcpu, bool vtimer_is_masked);

/*
 * The offset of the virtual counter, in ticks. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_get_vtimer_offset(hv_vcpu_t vcpu, uint64_t *vtimer_offset);

/*
 * Sets the offset: the guest reads mach_absolute_time() - vtimer_offset from
 * CNTVCT_EL0. Owner.
 */
OS_EXPORT API_AVAILABLE(macos(11.0))
hv_return_t hv_vcpu_set_vtimer_offset(hv_vcpu_t vcpu, uint64_t vtimer_offset);

/*
 * Performs a stage 1 TLB invalidation of EL1 for the guest. param is the
 * register operand of the instruction, ignored for VMALLE1IS. Owner. In a VM
 * with EL2 it concerns the guest hypervisor's own translations.
 *
 * HV_BAD_ARGUMENT: no such operation.
 */
OS_EXPORT API_AVAILABLE(macos(27.0))
hv_return_t hv_vcpu_invalidate_tlb(hv_vcpu_t vcpu, hv_tlbi_op_t op,
				   uint64_t param);

__END_DECLS

#endif
