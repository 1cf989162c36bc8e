/* SPDX-License-Identifier: MIT */
/* A guest that is played again: what the files of it share. */
#ifndef HVT_GUEST_PLAYER_H
#define HVT_GUEST_PLAYER_H

#include "../memory_map.h"
#include "actors.h"
#include "level.h"
#include "mapped.h"
#include "played_memory.h"
#include "play.h"
#include "written.h"

#define HVT_NOBODY UINT32_MAX

/* A call with its bytes. */
struct hvt_whole_call {
	struct hvt_event event;
	size_t room; /* for bytes, in event.data */
};

/*
 * A call that was entered, and has not returned in the trace so far; in it, from a
 * signal handler, another one.
 */
struct hvt_entered {
	struct hvt_whole_call call;
	bool open;
	struct hvt_entered *inner;
};

struct hvt_guest {
	struct hvt_trace *trace;
	struct hvt_level level;
	struct hvt_guest_memory memory;
	struct hvt_written written;
	struct hvt_memory_map map; /* of the guest, by recorded addresses */
	struct hvt_mapped mapped; /* until the keyframe is there */
	struct hvt_play play;
	struct hvt_actors actors;
	struct hvt_entered *entered[HVT_ACTORS_MAX];
	struct hvt_whole_call whole; /* the call that is being made */
	uint32_t owners[HVT_PLAYED_VCPUS]; /* thread of a vCPU, or HVT_NOBODY */
	bool has_gic;
	uint64_t keyframe; /* up to there its contents do for most calls */
	unsigned stall_ms;
	uint64_t tick_hz;
	struct hvt_guest_status status;
	struct hvt_error trouble; /* nothing is played after that */
	bool diverged;
	struct hvt_guest_divergence divergence;
	uint8_t *bytes; /* of the divergence: recorded, then found */
};

#endif
