/* SPDX-License-Identifier: MIT */
/*
 * Where addresses of a trace go in tables: by a number that is another one in each
 * process, or a trace could have all of them go to the same place.
 */
#ifndef HVT_REPLAY_ADDRESS_HASH_H
#define HVT_REPLAY_ADDRESS_HASH_H

#include <stdint.h>

uint64_t hvt_address_hash(uint64_t addr);

#endif
