/* SPDX-License-Identifier: MIT */
/* Frames to and from a tap interface of the host. Linux only. */
#ifndef HVRUN_VIRTIO_NET_TAP_H
#define HVRUN_VIRTIO_NET_TAP_H

struct net_backend;

/* An interface that there is, or root makes. NULL with a message. */
struct net_backend *net_tap_create(const char *name);

#endif
