/* SPDX-License-Identifier: MIT */
/*
 * What is mapped in a guest, by the calls that have changed it: so that only
 * the outcome need be done, as each change takes KVM long.
 */
#ifndef HVT_GUEST_MAPPED_H
#define HVT_GUEST_MAPPED_H

#include "../extents.h"
#include "play.h"

struct hvt_mapped {
	/* By IPA: addresses as recorded, and flags. What was unmapped has none. */
	struct hvt_extents addrs, flags;
};

struct hvt_mapped_piece {
	uint64_t ipa, size, addr, flags;
};

/* Is it one of these calls? */
bool hvt_mapped_is_change(uint32_t call);

/* A call that has succeeded. -EBADMSG: no range of addresses; -ENOMEM. */
int hvt_mapped_note(struct hvt_mapped *m, const struct hvt_event *call);

/* All that is mapped, going up, until each() returns other than 0: that. */
int hvt_mapped_each(const struct hvt_mapped *m,
		int (*each)(const struct hvt_mapped_piece *piece, void *context),
		void *context);

/* Maps all that in the VM, which has nothing mapped. -EBADMSG: it cannot be. */
int hvt_mapped_put(const struct hvt_mapped *m, struct hvt_play *play);

void hvt_mapped_fini(struct hvt_mapped *m);

#endif
