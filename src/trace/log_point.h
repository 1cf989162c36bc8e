/* SPDX-License-Identifier: MIT */
/*
 * How much of a write-ahead log is in segments: each event segment begins with
 * what is true behind it, so that a log and a trace that were not brought to
 * the disk at the same moment still fit together.
 */
#ifndef HVT_TRACE_LOG_POINT_H
#define HVT_TRACE_LOG_POINT_H

#include <stddef.h>

#include "varint.h"

struct hvt_log_ring {
	uint64_t ring;
	uint64_t position; /* what is before it is in segments */
};

struct hvt_log_point {
	uint64_t place; /* the first one that is not in segments */
	struct hvt_log_ring *rings; /* by number; those never used are left out */
	size_t count, capacity;
};

/* Where ring stands: 0 if it is not named. */
uint64_t hvt_log_point_of(const struct hvt_log_point *point, uint64_t ring);

/* Sets where ring stands; its number is above those set before. 0, -ENOMEM. */
int hvt_log_point_add(
		struct hvt_log_point *point, uint64_t ring, uint64_t position);

/* Bytes that it takes at most, and writing it, NULL being none: where that ends. */
size_t hvt_log_point_bound(const struct hvt_log_point *point);
uint8_t *hvt_log_point_encode(const struct hvt_log_point *point, uint8_t *p);

/* Into *point, whose memory is reused. 0, -ENOMEM or -EBADMSG. */
int hvt_log_point_decode(struct hvt_log_point *point, struct hvt_input *in);

void hvt_log_point_fini(struct hvt_log_point *point);

#endif
