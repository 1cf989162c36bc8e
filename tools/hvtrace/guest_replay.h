/* SPDX-License-Identifier: MIT */
#ifndef HVTRACE_GUEST_REPLAY_H
#define HVTRACE_GUEST_REPLAY_H

#include <hvtrace/hvtrace.h>
#include <stdio.h>

/* Was guest memory recorded? */
bool guest_has_memory(const struct hvt_trace *trace);

/* The level of a trace (docs/REPLAY.md): "1", or "0: " and why it is no more. */
void guest_level_text(const struct hvt_trace *trace,
		const struct hvt_guest_level *level, char *text, size_t size);

/* Has the trace at path what that takes? EXIT_SAME, or it has said why not. */
int guest_check(const char *path);

/*
 * Replays the guest of the trace at path on this host, from the last keyframe
 * at or before the event from, with progress shown unless quiet: an exit code of
 * ours, the outcome told on stderr, or as one JSON object on stdout.
 */
int guest_replay(const char *path, uint64_t from, bool json, bool quiet);

/*
 * As hvt_guest_open_at(), telling of keyframes that cannot be used: an exit
 * code.
 */
int guest_open_at(struct hvt_guest **guest, const char *path, uint64_t event,
		struct hvt_guest_start *start);

/* What is known of a divergence, as text or as one line of JSON. */
void guest_report(FILE *to, struct hvt_guest *guest, const char *path);
void guest_report_json(FILE *to, struct hvt_guest *guest, const char *path);

#endif
