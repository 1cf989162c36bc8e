/* SPDX-License-Identifier: MIT */
/*
 * The pages that a recorded guest had written, of a trace that has all of its
 * memory: each is compared when the run in which it was written has been made
 * again. Only where that vCPU was alone: else it is chance what others had
 * written by then.
 */
#ifndef HVT_GUEST_WRITTEN_H
#define HVT_GUEST_WRITTEN_H

#include <stdbool.h>

#include "../memory_image.h"

struct hvt_written {
	bool full; /* the trace has all of memory; or else there is nothing here */
	struct hvt_memory_image image;
	struct hvt_event *notes; /* of this run, without their bytes */
	size_t count, capacity, next;
};

/* 0, -EBADMSG, -ENOMEM. Finish it in any case. */
int hvt_written_init(struct hvt_written *w, const struct hvt_trace *trace,
		uint64_t page_size);
void hvt_written_fini(struct hvt_written *w);

/* The next event. alone: one vCPU runs, of the thread of the event. */
int hvt_written_see(struct hvt_written *w, const struct hvt_event *event,
		bool alone);

/* The next page to be compared: at *addr of the VMM it was *recorded. */
bool hvt_written_next(struct hvt_written *w, uint64_t *addr,
		const uint8_t **recorded);

/* The event that tells of the byte at offset of that page. */
const struct hvt_event *hvt_written_note(const struct hvt_written *w,
		size_t offset);

#endif
