/* SPDX-License-Identifier: MIT */
/*
 * One ring of the write-ahead log: events of one thread that are not in a
 * segment yet, in memory that is a file. A thread publishes by plain stores
 * and one release store of the head; whatever happens to the process after
 * that, the event is in the file. One producer, one consumer.
 */
#ifndef HVT_TRACE_RING_H
#define HVT_TRACE_RING_H

#include <stdatomic.h>

#include "schema.h"
#include "trace.h"

#define HVT_RING_HEADER 65536u

enum hvt_ring_state {
	HVT_RING_FREE = 0,
	HVT_RING_USED = 1,
	HVT_RING_LEFT = 2, /* its thread has ended; to be drained, then free */
};

/* The start of a ring in the file; HVT_RING_HEADER bytes with padding. */
struct hvt_ring_header {
	_Atomic uint32_t state;
	uint32_t thread;
	uint64_t reserved[7];
	_Atomic uint64_t head; /* bytes ever published; the producer's line */
	_Atomic uint64_t stall_ns; /* time its thread waited for room */
	uint64_t pad1[6];
	_Atomic uint64_t tail; /* bytes ever consumed; the consumer's line */
	uint64_t pad2[7];
};

struct hvt_ring {
	struct hvt_ring_header *header;
	uint8_t *bytes;
	uint64_t size;      /* a power of two */
	uint64_t tail_seen; /* the producer's copy: saves looking */
};

/*
 * An event in a ring: this, then count values, then the data, padded to 8
 * bytes. kind 0: nothing, up to the end of the ring.
 */
struct hvt_ring_event {
	uint32_t size; /* in bytes, all of it; a multiple of 8 */
	uint16_t call;
	uint8_t kind;
	uint8_t count;
	uint64_t number;
	uint64_t tick;
	int64_t result;
	uint64_t data_size;
};

/* The bytes event takes in a ring. */
static inline uint64_t hvt_ring_event_size(const struct hvt_event *event)
{
	/* No call for a number: this is on the way of every event. */
	return sizeof(struct hvt_ring_event) +
			8u * hvt_call_schemas[event->call].param_count +
			((event->data_size + 7) & ~7ull);
}

/* The same, where the tail may have to be looked at. */
bool hvt_ring_look_for_room(struct hvt_ring *ring, uint64_t size);

/* Is there room for size bytes, and the padding before them? */
static inline bool hvt_ring_has_room(struct hvt_ring *ring, uint64_t size)
{
	uint64_t head = atomic_load_explicit(
			&ring->header->head, memory_order_relaxed);

	/* Padding is less than size. */
	return head + 2 * size - ring->tail_seen <= ring->size ||
			hvt_ring_look_for_room(ring, size);
}

/*
 * Publishes event, for which there is room, with the next number of counter.
 * The producer only.
 */
void hvt_ring_publish(struct hvt_ring *ring, _Atomic uint64_t *counter,
		struct hvt_event *event);

/*
 * The oldest event not consumed: 1, 0 if there is none, -EBADMSG if the ring
 * holds what no producer wrote. *next: what the tail is when it is consumed.
 * event->data points into the ring. Position *at, which starts as the tail.
 */
int hvt_ring_peek(const struct hvt_ring *ring, uint64_t at,
		struct hvt_event *event, uint64_t *next);

#endif
