/* SPDX-License-Identifier: MIT */
/*
 * The frames that virtio-net devices moved: devices are found by what guests
 * read of them, their queues by what guests wrote to them, and frames by what
 * VMMs put into the used rings (Virtual I/O Device 1.2: 2.7, 4.2, 5.1).
 *
 * Pure. Registers and memory are the guest's, and hostile.
 */
#ifndef HVTRACE_NET_FOLLOW_H
#define HVTRACE_NET_FOLLOW_H

#include "exits.h"

#define NET_DEVICES_MAX 32u
#define NET_QUEUES_MAX	16u    /* eight pairs */
#define NET_FRAME_MAX	65550u /* one to be cut up by a card, and its header */

struct net_queue {
	bool ready;
	uint16_t size, seen; /* seen: index of the used ring */
	/*
	 * What stood for that index when the queue began, if not 0: memory is
	 * as the VMM saw it last, which may have been in another use.
	 */
	uint16_t stale;
	uint64_t desc, used;
};

struct net_device {
	uint64_t base;
	uint32_t version, selected, feature_word;
	uint64_t features;
	uint16_t pairs;
	bool is_net;
	struct net_queue queues[NET_QUEUES_MAX];
};

struct net_frame {
	uint64_t device; /* where its registers are */
	bool sent;       /* by the guest */
	const uint8_t *bytes;
	size_t size;
};

/* Guest memory: 0, or -errno where there is none. */
struct net_memory {
	int (*read)(void *context, uint64_t ipa, void *bytes, size_t size);
	void *context;
};

struct net_follow {
	struct net_device devices[NET_DEVICES_MAX];
	unsigned count;
	uint64_t lost; /* frames whose bytes are not there, or make no sense */
	unsigned budget; /* descriptors that may still be read this time */
	uint8_t frame[NET_FRAME_MAX];
};

/* An access of a guest; memory is that of when it was made. */
void net_follow_exit(struct net_follow *n, const struct exit *exit,
		const struct net_memory *memory);

/* Calls got for each frame that is in a used ring since the last time. */
void net_follow_rings(struct net_follow *n, const struct net_memory *memory,
		void (*got)(const struct net_frame *frame, void *context),
		void *context);

/* Net devices that have no such rings: packed, or before version 1. */
unsigned net_follow_unknown(const struct net_follow *n);

#endif
