/* SPDX-License-Identifier: MIT */
/* Guest addresses to host addresses. */
#include "ram.h"

#include <stddef.h>

#include "machine_map.h"

void *ram_at(const struct ram *ram, uint64_t address, uint64_t length)
{
	uint64_t offset = address - RAM_BASE;

	if (address < RAM_BASE || offset > ram->size ||
		length > ram->size - offset)
		return NULL;
	return ram->host + offset;
}
