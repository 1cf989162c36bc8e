/* SPDX-License-Identifier: MIT */
/*
 * The door of the replay room: answering a VMM's calls from a trace, with no
 * hypervisor underneath.
 */
#ifndef HVT_REPLAY_H
#define HVT_REPLAY_H

#include <hvtrace/hvtrace.h>

/* How a replay ended, or stands. */
struct hvt_replay_status {
	bool diverged;
	uint64_t event;    /* the first that differs, or the next one due */
	uint64_t consumed; /* events that matched */
	bool complete;     /* every event of the trace was matched */
	char *report;      /* text of the divergence, or NULL; the replay's */
	/* Reads of the VMM that were tolerated (hvt_replay_keep_going()): */
	uint64_t more, fewer;   /* than recorded, */
	uint64_t tolerated_at;  /* and the event of the first */
};

/* Told at once, by the thread that finds it, each at most once but progress. */
struct hvt_replay_listener {
	void (*diverged)(uint64_t event, const char *text);
	void (*damaged)(const struct hvt_error *e);
	/* The trace is cut short here: the VMM can go no further. */
	void (*over)(uint64_t event);
	/* So many events have matched. NULL: not asked for. */
	void (*progress)(uint64_t consumed);
};

/*
 * Opens the trace at path and sets the tap that answers from it. stall_ms:
 * how long a thread waits for another one to do what the trace says comes
 * first, before that counts as a divergence. 0 or -errno, *e filled.
 */
int hvt_replay_start(const char *path, unsigned stall_ms,
		const struct hvt_replay_listener *listener, struct hvt_error *e);

/*
 * Has the trace of a replay that has started other inputs than the API, which
 * the VMM gets? Not where they were to be ignored, said before the start.
 */
bool hvt_replay_has_inputs(void);
void hvt_replay_ignore_inputs(void);

/* And was guest RAM granted as a whole where it was a buffer of a file's? */
bool hvt_replay_has_buffers(void);

/*
 * Before the start: where the VMM reads more or less of its vCPUs or GIC than it
 * did, that is counted and the replay goes on (lenient.h).
 */
void hvt_replay_keep_going(void);

/* In a child of fork(2). */
void hvt_replay_in_child(void);

/* Ends the replay: what the VMM did not do any more is a divergence, too. */
void hvt_replay_finish(struct hvt_replay_status *status);

#endif
