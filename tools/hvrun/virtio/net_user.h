/* SPDX-License-Identifier: MIT */
/*
 * A network of the guest's own, 10.0.2.0/24, whose gateway, 10.0.2.2, is this
 * process: libslirp answers ARP, DHCP, DNS and TFTP, and makes the guest's
 * connections its own. Needs no rights on the host.
 */
#ifndef HVRUN_VIRTIO_NET_USER_H
#define HVRUN_VIRTIO_NET_USER_H

struct net_backend;

/*
 * `tftp` is the folder whose files are served, or NULL. NULL, with a message,
 * where it cannot be made.
 */
struct net_backend *net_user_create(const char *tftp);

#endif
