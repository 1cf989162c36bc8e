/* SPDX-License-Identifier: MIT */
/*
 * The device's side of a split virtqueue (virtio 1.2, 2.7): takes chains of
 * buffers out of the available ring and puts them into the used ring. Pure but
 * for guest RAM. One thread at a time.
 *
 * Everything in the rings is the guest's word, and may change while it is being
 * read. So each descriptor is copied once and checked in the copy: a chain that
 * was handed out lies in RAM, and is no longer than the queue.
 *
 * VIRTIO_F_EVENT_IDX is not spoken: with it the driver keeps notifications
 * back, and a device that looks at its ring once for each of them would sleep.
 */
#ifndef HVRUN_VIRTQUEUE_H
#define HVRUN_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "ram.h"

#define VIRTQUEUE_MAX 256u

struct vring_avail;
struct vring_desc;
struct vring_used;

struct virtqueue_config {
	uint32_t size; /* in descriptors */
	uint64_t desc; /* guest addresses of the three areas */
	uint64_t avail;
	uint64_t used;
	bool indirect; /* VIRTIO_F_INDIRECT_DESC was agreed on */
};

struct virtqueue {
	const struct ram *ram;
	uint16_t size;
	bool indirect;
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t next_avail; /* the first that was not taken */
	uint16_t next_used;
};

/*
 * The buffers of a chain in host memory: first those that the device reads,
 * then those that it writes. What was read or written is dropped from the
 * front, so that the rest is always ready for readv() and writev().
 */
struct chain {
	uint16_t head;
	unsigned int count;
	unsigned int readable; /* iov from here on are written */
	unsigned int read_at;  /* the first that was not all read */
	unsigned int write_at; /* the first that was not all written */
	uint32_t to_read;      /* bytes left */
	uint32_t to_write;
	uint32_t written; /* bytes; what the used ring will tell */
	struct iovec iov[VIRTQUEUE_MAX];
};

/*
 * -EINVAL when the size is no power of two from 1 to VIRTQUEUE_MAX, or an area
 * is not aligned as 2.7 demands or not in RAM.
 */
int virtqueue_init(struct virtqueue *queue, const struct ram *ram,
	const struct virtqueue_config *config);

/* How many chains wait; more than the queue's size is the guest's mistake. */
unsigned int virtqueue_pending(const struct virtqueue *queue);

/*
 * Takes the next chain of those that virtqueue_pending() has counted. -EBADMSG
 * when the ring or the chain breaks the rules; the queue is then of no more
 * use.
 */
int virtqueue_pop(struct virtqueue *queue, struct chain *chain);

/* Undoes the last pop, of a chain that was not pushed. */
void virtqueue_unpop(struct virtqueue *queue);

/* Gives the chain back, with chain->written as its length. */
void virtqueue_push(struct virtqueue *queue, const struct chain *chain);

/* After pushes: does the driver want to be interrupted? */
bool virtqueue_wants_interrupt(const struct virtqueue *queue);

/* Next `size` bytes from the driver; false, and none, when there are fewer. */
bool chain_pull(struct chain *chain, void *data, size_t size);

/* Next bytes to the driver; returns how many there was room for. */
size_t chain_push(struct chain *chain, const void *data, size_t size);

/*
 * Takes the last byte to be written out of the chain and gives its place, or
 * NULL when there is none. It counts as written.
 */
uint8_t *chain_last(struct chain *chain);

/* So many bytes were read or written by other means; at most what is left. */
void chain_drop_readable(struct chain *chain, size_t size);
void chain_drop_writable(struct chain *chain, size_t size);

#endif
