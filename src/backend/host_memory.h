/* SPDX-License-Identifier: MIT */
/* The VMM's own memory, before it is lent to a guest. */
#ifndef HVT_HOST_MEMORY_H
#define HVT_HOST_MEMORY_H

#include "backend.h"

/*
 * Can a guest be given that memory, of whole pages, with those flags? -EINVAL
 * where the VMM has none. Memory that the VMM may only write is made readable
 * for it: arm64 CPUs let it be read anyway, but KVM would not.
 */
int hvt_host_memory_check(void *addr, uint64_t size, hv_memory_flags_t flags);

#endif
