/* SPDX-License-Identifier: MIT */
/*
 * A row of events through the decoder. What it accepts is within the input,
 * and comes out the same when encoded and decoded again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEED(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

static bool same(const struct hvt_event *a, const struct hvt_event *b)
{
	return a->kind == b->kind && a->thread == b->thread &&
		a->call == b->call && a->result == b->result &&
		a->tick == b->tick && a->data_size == b->data_size &&
		!memcmp(a->values, b->values, sizeof(a->values)) &&
		(!a->data_size || !memcmp(a->data, b->data, a->data_size));
}

static void check_again(const struct hvt_event *event, uint64_t tick)
{
	struct hvt_record_state out = { tick }, in = { tick };
	size_t bound = hvt_record_bound(event), n;
	uint8_t *p = malloc(bound);
	struct hvt_event again;

	NEED(p);
	n = hvt_record_encode(p, event, &out);
	NEED(n <= bound && out.tick == event->tick);
	NEED(hvt_record_decode(p, n, &again, &in) == (int64_t)n);
	NEED(same(event, &again) && in.tick == out.tick);
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hvt_record_state state = { 0 };
	size_t at = 0;

	while (at < size) {
		uint64_t tick = state.tick;
		struct hvt_event event;
		char line[128];
		int64_t n =
			hvt_record_decode(data + at, size - at, &event, &state);

		if (n < 0) {
			NEED(state.tick == tick);
			break;
		}
		NEED(n > 0 && (size_t)n <= size - at);
		NEED(!event.data_size ||
			(event.data > data + at &&
				event.data + event.data_size == data + at + n));
		(void)hvt_event_format(&event, line, sizeof(line));
		check_again(&event, tick);
		at += (size_t)n;
	}
	return 0;
}
