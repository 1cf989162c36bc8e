/* SPDX-License-Identifier: MIT */
/*
 * mach/mach.h - what VMM sources expect behind this name: error codes and the
 * clock. Ports, tasks and Mach virtual memory do not exist on Linux, and
 * nothing pretends that they do.
 */
#ifndef HVT_COMPAT_MACH_MACH_H
#define HVT_COMPAT_MACH_MACH_H

#include <mach/error.h>
#include <mach/kern_return.h>
#include <mach/mach_error.h>
#include <mach/mach_time.h>
#include <mach/message.h>

#endif
