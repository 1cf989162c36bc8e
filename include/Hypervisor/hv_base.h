/* SPDX-License-Identifier: MIT */
/*
 * hv_base.h - what every header of the Hypervisor API starts from.
 *
 * The API is Apple's, for arm64 guests, as of macOS 27.0; it is declared on
 * every host CPU, because recordings are replayed on any. The words after
 * API_AVAILABLE tell which macOS first had a function; on Linux all are there.
 *
 * What holds for all functions, unless one says otherwise:
 * - The process has at most one VM, so no handle names it.
 * - The result is HV_SUCCESS or one of the codes in <arm64/hv/hv_kern_types.h>.
 *   An output is written only on success.
 * - HV_BAD_ARGUMENT: a NULL pointer, a misaligned or empty range, or a selector
 *   (register, type, operation) that the header does not list.
 * - HV_NO_DEVICE: the call needs a VM and there is none.
 * - "Owner" below means: call it only from the thread that created the vCPU.
 *   From any other thread, or with an id that is no live vCPU: HV_BAD_ARGUMENT.
 * - Functions without a word on threads may be called from any thread.
 */
#ifndef HYPERVISOR_HV_BASE_H
#define HYPERVISOR_HV_BASE_H

#include <os/availability.h>
#include <os/base.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HV_API_AVAILABLE_ARM64(...) API_AVAILABLE(__VA_ARGS__)
#define HV_API_AVAILABLE_X86_64(...) API_UNAVAILABLE(macos)

#endif
