/* SPDX-License-Identifier: MIT */
/*
 * What is mapped where in the guest, for those who explain its exits. Any
 * thread, at any time but while it changes the map itself; a change under way
 * is seen as not yet done or as done, never half.
 */
#ifndef HVT_GUEST_MEMORY_H
#define HVT_GUEST_MEMORY_H

#include "backend.h"

/*
 * Is there a mapping at ipa? Then *flags are those of hv_vm_map or of the last
 * hv_vm_protect. They may lack READ: such a mapping has no slot in the engine.
 */
bool hvt_memory_flags(uint64_t ipa, hv_memory_flags_t *flags);

/*
 * Copies size bytes at ipa that lie in one page; false if the guest could not
 * read them there, or the VMM has unmapped its memory.
 */
bool hvt_memory_read(uint64_t ipa, void *p, size_t size);

#endif
