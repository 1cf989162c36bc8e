/* SPDX-License-Identifier: MIT */
/*
 * The schema in the text of a meta segment, as far as it goes beyond ours:
 * the functions that a newer library has recorded.
 */
#ifndef HVT_TRACE_CALLS_TEXT_H
#define HVT_TRACE_CALLS_TEXT_H

#include <hvtrace/hvtrace.h>

struct hvt_foreign_call {
	uint32_t number;
	struct hvt_call_schema schema;
};

struct hvt_calls_text {
	char *text; /* holds the strings of the list */
	struct hvt_foreign_call *list;
	size_t count;
};

/*
 * Copies and takes apart size bytes of text. A line that is none of a function
 * is passed over: no event of it can then be decoded. 0 or -ENOMEM.
 */
int hvt_calls_text_init(
		struct hvt_calls_text *c, const uint8_t *text, size_t size);
void hvt_calls_text_fini(struct hvt_calls_text *c);

/* Ours, or the trace's, or NULL. c may be NULL. */
const struct hvt_call_schema *hvt_calls_text_find(
		const struct hvt_calls_text *c, uint32_t call);

/* Of an open trace; lives as long (reader.c). */
const struct hvt_calls_text *hvt_trace_calls(const struct hvt_trace *t);

#endif
