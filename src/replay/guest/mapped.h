/* SPDX-License-Identifier: MIT */
/*
 * What is mapped in a guest, by the calls that have changed it: so that only
 * the outcome need be done, as each change takes KVM long.
 */
#ifndef HVT_GUEST_MAPPED_H
#define HVT_GUEST_MAPPED_H

#include "play.h"

struct hvt_mapped {
	struct hvt_mapped_piece {
		uint64_t ipa, size, addr, flags; /* addr as recorded */
	} *pieces; /* no two of them overlap */
	size_t count, capacity;
};

/* Is it one of these calls? */
bool hvt_mapped_is_change(uint32_t call);

/* A call that has succeeded. -EBADMSG: no range of addresses; -ENOMEM. */
int hvt_mapped_note(struct hvt_mapped *m, const struct hvt_event *call);

/* Maps all that in the VM, which has nothing mapped. -EBADMSG: it cannot be. */
int hvt_mapped_put(const struct hvt_mapped *m, const struct hvt_play *play);

void hvt_mapped_fini(struct hvt_mapped *m);

#endif
