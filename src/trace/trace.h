/* SPDX-License-Identifier: MIT */
/*
 * The door of the trace room: writing the log, and the clock of its events.
 * Reading it is the public <hvtrace/hvtrace.h>, which this room implements.
 * The room knows the schema of the calls but calls nothing of ours.
 */
#ifndef HVT_TRACE_H
#define HVT_TRACE_H

#include <hvtrace/hvtrace.h>

#include "call_ids.h"

struct hvt_recorder;

/* One fact of the header of a trace, e.g. { "page_size", "4096" }. */
struct hvt_info {
	const char *key;
	const char *value;
};

/*
 * Creates (or empties) the file at path, writes its header with the count
 * facts given, and starts the thread that writes events out at least every
 * 100 ms. The facts about host and process that every trace has are added.
 * -errno of open(2) or write(2).
 */
int hvt_recorder_open(struct hvt_recorder **recorder, const char *path,
		const struct hvt_info *facts, size_t count);

/*
 * Appends an event; its number and tick are set here. Events of all threads
 * are numbered in the order in which they get here. Any thread. After a write
 * failed every append returns the error of that write: the caller must not
 * go on unrecorded.
 */
int hvt_recorder_append(struct hvt_recorder *recorder, struct hvt_event *event);

/*
 * Writes what is buffered and the end mark, and closes the file: 0 or the
 * first error there was. Other threads may still be appending; their appends
 * fail with -ESHUTDOWN from here on. Once.
 */
int hvt_recorder_finish(struct hvt_recorder *recorder);

/* Frees a finished recorder that no thread can reach any more. */
void hvt_recorder_free(struct hvt_recorder *recorder);

/*
 * In a child after fork(2): the copy must not write to the parent's file.
 * Closes the descriptor, keeps the memory: every append is -ECHILD from here.
 */
void hvt_recorder_disown(struct hvt_recorder *recorder);

/* Counter of the host: CNTVCT_EL0 on arm64, CLOCK_MONOTONIC ns elsewhere. */
uint64_t hvt_tick(void);

/* Its frequency in Hz. */
uint64_t hvt_tick_hz(void);

#endif
