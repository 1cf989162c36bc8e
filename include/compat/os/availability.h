/* SPDX-License-Identifier: MIT */
/*
 * os/availability.h - the "since which system" annotations.
 *
 * They are kept in our public headers because they are useful to a reader, and
 * expand to nothing: on Linux every function is there from the start.
 */
#ifndef HVT_COMPAT_OS_AVAILABILITY_H
#define HVT_COMPAT_OS_AVAILABILITY_H

#include <Availability.h>

#ifndef API_AVAILABLE
#define API_AVAILABLE(...)
#endif
#ifndef API_UNAVAILABLE
#define API_UNAVAILABLE(...)
#endif
#ifndef API_DEPRECATED
#define API_DEPRECATED(...)
#endif
#ifndef API_DEPRECATED_WITH_REPLACEMENT
#define API_DEPRECATED_WITH_REPLACEMENT(...)
#endif
#ifndef API_AVAILABLE_BEGIN
#define API_AVAILABLE_BEGIN(...)
#define API_AVAILABLE_END
#endif
#ifndef API_UNAVAILABLE_BEGIN
#define API_UNAVAILABLE_BEGIN(...)
#define API_UNAVAILABLE_END
#endif

#endif
