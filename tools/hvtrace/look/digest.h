/* SPDX-License-Identifier: MIT */
/*
 * What of an event is the same in two recordings of the same thing: its
 * function, inputs, result and outputs, but not when it was, on which host
 * address, what the clock said, and what the record of an exit has that is no
 * exception. Pure.
 */
#ifndef HVTRACE_DIGEST_H
#define HVTRACE_DIGEST_H

#include <hvtrace/hvtrace.h>

#define DIGEST_IGNORED_MAX 16u

struct digest_rules {
	bool exact; /* these count, too */
	/* Parameters of these names do not; "result" is one, and "bytes". */
	char ignored[DIGEST_IGNORED_MAX][32];
	unsigned ignored_count;
};

/* "a,b,c" to ignored. False: too many, or one is too long. */
bool digest_rules_ignore(struct digest_rules *rules, const char *names);

/* Equal for events that are the same; else different, but for 1 in 2^64. */
uint64_t event_digest(const struct digest_rules *rules,
		const struct hvt_call_schema *schema,
		const struct hvt_event *event);

/*
 * What tells two events apart, of the first thing that does: "value, 0x5 and
 * 0x7". schemas: of their functions.
 */
void event_difference(const struct digest_rules *rules,
		const struct hvt_call_schema *sa, const struct hvt_event *a,
		const struct hvt_call_schema *sb, const struct hvt_event *b,
		char *text, size_t size);

#endif
