/* SPDX-License-Identifier: MIT */
/*
 * Blocks: pages that the processor maps as one. Private memory consists of them
 * where it can, files in memory mostly do not, and a hypervisor that maps a guest
 * its pages one by one takes a fault for each.
 */
#ifndef HVT_RAM_BLOCKS_H
#define HVT_RAM_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Maps size bytes of the file from its start, to read and write; where a block
 * may begin if one may at like. NULL: it cannot, see errno.
 */
uint8_t *hvt_map_blocks(int fd, size_t size, const uint8_t *like);

/*
 * Has the kernel make blocks of what hvt_map_blocks() has mapped, of those that
 * have most of their pages. It need not (Linux 6.1).
 */
void hvt_make_blocks(uint8_t *view, size_t size);

#endif
