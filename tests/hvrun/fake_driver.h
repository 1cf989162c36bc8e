/* SPDX-License-Identifier: MIT */
/*
 * A driver for virtio devices, at the other side of transport and rings: RAM,
 * queues in it, and the register accesses of a guest. It does nothing by
 * itself, so that a test can break any rule.
 */
#ifndef HVRUN_FAKE_DRIVER_H
#define HVRUN_FAKE_DRIVER_H

#include <stdatomic.h>

#include "machine_map.h"
#include "virtio/transport.h"
#include "virtio/virtio_spec.h"

#define DRIVER_RAM   (1u << 20)
#define DRIVER_QUEUE 16u /* descriptors in each queue */

/* Where buffers may be: behind the rings. */
#define DRIVER_BUFFERS (RAM_BASE + 0x10000)

struct driver_queue {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct virtqueue_config config;
	uint16_t next_desc;
};

struct driver {
	struct ram ram;
	struct driver_queue queues[VIRTIO_MAX_QUEUES];
	struct virtio_line line;
	_Atomic unsigned int raised; /* how often the line was set to 1 */
	_Atomic unsigned int lowered;
	struct virtio_device *device;
};

/* One buffer of a chain. */
struct driver_buffer {
	uint64_t addr;
	uint32_t len;
	bool is_write;
};

/* RAM filled with zeros, rings in it. */
void driver_init(struct driver *driver);
void driver_fini(struct driver *driver);

/* Guest address to host address; it must be RAM. */
void *driver_at(struct driver *driver, uint64_t addr);

/* Writes a chain's descriptors, one after the other; returns its head. */
uint16_t driver_chain(struct driver_queue *queue,
	const struct driver_buffer *buffers, unsigned int count);

/* Makes a head available. */
void driver_offer(struct driver_queue *queue, uint16_t head);

/* Registers, with 32 bits. */
uint32_t driver_get(struct driver *driver, uint64_t offset);
void driver_set(struct driver *driver, uint64_t offset, uint32_t value);

/* Starts `device`, and brings it up with all the features it offers. */
void driver_begin(struct driver *driver, struct virtio_device *device);
void driver_bring_up(struct driver *driver);

/* Up to FEATURES_OK, with these features; returns the status after it. */
uint32_t driver_negotiate(struct driver *driver, uint64_t features);
void driver_set_up_queue(struct driver *driver, unsigned int index);

void driver_notify(struct driver *driver, unsigned int index);

/* Waits until so many buffers were used, ever. */
void driver_await_used(struct driver_queue *queue, uint16_t count);

#endif
