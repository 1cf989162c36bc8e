/* SPDX-License-Identifier: MIT */
/*
 * hv_vm_types.h - the types that describe a VM.
 */
#ifndef HYPERVISOR_HV_VM_TYPES_H
#define HYPERVISOR_HV_VM_TYPES_H

#include <Hypervisor/hv_base.h>
#include <arm64/hv/hv_kern_types.h>
#include <os/object.h>

__BEGIN_DECLS

/*
 * What a VM is to be like: made and changed with hv_vm_config.h, read by
 * hv_vm_create(), dropped with os_release().
 */
OS_OBJECT_DECL(hv_vm_config);

/* An address in the guest's physical address space ("intermediate" in Arm's
 * words), in bytes. */
typedef uint64_t hv_ipa_t;

/*
 * The default configuration, for hv_vm_create(). Apple has the name only in its
 * x86-64 API; sources that share code between both define it like this.
 */
#ifndef HV_VM_DEFAULT
#define HV_VM_DEFAULT NULL
#endif

__END_DECLS

#endif
