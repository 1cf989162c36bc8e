/* SPDX-License-Identifier: MIT */
/*
 * A trace file that grows: the meta segment, event segments, an index now and
 * then, the end. One thread at a time. After an error the file holds whole
 * segments only: a partial one is cut off again.
 */
#ifndef HVT_TRACE_WRITER_H
#define HVT_TRACE_WRITER_H

#include "segment.h"

struct hvt_writer;

/* Creates or empties the file at path; first: number of its first event. */
int hvt_writer_create(struct hvt_writer **writer, const char *path,
		const struct hvt_info *facts, size_t count, uint64_t first);

/*
 * Goes on with a file that was not closed, behind its last whole segment;
 * what follows that is cut off. -EBADMSG if it does not begin as a trace.
 */
int hvt_writer_resume(struct hvt_writer **writer, const char *path);

/* The same by a descriptor that has the lock, and is the writer's from now on. */
int hvt_writer_adopt(struct hvt_writer **writer, int fd);

const uint8_t *hvt_writer_id(const struct hvt_writer *writer);

/* How much of its log was in segments when the writer was resumed. */
const struct hvt_log_point *hvt_writer_point(const struct hvt_writer *writer);

/* Number that the next event must have. */
uint64_t hvt_writer_next(const struct hvt_writer *writer);

/* Before the first event: those without a tick of their own begin at this one. */
void hvt_writer_begin_at(struct hvt_writer *writer, uint64_t tick);

/* Adds an event to the segment being made: 0, -ENOSPC when it is full. */
int hvt_writer_add(struct hvt_writer *writer, const struct hvt_event *event);

/*
 * Writes the segment being made, if it has any event; point as of
 * hvt_columns_finish().
 */
int hvt_writer_cut(struct hvt_writer *writer, uint64_t stall_ns,
		const struct hvt_log_point *point);

/* A segment of a type that no event is in. -EFBIG: it would be too large. */
int hvt_writer_append(struct hvt_writer *writer, enum hvt_segment_type type,
		const void *bytes, size_t size);

/* To stable storage. */
int hvt_writer_sync(struct hvt_writer *writer);

/*
 * Index, facts and end, the fact "ended" being the reason given; with NULL
 * none of these. Closes. 0 or -errno.
 */
int hvt_writer_close(struct hvt_writer *writer, const char *ended);

/* Closes the descriptor only: what a forked child does. */
void hvt_writer_disown(struct hvt_writer *writer);

#endif
