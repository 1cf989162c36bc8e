/* SPDX-License-Identifier: MIT */
/* The queue of events against a plain list. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "queue.h"

Test(queue, gives_back_events_and_bytes_in_order)
{
	enum { COUNT = 3000 };
	struct test_event *events = calloc(COUNT, sizeof(*events));
	struct hvt_queue q = { 0 };
	unsigned in = 0, out = 0;
	struct rng r;

	rng_init(&r);
	for (unsigned i = 0; i < COUNT; i++)
		event_random(&r, &events[i]);
	while (out < COUNT) {
		struct hvt_event e;

		if (in < COUNT && (in == out || rng_below(&r, 5) < 3)) {
			/* The queue keeps bytes of its own. */
			struct test_event copy = events[in];

			copy.event.data =
				copy.event.data_size ? copy.bytes : NULL;
			cr_assert_eq(hvt_queue_push(&q, &copy.event), 0);
			memset(copy.bytes, 0xdd, sizeof(copy.bytes));
			in++;
			continue;
		}
		cr_assert_eq(q.count, in - out);
		cr_assert(event_same(
			&events[out].event, hvt_queue_peek(&q), true));
		hvt_queue_take(&q, &e);
		cr_assert(event_same(&events[out++].event, &e, true));
		free((void *)e.data);
	}
	cr_assert_null(hvt_queue_peek(&q));
	hvt_queue_fini(&q);
	free(events);
}

Test(queue, frees_what_is_left)
{
	struct hvt_queue q = { 0 };
	struct test_event e;
	struct rng r;

	rng_init(&r);
	for (int i = 0; i < 500; i++) {
		event_of(&r, &e, 28, HVT_EVENT_CALL);
		cr_assert_eq(hvt_queue_push(&q, &e.event), 0);
	}
	hvt_queue_fini(&q);
	cr_assert_null(hvt_queue_peek(&q));
	cr_assert_eq(q.capacity, 0);
}
