/* SPDX-License-Identifier: MIT */
/* The one place where -errno and hv_return_t meet. */
#ifndef HVT_ERROR_H
#define HVT_ERROR_H

#include <Hypervisor/Hypervisor.h>

/* The hv_return_t for -errno; HV_ERROR for what is not in the table. */
hv_return_t hvt_error_code(int err);

/* Likewise, for 0, too: which is what most calls return. */
static inline hv_return_t hvt_error_to_hv(int err)
{
	return __builtin_expect(err, 0) ? hvt_error_code(err) : HV_SUCCESS;
}

#endif
