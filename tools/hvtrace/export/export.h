/* SPDX-License-Identifier: MIT */
/* What exporters are, and what they are given. */
#ifndef HVTRACE_EXPORT_H
#define HVTRACE_EXPORT_H

#include "look/stats.h"
#include "out.h"
#include "trace_walk.h"

struct exporter;

struct export {
	const struct exporter *exporter;
	const struct walk *walk;
	struct stats_names *names; /* devices are learnt as events come */
	const char *path;          /* of the output */
	struct out *out;           /* to it; of a folder: to no file yet */
	uint64_t exported;         /* events, or frames */
	void *state;               /* the exporter's own */
};

/*
 * Each is called in turn: begin once, event for each event in order, end once,
 * also after an error. 0 or -errno. For who follows what threads do, too: passed for
 * events that are not to be exported, gap where events are missing; NULL otherwise.
 */
struct exporter {
	const char *name;
	bool makes_folder; /* begin makes it, and opens what is in it */
	bool makes_frames; /* of all events together; it counts and tells itself */
	int (*begin)(struct export *x);
	int (*event)(struct export *x, const struct hvt_event *event);
	int (*passed)(struct export *x, const struct hvt_event *event);
	void (*gap)(struct export *x);
	int (*end)(struct export *x);
};

extern const struct exporter export_json, export_ctf, export_perfetto,
		export_pcapng;

#endif
