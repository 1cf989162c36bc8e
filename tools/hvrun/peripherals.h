/* SPDX-License-Identifier: MIT */
/*
 * The virtio devices that the command line asks for: opened before there is a
 * VM, put on the bus, started with the vCPUs, and ended after them.
 */
#ifndef HVRUN_PERIPHERALS_H
#define HVRUN_PERIPHERALS_H

#include <stdbool.h>

#include "machine_map.h"
#include "virtio/transport.h"

struct bus;
struct options;
struct ram;

/* Called by devices' threads, with their locks held perhaps. */
struct peripherals_ops {
	void (*fail)(void *ctx); /* an interrupt line could not be set */
	void (*quit)(void *ctx); /* the user typed Ctrl-A X */
};

struct peripherals {
	struct virtio_device *devices[MAX_VIRTIO];
	unsigned int count;
	struct virtio_line line;
	_Atomic bool failed; /* a line could not be set */
	const struct peripherals_ops *ops;
	void *ctx;
};

/* 0, or -1 with a message; peripherals_close() is due either way. */
int peripherals_open(struct peripherals *peripherals,
	const struct options *options, const struct peripherals_ops *ops,
	void *ctx);

/* 0 or -errno. */
int peripherals_attach(struct peripherals *peripherals, struct bus *bus);

/* The devices begin to work, on this RAM. 0 or -errno. */
int peripherals_start(struct peripherals *peripherals, const struct ram *ram);

/*
 * Finishes what the guest has asked for, and frees all. The VM must still
 * exist, and no vCPU run any more.
 */
void peripherals_close(struct peripherals *peripherals);

#endif
