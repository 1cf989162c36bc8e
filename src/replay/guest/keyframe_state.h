/* SPDX-License-Identifier: MIT */
/* A guest that stands still into a keyframe, and out of one. */
#ifndef HVT_GUEST_KEYFRAME_STATE_H
#define HVT_GUEST_KEYFRAME_STATE_H

#include "player.h"
#include "trace.h"

/* Calls that are not made again on the way to a keyframe, which has it all. */
bool hvt_keyframe_covers(uint32_t call);

/* Registers of all vCPUs and the GIC, into *k, which is empty. -errno. */
int hvt_keyframe_take(struct hvt_guest *g, struct hvt_keyframe *k);

/*
 * Makes the guest, which has been brought to the event of k by the calls that
 * keyframes do not cover, what k says. -EBADMSG: it cannot be of this guest,
 * or not of this host; -EIO: this host does not let it be written; -ENOMEM.
 */
int hvt_keyframe_put(struct hvt_guest *g, const struct hvt_keyframe *k);

/*
 * Has each() get all pages that k names, wherever their contents are. -EBADMSG:
 * there is no such place or page; what each() returned, if not 0.
 */
int hvt_keyframe_each_page(struct hvt_guest *g, const struct hvt_keyframe *k,
		int (*each)(void *context, uint64_t addr,
				const uint8_t *contents), void *context);

#endif
