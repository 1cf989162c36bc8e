/* SPDX-License-Identifier: MIT */
/*
 * mach/mach_error.h - an error code as text.
 */
#ifndef HVT_COMPAT_MACH_MACH_ERROR_H
#define HVT_COMPAT_MACH_MACH_ERROR_H

#include <mach/error.h>
#include <os/base.h>

__BEGIN_DECLS

/*
 * A constant text for an hv_return_t or KERN_* value, or a text that says the
 * value is unknown; never NULL, not to be freed or written. Any thread.
 */
OS_EXPORT char *mach_error_string(mach_error_t error_value);

__END_DECLS

#endif
