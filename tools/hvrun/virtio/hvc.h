/* SPDX-License-Identifier: MIT */
/*
 * A virtio console (virtio 1.2, 5.3) with one port: hvc0 in a Linux guest. Its
 * far end is a pseudo-terminal, a file, or standard input and output.
 */
#ifndef HVRUN_VIRTIO_HVC_H
#define HVRUN_VIRTIO_HVC_H

struct virtio_device;

struct hvc_ops {
	/* Ctrl-A X was typed; called by the device's thread. */
	void (*quit)(void *ctx);
};

/*
 * `target` is "pty", "stdio" or "file:NAME". The name of a pseudo-terminal is
 * told on stderr. NULL, with a message, where it cannot be had.
 */
struct virtio_device *hvc_create(
	const char *target, const struct hvc_ops *ops, void *ctx);

#endif
