/* SPDX-License-Identifier: MIT */
/*
 * hv_arch_vmx.h - the VMX definitions of the API for x86-64 guests, which is
 * another API. For arm64 guests the header exists and declares nothing, here
 * as on a Mac.
 */
#ifndef HYPERVISOR_HV_ARCH_VMX_H
#define HYPERVISOR_HV_ARCH_VMX_H
#endif
