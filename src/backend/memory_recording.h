/* SPDX-License-Identifier: MIT */
/*
 * Guest memory in the recording: what the VMM read of it and what it wrote
 * becomes events (docs/FORMAT.md, Guest memory).
 */
#ifndef HVT_MEMORY_RECORDING_H
#define HVT_MEMORY_RECORDING_H

#include "backend.h"

/* Is it recorded? Set before the first call of the API, cleared at the end. */
extern bool hvt_memory_is_recorded;

/* 0, or -errno: then it cannot be as *mode asks, and *mode is what can. */
int hvt_memory_recording_start(enum hvt_memory_mode *mode);
void hvt_memory_recording_stop(void);

#endif
