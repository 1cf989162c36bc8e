/* SPDX-License-Identifier: MIT */
/*
 * One ring of the write-ahead log: events of one thread that are not in a
 * segment yet, in memory that is a file. A thread publishes by plain stores
 * and one release store of the head; whatever happens to the process after
 * that, the event is in the file. One producer, one consumer. What is done for
 * every event is in trace.h; here is the rest of it, and reading.
 */
#ifndef HVT_TRACE_RING_H
#define HVT_TRACE_RING_H

#include "calls_text.h"
#include "trace.h"

#define HVT_RING_HEADER 65536u

enum hvt_ring_state {
	HVT_RING_FREE = 0,
	HVT_RING_USED = 1,
	HVT_RING_LEFT = 2, /* its thread has ended; to be drained, then free */
	HVT_RING_FULL = 3, /* its thread has gone on in another one; likewise */
};

/*
 * A record with a place and no event: here begins a thread, or goes on from
 * another ring. What it publishes before its next half of a call comes behind
 * what already has a place, so behind all in that other ring.
 */
#define HVT_RECORD_BEGIN 4

/* The start of a ring in the file; HVT_RING_HEADER bytes with padding. */
struct hvt_ring_header {
	_Atomic uint32_t state;
	uint32_t thread;
	uint64_t reserved[7];
	_Atomic uint64_t head; /* bytes ever published; the producer's line */
	_Atomic uint64_t stall_ns; /* time its thread waited for room */
	uint64_t pad1[6];
	_Atomic uint64_t tail;   /* bytes that are in segments on the disk; */
	_Atomic uint64_t synced; /* and published ones that are on the disk */
	uint64_t pad2[6];
};

struct hvt_ring {
	struct hvt_ring_header *header;
	uint8_t *bytes;
	uint64_t size; /* a power of two */
	/* Functions besides ours, or NULL; belongs to someone else. */
	const struct hvt_calls_text *calls;
};

/* A record as it is read. */
struct hvt_record {
	struct hvt_event event;
	uint64_t place; /* no meaning if it is a call */
	uint64_t end;   /* position behind it */
};

/* The bytes event takes in a ring. */
uint64_t hvt_ring_event_size(const struct hvt_event *event);

/* Sets log up to go on at the end of the ring, with places from counter. */
void hvt_ring_attach(struct hvt_ring *ring, struct hvt_log *log,
		_Atomic uint64_t *counter);

/*
 * Sees to it that the next size bytes may be written: false if so much is not
 * free. The producer only, as the next three.
 */
bool hvt_ring_make_room(
		struct hvt_ring *ring, struct hvt_log *log, uint64_t size);

/* Publishes event, for which room was made. */
void hvt_ring_publish(struct hvt_log *log, const struct hvt_event *event);

/* Publishes a record that begins, in a ring that is empty. */
void hvt_ring_begin(struct hvt_ring *ring, struct hvt_log *log);

/*
 * The record at the position at, if it ends at or before head: 1; 0 if at is
 * head; -EBADMSG if the ring holds what no producer wrote. Its bytes stay in
 * the ring.
 */
int hvt_ring_read(const struct hvt_ring *ring, uint64_t at, uint64_t head,
		struct hvt_record *record);

#endif
