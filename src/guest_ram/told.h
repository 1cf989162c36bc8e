/* SPDX-License-Identifier: MIT */
/*
 * Telling of pages, and remembering what was told, where what guests write is
 * wanted, too: only what differs from that is told again. Under the lock.
 */
#ifndef HVT_RAM_TOLD_H
#define HVT_RAM_TOLD_H

#include "homes.h"

/* Room for what will be told of a new home, if ops want that: 0, -ENOMEM. */
int hvt_told_init(struct hvt_home *h, const struct hvt_ram_ops *ops);
void hvt_told_fini(struct hvt_home *h);

/* As in struct hvt_ram_ops. */
void hvt_tell_touched(const struct hvt_ram_ops *ops, uint8_t *addr,
		const uint8_t *page);
void hvt_tell_changed(const struct hvt_ram_ops *ops, uint8_t *addr,
		const uint8_t *before, const uint8_t *after);

#endif
