/* SPDX-License-Identifier: MIT */
/*
 * Packets of Perfetto's trace format (perfetto/trace/trace_packet.proto): tracks
 * and what is on them. Names are written once and then referred to.
 */
#ifndef HVTRACE_PERFETTO_PACKETS_H
#define HVTRACE_PERFETTO_PACKETS_H

#include "out.h"
#include "protobuf.h"

struct perfetto_name;

struct perfetto {
	struct out *out;
	struct protobuf packet;
	struct perfetto_name *names; /* hash table */
	uint32_t name_count;
	bool begun;
	int err;
};

void perfetto_init(struct perfetto *p, struct out *out);
int perfetto_fini(struct perfetto *p);

/* Of slices and what takes no time; of numbers, where it has a unit. */
struct perfetto_track {
	uint64_t number, parent; /* number: no other has it */
	int32_t rank;            /* among those of the parent */
	const char *name, *unit;
};

/* Tracks are described before there is something on them, the process first. */
void perfetto_process(struct perfetto *p, uint64_t track, const char *name,
		const char *command);
void perfetto_track(struct perfetto *p, const struct perfetto_track *track);

enum perfetto_event {
	PERFETTO_BEGIN = 1, /* of a slice */
	PERFETTO_END = 2,
	PERFETTO_INSTANT = 3,
};

#define PERFETTO_NOTES_MAX 16u /* of an event */

/* A number or a text told with an event. */
struct perfetto_note {
	const char *name;
	uint64_t value;
	bool hex; /* shown so */
	const char *text; /* in place of value; NULL: none */
};

/* name and category are not told of an END, and may be NULL there. */
void perfetto_event(struct perfetto *p, uint64_t ns, uint64_t track,
		enum perfetto_event type, const char *category, const char *name,
		const struct perfetto_note *notes, unsigned count);
void perfetto_count(struct perfetto *p, uint64_t ns, uint64_t track,
		int64_t value);

#endif
