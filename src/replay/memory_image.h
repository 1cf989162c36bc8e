/* SPDX-License-Identifier: MIT */
/*
 * Guest memory as a trace that was recorded with --memory full says it was: by
 * its events alone. What of docs/FORMAT.md makes no sense is -EBADMSG.
 */
#ifndef HVT_REPLAY_MEMORY_IMAGE_H
#define HVT_REPLAY_MEMORY_IMAGE_H

#include <hvtrace/hvtrace.h>

#include "extents.h"
#include "page_pool.h"

struct hvt_image_page;
struct hvt_image_call;

struct hvt_memory_image {
	struct hvt_page_pool pool;
	struct hvt_extents kinds; /* of the VMM's memory: enum hvt_ram_kind */
	struct hvt_extents guest; /* by IPA: addresses of the VMM's memory */
	struct hvt_image_page *pages; /* a hash table by address */
	size_t count, capacity;
	struct hvt_image_call *entered; /* by thread */
	uint64_t now; /* counts events */
};

/* -EBADMSG: that is no size of pages; -ENOMEM. Finish it in any case. */
int hvt_memory_image_init(struct hvt_memory_image *m, uint64_t page_size);
void hvt_memory_image_fini(struct hvt_memory_image *m);

/* The next event; 0, -EBADMSG, -ENOMEM. */
int hvt_memory_image_see(struct hvt_memory_image *m,
		const struct hvt_event *event);

/*
 * What is in the page at that address of the VMM: until the next event. NULL: it
 * is no memory of guests, or nothing of it is in the trace.
 */
const uint8_t *hvt_memory_image_page(const struct hvt_memory_image *m,
		uint64_t addr);

/*
 * Guest memory; -EFAULT: there is none at *failed; -ENODATA: there is, but its
 * contents are not in the trace.
 */
int hvt_memory_image_read(const struct hvt_memory_image *m, uint64_t ipa,
		uint8_t *bytes, size_t size, uint64_t *failed);

#endif
