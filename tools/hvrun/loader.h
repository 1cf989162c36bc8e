/* SPDX-License-Identifier: MIT */
/*
 * Puts files into guest RAM. Failures are reported on stderr with the file's
 * name, what was found and what would do; the caller only needs to give up.
 */
#ifndef HVRUN_LOADER_H
#define HVRUN_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "ram.h"

/* Guest addresses. */
struct boot_layout {
	uint64_t entry;
	uint64_t initrd_start; /* equal to initrd_end without an initrd */
	uint64_t initrd_end;
	uint64_t fdt;
};

struct image_header {
	uint64_t text_offset;
	uint64_t memory_size; /* what the kernel needs, BSS included */
};

/*
 * Examines the start of a file for the arm64 Image header. NULL when it is one
 * that can be booted, otherwise a phrase for what it is instead.
 */
const char *loader_check_image(
	const uint8_t *data, size_t size, struct image_header *header);

/* `initrd` may be NULL. 0 or -errno. */
int loader_load_linux(const struct ram *ram, const char *kernel,
	const char *initrd, struct boot_layout *layout);

/* At RAM_BASE. 0 or -errno. */
int loader_load_flat(const struct ram *ram, const char *path);

#endif
