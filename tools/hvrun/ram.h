/* SPDX-License-Identifier: MIT */
/* Guest RAM as the host sees it: one range, at RAM_BASE in the guest. */
#ifndef HVRUN_RAM_H
#define HVRUN_RAM_H

#include <stdint.h>

struct ram {
	uint8_t *host;
	uint64_t size;
};

/*
 * Address space for `size` bytes, at the beginning of a large page: pages are
 * taken when they are touched, large ones where the host has them to give, so
 * that it and KVM map 2 MiB at a time. For as long as the process lives. 0 or
 * -errno.
 */
int ram_allocate(struct ram *ram, uint64_t size);

/*
 * Where `length` bytes at guest address `address` are, or NULL when not all of
 * them are RAM. Any address and length may be asked for.
 */
void *ram_at(const struct ram *ram, uint64_t address, uint64_t length);

#endif
