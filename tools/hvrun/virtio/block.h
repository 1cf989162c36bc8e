/* SPDX-License-Identifier: MIT */
/* A virtio block device (virtio 1.2, 5.2) on a file or a block device. */
#ifndef HVRUN_VIRTIO_BLOCK_H
#define HVRUN_VIRTIO_BLOCK_H

#include <stdbool.h>

struct virtio_device;

/*
 * Opens the disk; NULL, with a message, where it cannot be used. Freed by
 * virtio_stop(). `number` is part of the serial number that the guest sees.
 */
struct virtio_device *block_create(
	const char *path, bool read_only, unsigned int number);

#endif
