/* SPDX-License-Identifier: MIT */
/*
 * What guests write to memory, as the engine logs it by slots: it becomes part
 * of a recording when a run ends, and before a slot is no more, as its log ends
 * with it; no vCPU is in the guest meanwhile. Any thread; slots come and go under
 * the lock of the VM.
 */
#ifndef HVT_MEMORY_LOG_H
#define HVT_MEMORY_LOG_H

#include "region_map.h"

/* Is it wanted? Set before the first call of the API, cleared at the end. */
extern bool hvt_memory_is_logged;

/* Gives r, which has no slot, that one; with a log if r is to have one. */
int hvt_memory_log_set_slot(struct hvt_region *r, uint32_t slot);

/* Takes its slot from it, and tells what was written. */
int hvt_memory_log_clear_slot(const struct hvt_region *r);

/* A run of the calling thread's vCPU has ended: tells what guests have written. */
void hvt_memory_log_tell(void);

/* The VM is gone, with its slots. */
void hvt_memory_log_reset(void);

#endif
