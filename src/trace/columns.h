/* SPDX-License-Identifier: MIT */
/*
 * The payload of an event segment, uncompressed: events by columns. What
 * repeats of an event (function, selectors, exit record) is its shape, stored
 * once and then named by a token; what varies goes to a column of its shape,
 * as a difference to the last value of the same thing. docs/FORMAT.md has the
 * layout. Pure: memory in, memory out.
 */
#ifndef HVT_TRACE_COLUMNS_H
#define HVT_TRACE_COLUMNS_H

#include "calls_text.h"
#include "log_point.h"
#include "trace.h"

struct hvt_columns; /* an encoder, for one segment after the other */

struct hvt_columns *hvt_columns_create(void);
void hvt_columns_destroy(struct hvt_columns *c);

/*
 * Adds an event; its bytes are copied. -ENOSPC: the segment is full, finish
 * it and add the event to the next one. -ENOMEM.
 */
int hvt_columns_add(struct hvt_columns *c, const struct hvt_event *event);

/* Parts of a payload that differ in kind, for a compressor to keep apart. */
#define HVT_PARTS_MAX 64u

struct hvt_payload {
	const uint8_t *bytes;
	size_t size;
	size_t ends[HVT_PARTS_MAX]; /* of the parts; the last one is size */
	unsigned parts;
};

/*
 * The payload of all that was added, valid until the next call; the encoder
 * is then empty. point: how much of a log is in segments then, or NULL if
 * there is none. 0 or -ENOMEM.
 */
int hvt_columns_finish(struct hvt_columns *c,
		const struct hvt_log_point *point, struct hvt_payload *payload);

/* Events added since the last finish, and about how large they are. */
uint32_t hvt_columns_count(const struct hvt_columns *c);
size_t hvt_columns_bytes(const struct hvt_columns *c);

struct hvt_columns_decoder; /* used again for one segment after the other */

/* calls: functions besides ours, or NULL; belongs to someone else. */
struct hvt_columns_decoder *hvt_columns_decoder_create(
		const struct hvt_calls_text *calls);
void hvt_columns_decoder_destroy(struct hvt_columns_decoder *d);

/*
 * Begins a payload, which must outlive its events, that should hold count of
 * them, the first of which is number first and base_tick the tick before it. 0,
 * -ENOMEM, or -EBADMSG.
 */
int hvt_columns_begin(struct hvt_columns_decoder *d, const uint8_t *payload,
		size_t size, uint32_t count, uint64_t first,
		uint64_t base_tick);

/*
 * Makes its next events, max of them or all that are left; *count: how many. 0,
 * -ENOMEM, or -EBADMSG: the payload is no good, nor is what was made of it.
 */
int hvt_columns_more(struct hvt_columns_decoder *d, struct hvt_event *events,
		uint32_t max, uint32_t *count);

/* All events of a payload; data points into it. */
struct hvt_decoded {
	struct hvt_event *events;
	size_t count, capacity;
	struct hvt_columns_decoder *decoder;
	/* As of hvt_columns_decoder_create(), to be set before the first use. */
	const struct hvt_calls_text *calls;
};

/* hvt_columns_begin() and all of hvt_columns_more(). */
int hvt_columns_decode(struct hvt_decoded *d, const uint8_t *payload,
		size_t size, uint32_t count, uint64_t first,
		uint64_t base_tick);

void hvt_decoded_fini(struct hvt_decoded *d);

#endif
