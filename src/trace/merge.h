/* SPDX-License-Identifier: MIT */
/*
 * The events of several rings in one order: halves of calls in that of their
 * places, and whole calls, which have none, right behind what comes before them
 * in their ring. So no half comes before a whole call that can have caused it.
 */
#ifndef HVT_TRACE_MERGE_H
#define HVT_TRACE_MERGE_H

#include "log_point.h"
#include "ring.h"

struct hvt_merge_ring {
	struct hvt_ring ring;
	uint64_t at;      /* taken so far */
	uint64_t written; /* of that in segments, */
	uint64_t noted;   /* and when last noted, */
	uint64_t syncing; /* on the way to the disk: these three are the drain's */
	uint64_t halves;  /* in this round: halves up to here, */
	uint64_t end;     /* and whole calls up to here */
	bool has_half;    /* is next: */
	struct hvt_record half;
};

struct hvt_merge {
	struct hvt_merge_ring *rings;
	size_t count, capacity;
	uint64_t place; /* of the half that comes next */
	/* Nothing is published any more: a place may have been lost. */
	bool skip_missing;
	/*
	 * The machine was started anew since, or is another one: of what a ring
	 * has behind what was synced, any page may be an old one. None of it is
	 * taken.
	 */
	bool only_synced;
	/* Takes an event; an error of it is the merge's. */
	int (*take)(void *context, const struct hvt_event *event);
	void *context;
};

/* Adds a ring, to be read from the position at. 0 or -ENOMEM. */
int hvt_merge_add(
		struct hvt_merge *m, const struct hvt_ring *ring, uint64_t at);

/*
 * Takes what was published until now, up to the first place that is missing.
 * 0; -EBADMSG: a ring holds what no producer wrote.
 */
int hvt_merge_all(struct hvt_merge *m);

/* Frees the list; the rings are the caller's. */
void hvt_merge_fini(struct hvt_merge *m);

#endif
