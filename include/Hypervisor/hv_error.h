/* SPDX-License-Identifier: MIT */
/*
 * hv_error.h - the result codes of the API for x86-64 guests, which is another
 * API. For arm64 guests the header exists and declares nothing, here as on a
 * Mac.
 */
#ifndef HYPERVISOR_HV_ERROR_H
#define HYPERVISOR_HV_ERROR_H
#endif
