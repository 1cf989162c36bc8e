/* SPDX-License-Identifier: MIT */
/*
 * From the rings of a write-ahead log to the writer: events of all rings in
 * the order of their numbers. Used by a living recorder and by recovery.
 */
#ifndef HVT_TRACE_DRAIN_H
#define HVT_TRACE_DRAIN_H

#include "wal.h"
#include "writer.h"

struct hvt_drain {
	struct hvt_wal *wal;
	struct hvt_writer *writer;
	struct hvt_drain_ring *rings;
	uint64_t count, capacity;
	uint64_t next;     /* number of the event to come */
	bool skip_missing; /* recovery: a number may never have been published */
	uint64_t missing;  /* how many were not */
};

int hvt_drain_init(struct hvt_drain *d, struct hvt_wal *wal,
		struct hvt_writer *writer);
void hvt_drain_fini(struct hvt_drain *d);

/*
 * Takes up all that is published, writing segments as they fill up, and frees
 * what is written in the rings. 0 or -errno.
 */
int hvt_drain_all(struct hvt_drain *d);

/* Writes the segment being made, and frees its events in the rings. */
int hvt_drain_cut(struct hvt_drain *d);

/* Is a ring so full that a segment should be written now? */
bool hvt_drain_is_pressed(const struct hvt_drain *d);

/* Takes up and writes what is there, if a thread has ended. 0 or -errno. */
int hvt_drain_reclaim(struct hvt_drain *d);

/* A drained ring whose thread has ended, for another one; or false. */
bool hvt_drain_find_free(struct hvt_drain *d, struct hvt_ring *ring);

#endif
