/* SPDX-License-Identifier: MIT */
/*
 * hv_arch_x86.h - the registers of the API for x86-64 guests, which is another
 * API. For arm64 guests the header exists and declares nothing, here as on a
 * Mac.
 */
#ifndef HYPERVISOR_HV_ARCH_X86_H
#define HYPERVISOR_HV_ARCH_X86_H
#endif
