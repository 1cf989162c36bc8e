/* SPDX-License-Identifier: MIT */
/*
 * hv_gic_state.h - saving the distributor and the redistributors.
 *
 * The CPU interfaces are not in it; save them register by register, with
 * hv_gic_get_icc_reg() and its siblings. hv_gic_set_state() restores.
 */
#ifndef HYPERVISOR_HV_GIC_STATE_H
#define HYPERVISOR_HV_GIC_STATE_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_gic_types.h>

__BEGIN_DECLS

/*
 * Takes a snapshot while no vCPU runs: one reference, dropped with
 * os_release(). NULL if the VM has no GIC, or its state cannot be told, or
 * there is no memory.
 */
OS_EXPORT API_AVAILABLE(macos(15.0)) OS_WARN_RESULT
hv_gic_state_t hv_gic_state_create(void);

/*
 * The size of the snapshot as data, in bytes.
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_state_get_size(hv_gic_state_t state, size_t *gic_state_size);

/*
 * Copies the snapshot to gic_state_data, which has room for that many bytes.
 * The format carries a version and may be stored; it is the caller's only to
 * keep and to give to hv_gic_set_state().
 */
OS_EXPORT API_AVAILABLE(macos(15.0))
hv_return_t hv_gic_state_get_data(hv_gic_state_t state, void *gic_state_data);

__END_DECLS

#endif
