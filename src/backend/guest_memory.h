/* SPDX-License-Identifier: MIT */
/*
 * What is mapped where in the guest, for those who explain its exits. Any
 * thread, at any time but while it changes the map itself; a change under way
 * is seen as not yet done or as done, never half.
 */
#ifndef HVT_GUEST_MEMORY_H
#define HVT_GUEST_MEMORY_H

#include <stdatomic.h>

#include "backend.h"
#include "fastpath.h"

/* changes: of the map; pauses are the engine's. */
extern struct hvt_run_watch hvt_run_watch HVT_HIDDEN;

/*
 * What ipa is in, and the fault status of an access to it that KVM does not
 * allow: there is no translation, or, where something is mapped, no permission.
 * A mapping may lack READ: it has no slot in the engine.
 */
void hvt_memory_extent(uint64_t ipa, struct hvt_extent *extent);

/*
 * Copies size bytes at ipa that lie in one page; false if the guest could not
 * read them there, or the VMM has unmapped its memory.
 */
bool hvt_memory_read(uint64_t ipa, void *p, size_t size);

/*
 * The same for several reads, most of them of one region: from begin to end the
 * map stays as it is, so nothing may come between that waits for others.
 */
struct hvt_memory_look {
	const struct hvt_region *region; /* of the last read */
};

void hvt_memory_look_begin(struct hvt_memory_look *look);
bool hvt_memory_look(
	struct hvt_memory_look *look, uint64_t ipa, void *p, size_t size);
void hvt_memory_look_end(void);

#endif
