/* SPDX-License-Identifier: MIT */
/*
 * Encoding and decoding of single events; pure, no I/O. An event is a row of
 * variable-length integers: kind and thread, function, tick, then the inputs
 * (call, enter) and the result and outputs (call, leave) that the schema
 * names, then the bytes of its buffer. Ticks are differences to the event
 * before, so a reader must decode a block from its start.
 */
#ifndef HVT_TRACE_RECORD_H
#define HVT_TRACE_RECORD_H

#include <hvtrace/hvtrace.h>

/* What both sides carry from one event of a block to the next. */
struct hvt_record_state {
	uint64_t tick;
};

/* Upper bound of the encoded size of event. */
size_t hvt_record_bound(const struct hvt_event *event);

/* Encodes event at out, which has room for its bound; returns its size. */
size_t hvt_record_encode(uint8_t *out, const struct hvt_event *event,
		struct hvt_record_state *state);

/*
 * Decodes one event from at most size bytes. Returns the bytes consumed, or
 * -EBADMSG if they hold no valid event. event->data points into the input;
 * event->number is left alone.
 */
int64_t hvt_record_decode(const uint8_t *in, size_t size,
		struct hvt_event *event, struct hvt_record_state *state);

#endif
