/* SPDX-License-Identifier: MIT */
/*
 * Taking pages from the VMM: its page table entries are dropped, so that the next
 * touch is a fault again. All under the lock of the room but for is_ours().
 */
#ifndef HVT_RAM_DROP_H
#define HVT_RAM_DROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "granted.h"

/* So far may pages be from each other that are dropped together, in bytes. */
#define HVT_DROP_GAP (4u << 20)

/* False: they are still there, as they are locked and the kernel is an old one. */
bool hvt_drop(uint8_t *start, uint8_t *end);

/* The same of what may be large; false, too, where the VMM has unmapped a part. */
bool hvt_drop_whole(uint8_t *start, uint8_t *end);

/*
 * Those pages, by address, as far as they are not the VMM's own by now. lost() is
 * told of what is still there.
 */
void hvt_drop_granted(const struct hvt_granted *at, size_t count,
		void (*lost)(uint8_t *start, uint8_t *end));

/*
 * Are these being dropped by us? The kernel tells of that as of any other, and what
 * the VMM gives up itself there at the same moment keeps its contents. Any thread.
 */
bool hvt_drop_is_ours(uint64_t start, uint64_t end);

#endif
