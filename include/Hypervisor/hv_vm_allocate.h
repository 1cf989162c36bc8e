/* SPDX-License-Identifier: MIT */
/*
 * hv_vm_allocate.h - host memory that suits a guest's RAM.
 */
#ifndef HYPERVISOR_HV_VM_ALLOCATE_H
#define HYPERVISOR_HV_VM_ALLOCATE_H

#include <Hypervisor/hv_base.h>
#include <Hypervisor/hv_vm_types.h>
#include <arm64/hv/hv_kern_types.h>
#include <os/availability.h>
#include <os/base.h>
#include <sys/types.h>

__BEGIN_DECLS

/* How hv_vm_allocate() allocates. */
typedef uint64_t hv_allocate_flags_t;

enum {
	HV_ALLOCATE_DEFAULT = 0,
};

/*
 * Allocates size bytes of zeroed, readable and writable memory, aligned for
 * hv_vm_map(), and stores its address in *uvap. size is a multiple of the host
 * page. Needs no VM. Free it with hv_vm_deallocate().
 *
 * HV_BAD_ARGUMENT: size or flags. HV_NO_RESOURCES: no memory.
 */
OS_EXPORT API_AVAILABLE(macos(12.1))
hv_return_t hv_vm_allocate(void **uvap, size_t size, hv_allocate_flags_t flags);

/*
 * Frees memory of hv_vm_allocate(); both arguments as there. It must not be
 * mapped into the guest any more.
 *
 * HV_BAD_ARGUMENT: misaligned, empty, or not all of it is there any more.
 */
OS_EXPORT API_AVAILABLE(macos(12.1))
hv_return_t hv_vm_deallocate(void *uva, size_t size);

__END_DECLS

#endif
