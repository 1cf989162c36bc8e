/* SPDX-License-Identifier: MIT */
/* Keyframes as payloads, and where they are: private to the trace room. */
#ifndef HVT_TRACE_KEYFRAME_H
#define HVT_TRACE_KEYFRAME_H

#include "source.h"

#define HVT_KEYFRAME_HEAD   24u
#define HVT_KEYFRAME_REG    24u
#define HVT_KEYFRAME_EXTENT 24u
#define HVT_PAGES_HEAD	    8u

/* The payload, to be freed; NULL: out of memory. */
uint8_t *hvt_keyframe_encode(const struct hvt_keyframe *k, size_t *size);

/* Fills in *k, which is empty: 0, -EBADMSG or -ENOMEM. */
int hvt_keyframe_decode(struct hvt_keyframe *k, const uint8_t *payload,
		size_t size);

/*
 * The segments of keyframes and their pages, in order: they stand before the
 * facts of a trace that was closed. To be freed with hvt_index_fini(); first
 * is the type of each.
 */
int hvt_keyframe_segments(struct hvt_source *s, struct hvt_index *segments);

#endif
