/* SPDX-License-Identifier: MIT */
/* Where a reader is, for what reads segments on its behalf. */
#ifndef HVT_TRACE_PLACE_H
#define HVT_TRACE_PLACE_H

#include "segment.h"

struct hvt_place {
	uint64_t offset;    /* of the segment to come */
	uint64_t next;      /* number of the event to come */
	bool behind_damage; /* numbers may jump */
};

/* False: in the middle of a segment, or behind the last one. */
bool hvt_trace_place(const struct hvt_trace *trace, struct hvt_place *place);

/* All events of the segment at offset were read. */
void hvt_trace_pass(struct hvt_trace *trace, uint64_t offset,
		const struct hvt_head *head);

#endif
