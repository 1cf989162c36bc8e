/* SPDX-License-Identifier: MIT */
/*
 * How long who holds the VMM's turn is waited for, when vCPUs want to run. All
 * under the lock of the room; times are of one clock, in ns.
 */
#ifndef HVT_RAM_PATIENCE_H
#define HVT_RAM_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_ram.h"

/* As if no turn had been waited for. */
void hvt_patience_init(void);

/*
 * May the turn of that number, from 1, in which so many pages have been granted by
 * now, end, and how? It costs little to ask before hvt_patience_next().
 */
bool hvt_patience_is_over(uint64_t now, uint64_t turn, size_t granted,
		enum hvt_turn_end *how);

/* When, if it may not. */
uint64_t hvt_patience_next(void);

/* One who held it has let it go: the others are to be looked at at once. */
void hvt_patience_hurry(void);

/* So a turn has ended. */
void hvt_patience_learn(enum hvt_turn_end how);

#endif
