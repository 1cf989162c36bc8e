/* SPDX-License-Identifier: MIT */
/* Events made up by tests, and traces of them. */
#ifndef HVT_TEST_EVENTS_H
#define HVT_TEST_EVENTS_H

#include <hvtrace/hvtrace.h>

#include "rng.h"

#define EVENT_BYTES 64u

/* An event and the bytes it may point to. */
struct test_event {
	struct hvt_event event;
	uint8_t bytes[EVENT_BYTES];
};

/* A valid event of a random function, or of call. Its number stays 0. */
void event_random(struct rng *r, struct test_event *e);
void event_of(struct rng *r, struct test_event *e, uint32_t call,
		enum hvt_event_kind kind);

/* Everything but the number, and the tick if not asked for. */
bool event_same(const struct hvt_event *a, const struct hvt_event *b,
		bool ticks);

bool role_is_buffer(enum hvt_role role);
bool kind_carries(uint32_t kind, enum hvt_role role);

/*
 * count events as of a VMM of a few threads: numbered, in the order of their
 * ticks, half of them runs or register accesses.
 */
void events_make(struct rng *r, struct test_event *events, unsigned count);

/* Is got what a trace may make of the tick of want, when that before is before? */
bool tick_near(const struct hvt_event *want, uint64_t got, uint64_t before);

/*
 * A trace of the events in segments of per_segment, with index and end if so
 * asked for. ends, if not NULL, gets the offset behind each segment. Returns
 * that behind the meta segment.
 */
uint64_t trace_write(const char *path, const struct test_event *events,
		unsigned count, unsigned per_segment, bool end, size_t *ends);

#endif
