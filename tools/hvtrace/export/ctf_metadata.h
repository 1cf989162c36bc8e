/* SPDX-License-Identifier: MIT */
/* The metadata of what ctf_stream.h writes, in TSDL (CTF 1.8, 7). */
#ifndef HVTRACE_CTF_METADATA_H
#define HVTRACE_CTF_METADATA_H

#include <hvtrace/hvtrace.h>

#include "out.h"

struct ctf_clock {
	uint64_t hz;
	int64_t offset; /* seconds since 1970 when it was 0 */
};

/* The beginning: byte order, headers, clock, what was noted of the trace. */
void ctf_metadata_begin(struct out *o, const struct hvt_trace *trace,
		const uint8_t uuid[16], const struct ctf_clock *clock);

/* The number of the event class of a function and kind of event. */
static inline uint32_t ctf_event_id(uint32_t call, uint32_t kind)
{
	return call * 4 + kind;
}

/*
 * A function's event of one kind: inputs of an enter, result and outputs of a
 * leave. exits: a field of the exit's class comes first.
 */
void ctf_metadata_event(struct out *o, const struct hvt_call_schema *schema,
		uint32_t call, uint32_t kind, bool exits);

/* Does an event of that kind carry the parameter? */
bool ctf_carries(uint32_t kind, enum hvt_role role);

/* Is the parameter one of bytes, which stand at the end of the event? */
bool ctf_is_buffer(enum hvt_role role);

#endif
