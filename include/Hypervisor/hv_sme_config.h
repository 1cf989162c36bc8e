/* SPDX-License-Identifier: MIT */
/*
 * hv_sme_config.h - the size of the host's matrix extension (SME).
 */
#ifndef HYPERVISOR_HV_SME_CONFIG_H
#define HYPERVISOR_HV_SME_CONFIG_H

#include <Hypervisor/hv_base.h>
#include <arm64/hv/hv_kern_types.h>

__BEGIN_DECLS

/*
 * The largest streaming vector length, in bytes: the length of a Z register.
 * Needs no VM.
 *
 * HV_UNSUPPORTED: the host has no SME that guests could use.
 */
OS_EXPORT API_AVAILABLE(macos(15.2))
hv_return_t hv_sme_config_get_max_svl_bytes(size_t *value);

__END_DECLS

#endif
