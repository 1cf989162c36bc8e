/* SPDX-License-Identifier: MIT */
/* Events to columns and back, and all that the decoder must refuse. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "events.h"
#include "format.h"
#include "varint.h"

static struct hvt_columns *columns;
static struct hvt_decoded decoded;
static struct rng rng;

static void set_up(void)
{
	rng_init(&rng);
	columns = hvt_columns_create();
	cr_assert_not_null(columns);
}

static void tear_down(void)
{
	hvt_columns_destroy(columns);
	hvt_decoded_fini(&decoded);
}

TestSuite(columns, .init = set_up, .fini = tear_down, .timeout = 100);

/* A payload in a block of exactly its size, so that reading on is noticed. */
static uint8_t *encode(const struct test_event *events, unsigned count,
		size_t *size)
{
	struct hvt_payload payload;
	uint8_t *bytes;

	for (unsigned i = 0; i < count; i++)
		cr_assert_eq(hvt_columns_add(columns, &events[i].event), 0);
	cr_assert_eq(hvt_columns_count(columns), count);
	cr_assert_eq(hvt_columns_finish(columns, NULL, &payload), 0);
	cr_assert_eq(hvt_columns_count(columns), 0);
	cr_assert_geq(payload.parts, 1);
	cr_assert_leq(payload.parts, HVT_PARTS_MAX);
	cr_assert_eq(payload.ends[payload.parts - 1], payload.size);
	bytes = malloc(payload.size ? payload.size : 1);
	memcpy(bytes, payload.bytes, payload.size);
	*size = payload.size;
	return bytes;
}

static int decode(const uint8_t *bytes, size_t size, unsigned count,
		const struct test_event *events)
{
	return hvt_columns_decode(&decoded, bytes, size, count, 1000,
			events[0].event.tick);
}

static void check(const struct test_event *events, unsigned count)
{
	uint64_t before = events[0].event.tick;
	size_t size;
	uint8_t *bytes = encode(events, count, &size);

	cr_assert_eq(decode(bytes, size, count, events), 0);
	cr_assert_eq(decoded.count, count);
	for (unsigned i = 0; i < count; i++) {
		const struct hvt_event *got = &decoded.events[i];

		cr_assert(event_same(&events[i].event, got, false),
				"event %u: %s", i,
				hvt_call_schema(got->call)->name);
		cr_assert_eq(got->number, 1000 + i);
		cr_assert(tick_near(&events[i].event, got->tick, before),
				"event %u", i);
		cr_assert_geq(got->tick, before);
		cr_assert_leq(got->tick, events[count - 1].event.tick);
		before = got->tick;
	}
	free(bytes);
}

static void make_one(struct test_event *e, uint32_t call,
		enum hvt_event_kind kind)
{
	event_of(&rng, e, call, kind);
	e->event.tick = 77;
}

Test(columns, bring_back_every_call_in_every_kind_alone)
{
	struct test_event e;

	for (unsigned i = 0; i < 50 * hvt_call_limit(); i++) {
		uint32_t call = i % hvt_call_limit();
		const struct hvt_call_schema *s = hvt_call_schema(call);

		if (!s)
			continue;
		make_one(&e, call, s->wide ? HVT_EVENT_ENTER : HVT_EVENT_CALL);
		check(&e, 1);
		if (!s->wide)
			continue;
		make_one(&e, call, HVT_EVENT_LEAVE);
		check(&e, 1);
	}
}

Test(columns, bring_back_rows_of_events_one_after_the_other)
{
	enum { COUNT = 5000 };
	struct test_event *events = calloc(COUNT, sizeof(*events));

	/* The encoder forgets between them what it had seen. */
	for (int i = 0; i < 40; i++) {
		events_make(&rng, events, COUNT);
		check(events, 1 + (unsigned)rng_below(&rng, COUNT));
	}
	free(events);
}

Test(columns, bring_back_more_shapes_than_a_byte_can_name)
{
	enum { COUNT = 3000 };
	struct test_event *events = calloc(COUNT, sizeof(*events));

	for (unsigned shapes = 255; shapes <= 258; shapes++) {
		for (unsigned i = 0; i < COUNT; i++)
			events[i].event = (struct hvt_event){ .kind = 1,
				.call = HVT_CALL_HV_VCPU_SET_REG,
				.values = { i % shapes, 1, i } };
		check(events, COUNT);
	}
	free(events);
}

Test(columns, are_full_at_so_many_events_and_take_the_next_when_emptied)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_REG };
	struct hvt_payload payload;

	for (unsigned i = 0; i < HVT_SEGMENT_EVENTS_MAX; i++) {
		/* Every one a shape of its own: the most there can be. */
		e.values[0] = i, e.values[1] = ~(uint64_t)i;
		e.values[2] = UINT64_MAX / (i + 1);
		cr_assert_eq(hvt_columns_add(columns, &e), 0);
	}
	cr_assert_eq(hvt_columns_add(columns, &e), -ENOSPC);
	cr_assert_eq(hvt_columns_add(columns, &e), -ENOSPC);
	cr_assert_eq(hvt_columns_count(columns), HVT_SEGMENT_EVENTS_MAX);
	cr_assert_eq(hvt_columns_finish(columns, NULL, &payload), 0);
	cr_assert_eq(hvt_columns_decode(&decoded, payload.bytes, payload.size,
					HVT_SEGMENT_EVENTS_MAX, 0, 0), 0);
	for (unsigned i = 0; i < HVT_SEGMENT_EVENTS_MAX; i++) {
		cr_assert_eq(decoded.events[i].values[0], i);
		cr_assert_eq(decoded.events[i].values[1], ~(uint64_t)i);
		cr_assert_eq(decoded.events[i].values[2], UINT64_MAX / (i + 1));
	}
	cr_assert_eq(hvt_columns_add(columns, &e), 0);
}

Test(columns, are_full_before_their_bytes_exceed_the_limit)
{
	uint8_t *bytes = calloc(1, HVT_DATA_MAX);
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_GIC_SET_STATE,
		.values = { HVT_DATA_MAX, HVT_DATA_MAX }, .data = bytes,
		.data_size = HVT_DATA_MAX };
	struct hvt_payload payload;
	unsigned n = 0;

	while (!hvt_columns_add(columns, &e))
		n++;
	cr_assert_geq(n, 8);
	cr_assert_geq(hvt_columns_bytes(columns), n * HVT_DATA_MAX);
	cr_assert_eq(hvt_columns_finish(columns, NULL, &payload), 0);
	cr_assert_leq(payload.size, HVT_RAW_MAX);
	cr_assert_eq(hvt_columns_decode(&decoded, payload.bytes, payload.size,
					n, 0, 0), 0);
	free(bytes);
}

Test(columns, of_nothing_are_a_payload_of_no_events)
{
	struct hvt_payload payload;

	cr_assert_eq(hvt_columns_finish(columns, NULL, &payload), 0);
	cr_assert_eq(hvt_columns_decode(&decoded, payload.bytes, payload.size,
					0, 5, 0), 0);
	cr_assert_eq(decoded.count, 0);
	cr_assert_eq(hvt_columns_decode(&decoded, payload.bytes, payload.size,
					1, 5, 0), -EBADMSG);
}

Test(columns, cut_short_anywhere_are_refused)
{
	struct test_event events[60];

	for (int round = 0; round < 30; round++) {
		size_t size;
		uint8_t *bytes;

		events_make(&rng, events, 60);
		bytes = encode(events, 60, &size);
		for (size_t cut = 0; cut < size; cut++) {
			uint8_t *less = malloc(cut ? cut : 1);

			memcpy(less, bytes, cut);
			cr_assert_eq(decode(less, cut, 60, events), -EBADMSG,
					"%zu of %zu", cut, size);
			free(less);
		}
		cr_assert_eq(decode(bytes, size, 60, events), 0);
		free(bytes);
	}
}

Test(columns, of_no_such_count_or_with_more_behind_are_refused)
{
	struct test_event events[60];
	uint8_t *bytes;
	size_t size;

	events_make(&rng, events, 60);
	bytes = encode(events, 60, &size);
	cr_assert_eq(decode(bytes, size, 60, events), 0);
	cr_assert_eq(decode(bytes, size, HVT_SEGMENT_EVENTS_MAX + 1, events),
			-EBADMSG);
	bytes = realloc(bytes, size + 1);
	bytes[size] = 0;
	cr_assert_eq(decode(bytes, size + 1, 60, events), -EBADMSG);
	free(bytes);
}

/* Whatever is decoded can be used: all its bytes are there. */
static void use(void)
{
	unsigned sum = 0;

	for (size_t i = 0; i < decoded.count; i++) {
		const struct hvt_event *e = &decoded.events[i];
		char text[64];

		cr_assert_not_null(hvt_call_schema(e->call));
		cr_assert_lt(e->thread, HVT_THREADS_MAX);
		for (size_t k = 0; k < e->data_size; k++)
			sum += e->data[k];
		hvt_event_format(e, text, sizeof(text));
	}
	cr_assert_leq(sum, UINT32_MAX);
}

/* Which a frame does not have whose sums are right: it may look like events. */
Test(columns, of_another_count_are_refused_or_can_be_used)
{
	struct test_event events[60];
	unsigned refused = 0;
	uint8_t *bytes;
	size_t size;

	events_make(&rng, events, 60);
	bytes = encode(events, 60, &size);
	for (unsigned n = 0; n < 200; n++)
		if (!decode(bytes, size, n, events))
			use();
		else
			refused++;
	cr_assert_gt(refused, 150);
	free(bytes);
}

Test(columns, corrupted_are_refused_or_events_and_never_a_crash)
{
	struct test_event events[60];
	unsigned refused = 0, rounds = test_scale(60000, 2000000);
	uint8_t *bytes = NULL, *copy = NULL;
	size_t size = 0;

	for (unsigned i = 0; i < rounds; i++) {
		unsigned changes = 1 + (unsigned)rng_below(&rng, 4);
		int err;

		if (i % 500 == 0) {
			free(bytes);
			free(copy);
			events_make(&rng, events, 60);
			bytes = encode(events, 60, &size);
			copy = malloc(size);
		}
		memcpy(copy, bytes, size);
		while (changes--)
			copy[rng_below(&rng, size)] = rng_bool(&rng)
					? (uint8_t)rng_next(&rng)
					: (uint8_t)(0xff << rng_below(&rng, 8));
		err = decode(copy, size, 60, events);
		cr_assert(!err || err == -EBADMSG);
		refused += err != 0;
		if (!err)
			use();
		else
			cr_assert_eq(decoded.count, 0);
	}
	cr_assert_gt(refused, rounds / 10);
	free(bytes);
	free(copy);
}

Test(columns, of_random_bytes_never_crash)
{
	uint8_t *bytes = malloc(300);

	for (unsigned i = 0; i < test_scale(100000, 2000000); i++) {
		size_t size = rng_below(&rng, 300);

		rng_bytes(&rng, bytes, size);
		bytes[0] = (uint8_t)rng_below(&rng, 8);
		if (!hvt_columns_decode(&decoded, bytes, size,
				    (uint32_t)rng_below(&rng, 20), 0, 0))
			use();
	}
	free(bytes);
}

/* FORMAT.md, "Event payload", by hand. */
Test(columns, are_the_bytes_that_the_format_says)
{
	static const uint8_t want[] = {
		0, 0,                   /* no log */
		2,                      /* shapes */
		1, 26, 0, 3, 5,         /* call hv_vcpu_set_reg(3, 5) = 0 */
		2, 49, 3,               /* enter hv_vcpu_run(3) */
		4, 3,                   /* thread 4, three events */
		0, 1, 0,                /* tokens */
		7,                      /* entered 7 ticks on */
		0x80, 2, 3,             /* values 128, then 126 */
	};
	struct test_event events[3] = {
		{ { .kind = 1, .thread = 4, .call = 26, .tick = 100,
			.values = { 3, 5, 128 } }, { 0 } },
		{ { .kind = 2, .thread = 4, .call = 49, .tick = 107,
			.values = { 3 } }, { 0 } },
		{ { .kind = 1, .thread = 4, .call = 26, .tick = 107,
			.values = { 3, 5, 126 } }, { 0 } },
	};
	size_t size;
	uint8_t *bytes;

	cr_assert_eq(HVT_CALL_HV_VCPU_SET_REG, 26);
	cr_assert_eq(HVT_CALL_HV_VCPU_RUN, 49);
	bytes = encode(events, 3, &size);
	cr_assert_eq(size, sizeof(want));
	cr_assert_eq(memcmp(bytes, want, size), 0);
	free(bytes);
}

static int decode_shape(uint64_t kind, uint64_t call)
{
	uint8_t bytes[64] = { 0, 0 }, *p = bytes + 2;

	p = hvt_put_varint(p, 1);
	p = hvt_put_varint(p, kind);
	p = hvt_put_varint(p, call);
	memset(p, 0, 16);
	for (size_t more = 0; more < 16; more++)
		if (!hvt_columns_decode(&decoded, bytes,
				    (size_t)(p - bytes) + more, 0, 0, 0))
			return 0;
	return -EBADMSG;
}

Test(columns, with_a_function_or_a_kind_that_there_is_not_are_refused)
{
	for (uint64_t call = 0; call < 2u * hvt_call_limit(); call++) {
		const struct hvt_call_schema *s =
				hvt_call_schema((uint32_t)call);

		for (uint64_t kind = 0; kind < 6; kind++) {
			bool is = s && (s->wide ? kind == 2 || kind == 3
						: kind == 1);

			cr_assert_eq(!decode_shape(kind, call), is,
					"call %u kind %u", (unsigned)call,
					(unsigned)kind);
		}
		/* Not to be mistaken for it by losing its upper half. */
		cr_assert(decode_shape(1, call | 1ull << 32));
		cr_assert(decode_shape(1 | 1ull << 32, call));
	}
}

static int decode_threads(uint64_t thread, uint64_t run, unsigned count)
{
	uint8_t bytes[64] = { 0, 0, 1, 1, 26, 0, 3, 5 }, *p = bytes + 8;

	p = hvt_put_varint(p, thread);
	p = hvt_put_varint(p, run);
	memset(p, 0, 2 * count);
	return hvt_columns_decode(&decoded, bytes,
			(size_t)(p - bytes) + 2 * count, count, 0, 0);
}

Test(columns, with_threads_beyond_the_limit_or_runs_that_do_not_fit_are_refused)
{
	cr_assert_eq(decode_threads(HVT_THREADS_MAX - 1, 3, 3), 0);
	cr_assert_eq(decode_threads(HVT_THREADS_MAX, 3, 3), -EBADMSG);
	cr_assert_eq(decode_threads(1ull << 32, 3, 3), -EBADMSG);
	cr_assert_eq(decode_threads(0, 0, 3), -EBADMSG);
	cr_assert_eq(decode_threads(0, 4, 3), -EBADMSG);
	cr_assert_eq(decode_threads(0, 3 | 1ull << 32, 3), -EBADMSG);
	cr_assert_eq(decode_threads(0, UINT64_MAX, 3), -EBADMSG);
}
