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
 * Where `length` bytes at guest address `address` are, or NULL when not all of
 * them are RAM. Any address and length may be asked for.
 */
void *ram_at(const struct ram *ram, uint64_t address, uint64_t length);

#endif
