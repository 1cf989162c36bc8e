/* SPDX-License-Identifier: MIT */
/* The device tree that tells the guest what machine it has. */
#ifndef HVRUN_GUEST_FDT_H
#define HVRUN_GUEST_FDT_H

#include <stddef.h>
#include <stdint.h>

struct guest_fdt {
	uint64_t ram_size;
	uint64_t initrd_start; /* no initrd when equal to initrd_end */
	uint64_t initrd_end;
	unsigned int cpu_count;
	unsigned int virtio_count;
	const char *command_line;
};

/* Writes the tree to `dest`. 0, or -errno: -ENOSPC when `size` is too small. */
int guest_fdt_build(void *dest, size_t size, const struct guest_fdt *guest);

#endif
