/* SPDX-License-Identifier: MIT */
/*
 * Messages in the wire format of protocol buffers: fields one after the other,
 * messages in messages. One message is built at a time, in a buffer of a fixed
 * size; what does not fit makes it invalid, which is told at its end.
 */
#ifndef HVTRACE_PROTOBUF_H
#define HVTRACE_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOBUF_MAX	   16384u
#define PROTOBUF_DEPTH_MAX 8u

struct protobuf {
	size_t used;
	size_t open[PROTOBUF_DEPTH_MAX]; /* where lengths are to be put */
	unsigned depth;
	bool overflow;
	uint8_t bytes[PROTOBUF_MAX];
};

/* Empties it. */
void protobuf_reset(struct protobuf *p);

void protobuf_u64(struct protobuf *p, uint32_t field, uint64_t value);
void protobuf_i64(struct protobuf *p, uint32_t field, int64_t value);
void protobuf_string(struct protobuf *p, uint32_t field, const char *text);

/* Fields between the two belong to a message that is the field's value. */
void protobuf_open(struct protobuf *p, uint32_t field);
void protobuf_close(struct protobuf *p);

/* Is all that was put there, and every message closed? */
bool protobuf_is_valid(const struct protobuf *p);

/* value as a varint, in up to 10 bytes; returns how many. */
unsigned protobuf_varint(uint64_t value, uint8_t bytes[10]);

#endif
