/* SPDX-License-Identifier: MIT */
/*
 * From the rings of a write-ahead log to the writer. Used by a living recorder
 * and by recovery.
 */
#ifndef HVT_TRACE_DRAIN_H
#define HVT_TRACE_DRAIN_H

#include "merge.h"
#include "wal.h"
#include "writer.h"

struct hvt_drain {
	struct hvt_wal *wal;
	struct hvt_writer *writer;
	struct hvt_merge merge;
	struct hvt_log_point point; /* for the segment being written */
};

void hvt_drain_init(struct hvt_drain *d, struct hvt_wal *wal,
		struct hvt_writer *writer);
void hvt_drain_fini(struct hvt_drain *d);

/* Takes up all that has its place, writing segments as they fill up. */
int hvt_drain_all(struct hvt_drain *d);

/* Takes up and writes everything: nothing is published any more. */
int hvt_drain_finish(struct hvt_drain *d);

/* Writes the segment being made. */
int hvt_drain_cut(struct hvt_drain *d);

/*
 * What was written when the first was called is on the disk when the second
 * is: its room in the rings is free.
 */
void hvt_drain_note_written(struct hvt_drain *d);
/*
 * Between the two all that was published at the first comes to the disk; also
 * in the rings of threads that have ended. No thread changes its ring during the
 * first. 0 or -errno.
 */
int hvt_drain_note_heads(struct hvt_drain *d);
void hvt_drain_set_synced(struct hvt_drain *d);

void hvt_drain_free_written(struct hvt_drain *d);

/* Is a ring so full that a segment should be written now? */
bool hvt_drain_is_pressed(const struct hvt_drain *d);

/* Takes up, writes and frees what is there. */
int hvt_drain_reclaim(struct hvt_drain *d);

#endif
