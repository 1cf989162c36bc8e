/* SPDX-License-Identifier: MIT */
/*
 * Queue 0 receives: its thread waits for a frame, then for the driver, and
 * drops the frame where there is no buffer for it. Queue 1 sends.
 */
#include "net.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport.h"
#include "virtio_spec.h"
#include "waker.h"

enum { RECEIVE = 0, SEND = 1 };

#define VIRTIO_NET_F_MAC (1ull << 5) /* 5.1.3 */

/* An Ethernet frame, perhaps with a VLAN tag, without its checksum. */
#define FRAME_MIN 14u
#define FRAME_MAX 1518u

/* 5.1.6; one buffer holds a frame. */
struct net_header {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers;
};

struct net {
	struct virtio_device device;
	struct net_backend *backend;
	struct waker waker; /* of the receiving thread */
	uint8_t mac[6];
};

/* Locally administered, and the same in every run. */
static const uint8_t mac[6] = { 0x52, 0x54, 0x00, 0x68, 0x76, 0x74 };

/* What cannot be sent is lost, as on a wire. */
static void send_frame(struct virtio_queue *queue, struct chain *chain)
{
	const struct net *net = (const struct net *)queue->device;
	struct net_header header;
	ssize_t n;

	if (!chain_pull(chain, &header, sizeof(header)) ||
		chain->to_read < FRAME_MIN || chain->to_read > FRAME_MAX)
		return;
	do {
		n = writev(net->backend->fd, &chain->iov[chain->read_at],
			(int)(chain->readable - chain->read_at));
	} while (n < 0 && errno == EINTR);
}

static void send_frames(struct virtio_queue *queue)
{
	while (virtio_queue_wait(queue)) {
		virtio_queue_serve(queue, send_frame);
		virtio_queue_leave(queue);
	}
}

/* The next frame's size, or 0 when there will be none any more. */
static size_t next_frame(struct virtio_queue *queue, uint8_t *frame)
{
	struct net *net = (struct net *)queue->device;
	int fd = net->backend->fd;

	while (!virtio_queue_is_over(queue)) {
		ssize_t n;

		if (!waker_wait(&net->waker, fd, POLLIN, -1))
			continue;
		n = read(fd, frame, FRAME_MAX);
		if (n >= (ssize_t)FRAME_MIN)
			return (size_t)n;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			fprintf(stderr,
				"hvrun: network: %s; nothing more is "
				"received\n",
				strerror(errno));
			fd = -1;
		}
	}
	return 0;
}

static void receive_frame(
	struct virtio_queue *queue, const uint8_t *frame, size_t size)
{
	const struct net_header header = { .num_buffers = 1 };
	struct chain chain;

	if (virtio_queue_next(queue, &chain) != 1)
		return;
	if (chain.to_write < sizeof(header) + size) {
		virtqueue_unpop(&queue->ring);
		return;
	}
	chain_push(&chain, &header, sizeof(header));
	chain_push(&chain, frame, size);
	virtqueue_push(&queue->ring, &chain);
	virtio_queue_interrupt(queue);
}

static void receive_frames(struct virtio_queue *queue)
{
	uint8_t frame[FRAME_MAX];
	size_t size;

	while ((size = next_frame(queue, frame)) && virtio_queue_enter(queue)) {
		receive_frame(queue, frame, size);
		virtio_queue_leave(queue);
	}
}

static void run(struct virtio_queue *queue)
{
	if (queue->index == SEND)
		send_frames(queue);
	else
		receive_frames(queue);
}

static void interrupt(struct virtio_device *device)
{
	waker_wake(&((struct net *)device)->waker);
}

static void close_net(struct virtio_device *device)
{
	struct net *net = (struct net *)device;

	net->backend->close(net->backend);
	waker_fini(&net->waker);
	free(net);
}

static const struct virtio_model model = {
	.name = "network device",
	.id = VIRTIO_ID_NET,
	.queue_count = 2,
	.input_queues = 1u << RECEIVE,
	.run = run,
	.interrupt = interrupt,
	.close = close_net,
};

struct virtio_device *net_create(struct net_backend *backend)
{
	struct net *net = calloc(1, sizeof(*net));

	if (!net || waker_init(&net->waker)) {
		fprintf(stderr, "hvrun: --net: out of memory\n");
		backend->close(backend);
		free(net);
		return NULL;
	}
	net->backend = backend;
	memcpy(net->mac, mac, sizeof(mac));
	net->device.features = VIRTIO_NET_F_MAC;
	net->device.config = net->mac;
	net->device.config_size = sizeof(net->mac);
	virtio_init(&net->device, &model);
	return &net->device;
}
