/* SPDX-License-Identifier: MIT */
/* A virtio entropy device (virtio 1.2, 5.4). */
#ifndef HVRUN_VIRTIO_RNG_H
#define HVRUN_VIRTIO_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct virtio_device;

/*
 * Gives the host's random bytes, or, if `seeded`, a sequence that depends on
 * `seed` alone: no secret then. NULL, with a message, without memory.
 */
struct virtio_device *rng_create(bool seeded, uint64_t seed);

#endif
