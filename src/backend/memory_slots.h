/* SPDX-License-Identifier: MIT */
/*
 * The engine's memory slots, as regions have them: none for a region without
 * READ, else one. All under the lock of the VM.
 */
#ifndef HVT_MEMORY_SLOTS_H
#define HVT_MEMORY_SLOTS_H

#include "region_map.h"

/* Ready for a new VM's first region; -ENOMEM. Again is nothing. */
int hvt_slots_init(void);

/* The VM is gone, and all slots with it. */
void hvt_slots_reset(void);

/* How many the VM has, and how many of them are not in use. */
uint32_t hvt_slots_limit(void);
uint32_t hvt_slots_free(void);

/* Must a region with those flags have a slot? */
bool hvt_slot_is_due(hv_memory_flags_t flags);

/* Gives r, which has none, its slot if one is due. */
int hvt_slot_attach(struct hvt_region *r);

/* Takes the slot from r, if it has one. */
int hvt_slot_detach(struct hvt_region *r);

#endif
