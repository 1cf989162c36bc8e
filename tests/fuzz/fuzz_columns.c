/* SPDX-License-Identifier: MIT */
/*
 * A payload of events, its count in the first two bytes. What is accepted is
 * within the input, and comes out the same when encoded and decoded again.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "columns.h"
#include "format.h"

#define FIRST 1000u

static bool same(const struct hvt_event *a, const struct hvt_event *b)
{
	return a->kind == b->kind && a->thread == b->thread &&
		a->call == b->call && a->result == b->result &&
		a->number == b->number && a->data_size == b->data_size &&
		!memcmp(a->values, b->values, sizeof(a->values)) &&
		(!a->data_size || !memcmp(a->data, b->data, a->data_size));
}

static void check(const struct hvt_decoded *d, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct hvt_event *e = &d->events[i];
		char line[128];

		NEED(e->number == FIRST + i);
		NEED(e->thread < HVT_THREADS_MAX);
		NEED(!e->data_size ||
			(e->data > data && e->data + e->data_size <=
					data + size));
		(void)hvt_event_format(e, line, sizeof(line));
	}
}

static void check_again(const struct hvt_decoded *d)
{
	struct hvt_columns *c = hvt_columns_create();
	struct hvt_decoded again = { 0 };
	struct hvt_payload payload;

	NEED(c);
	for (size_t i = 0; i < d->count; i++) {
		struct hvt_event e = d->events[i];

		/* Hostile ticks may wrap; the writer's do not go back. */
		e.tick = i;
		NEED(hvt_columns_add(c, &e) == 0);
	}
	NEED(hvt_columns_finish(c, NULL, &payload) == 0);
	NEED(hvt_columns_decode(&again, payload.bytes, payload.size,
		     (uint32_t)d->count, FIRST, 0) == 0);
	for (size_t i = 0; i < d->count; i++)
		NEED(same(&d->events[i], &again.events[i]));
	hvt_decoded_fini(&again);
	hvt_columns_destroy(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hvt_decoded d = { 0 };
	uint32_t count;

	if (size < 2)
		return 0;
	count = data[0] | (uint32_t)data[1] << 8;
	data += 2;
	size -= 2;
	if (!hvt_columns_decode(&d, data, size, count, FIRST, 7)) {
		NEED(d.count == count);
		check(&d, data, size);
		check_again(&d);
	}
	hvt_decoded_fini(&d);
	return 0;
}
