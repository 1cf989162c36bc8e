/* SPDX-License-Identifier: MIT */
/* Finding segments in a file that may be damaged. */
#ifndef HVT_TRACE_SCAN_H
#define HVT_TRACE_SCAN_H

#include "segment.h"

/* Room for one segment, packed and unpacked, reused from one to the next. */
struct hvt_segment_buffer {
	uint8_t *packed, *raw;
	size_t packed_capacity, raw_capacity;
};

void hvt_segment_buffer_fini(struct hvt_segment_buffer *b);

/* Does err say that bytes are not what they were, or just failure to read? */
bool hvt_scan_is_damage(int err);

/*
 * Reads the head at offset. -ENODATA: the file ends before its end; else as
 * hvt_head_decode(), or another -errno of read(2).
 */
int hvt_scan_head(int fd, uint64_t offset, struct hvt_head *head);

/*
 * Reads and checks the whole segment whose head is at offset; the payload is
 * then in b->raw. -ENODATA: the file ends in it; -EBADMSG: it is damaged.
 */
int hvt_scan_segment(int fd, uint64_t offset, const struct hvt_head *head,
		struct hvt_segment_buffer *b);

/*
 * The two in one, and in one read if the segment is no larger than guess, of
 * which the file has that much.
 */
int hvt_scan_whole(int fd, uint64_t offset, size_t guess, struct hvt_head *head,
		struct hvt_segment_buffer *b);

/*
 * The next offset at or behind from where a good head of the trace id is.
 * -ENODATA: none; or another -errno.
 */
int hvt_scan_find(int fd, const uint8_t id[16], uint64_t from, uint64_t *offset,
		struct hvt_head *head);

#endif
