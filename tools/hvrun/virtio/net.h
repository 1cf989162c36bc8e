/* SPDX-License-Identifier: MIT */
/*
 * A virtio network device (virtio 1.2, 5.1), without offloads: each frame is
 * one read() or write() of a descriptor.
 */
#ifndef HVRUN_VIRTIO_NET_H
#define HVRUN_VIRTIO_NET_H

struct virtio_device;

/* Where frames go to and come from. */
struct net_backend {
	/* One frame for each read() and write(); owned by the backend. */
	int fd;
	/* Frees all; no more frames. */
	void (*close)(struct net_backend *backend);
};

/* The device owns the backend. NULL, with a message, without memory. */
struct virtio_device *net_create(struct net_backend *backend);

#endif
