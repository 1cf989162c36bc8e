/* SPDX-License-Identifier: MIT */
/*
 * The vCPU's side of the hand-over to a queue's thread, for transport.c alone.
 * All of these are called with the device's lock held.
 */
#ifndef HVRUN_VIRTIO_QUEUE_H
#define HVRUN_VIRTIO_QUEUE_H

#include <stdbool.h>

struct virtio_device;
struct virtio_queue;

void virtio_queue_notify(struct virtio_queue *queue);

/*
 * Making it ready can fail, with a message: then it stays as it was, which the
 * driver may read back. Making it unready waits until all that was notified is
 * done.
 */
void virtio_queue_set_ready(struct virtio_queue *queue, bool ready);

/* Waits until all that was notified is done; all is as in the beginning. */
void virtio_reset(struct virtio_device *device);

#endif
