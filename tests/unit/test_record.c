/* SPDX-License-Identifier: MIT */
/* Events to bytes and back, and all that the decoder must refuse. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call_ids.h"
#include "events.h"
#include "record.h"

#define ROOM 512u

/* Encodes e from state 0 into a block of exactly its size. */
static uint8_t *encoded(const struct hvt_event *e, size_t *size)
{
	struct hvt_record_state state = { 0 };
	uint8_t *p = malloc(hvt_record_bound(e));

	*size = hvt_record_encode(p, e, &state);
	cr_assert_leq(*size, hvt_record_bound(e));
	return realloc(p, *size);
}

static int64_t decode(const uint8_t *p, size_t size, struct hvt_event *e)
{
	struct hvt_record_state state = { 0 };

	return hvt_record_decode(p, size, e, &state);
}

/* Each function in each kind it can have, rounds times. */
static void for_all(
	unsigned rounds, void (*check)(struct rng *r, struct test_event *e))
{
	struct rng r;
	struct test_event e;

	rng_init(&r);
	for (unsigned i = 0; i < rounds * hvt_call_limit(); i++) {
		uint32_t call = i % hvt_call_limit();
		const struct hvt_call_schema *s = hvt_call_schema(call);

		if (!s)
			continue;
		event_of(&r, &e, call,
			s->wide ? HVT_EVENT_ENTER : HVT_EVENT_CALL);
		check(&r, &e);
		if (!s->wide)
			continue;
		event_of(&r, &e, call, HVT_EVENT_LEAVE);
		check(&r, &e);
	}
}

static void check_round_trip(struct rng *r, struct test_event *e)
{
	struct hvt_event got = { .number = 77 };
	size_t size;
	uint8_t *p = encoded(&e->event, &size);

	(void)r;
	cr_assert_eq(decode(p, size, &got), (int64_t)size);
	cr_assert(event_same(&e->event, &got, true), "%s",
		hvt_call_schema(e->event.call)->name);
	cr_assert_eq(got.number, 77, "the number is not the decoder's");
	if (got.data)
		cr_assert(got.data >= p && got.data < p + size);
	free(p);
}

Test(record, brings_back_every_call_in_every_kind)
{
	for_all(200, check_round_trip);
}

static void check_truncations(struct rng *r, struct test_event *e)
{
	struct hvt_event got;
	size_t size;
	uint8_t *p = encoded(&e->event, &size);

	(void)r;
	for (size_t cut = 0; cut < size; cut++) {
		/* A block of its own, so that reading on is noticed. */
		uint8_t *less = malloc(cut ? cut : 1);

		memcpy(less, p, cut);
		cr_assert_eq(decode(less, cut, &got), -EBADMSG);
		free(less);
	}
	free(p);
}

Test(record, refuses_every_truncation)
{
	for_all(4, check_truncations);
}

Test(record, brings_back_a_row_of_events_with_their_ticks)
{
	enum { COUNT = 2000 };
	struct test_event *events = calloc(COUNT, sizeof(*events));
	uint8_t *p = malloc(COUNT * ROOM), *end = p;
	struct hvt_record_state state = { 0 };
	struct rng r;

	rng_init(&r);
	for (int i = 0; i < COUNT; i++) {
		event_random(&r, &events[i]);
		end += hvt_record_encode(end, &events[i].event, &state);
	}
	state = (struct hvt_record_state){ 0 };
	for (int i = 0; i < COUNT; i++) {
		struct hvt_event got;
		int64_t n =
			hvt_record_decode(p, (size_t)(end - p), &got, &state);

		cr_assert_gt(n, 0);
		cr_assert(event_same(&events[i].event, &got, true));
		memmove(p, p + n, (size_t)(end - p - n));
		end -= n;
	}
	cr_assert_eq(end, p);
	free(events);
	free(p);
}

/* A plain call without parameters but its result: kind 1, thread 0. */
static const uint8_t time_call[] = { 1, 201, 1, 2, 14 };

Test(record, writes_the_bytes_that_the_format_says)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_MACH_ABSOLUTE_TIME,
		.tick = 1,
		.result = 7 };
	struct hvt_event map = { .kind = HVT_EVENT_ENTER,
		.thread = 5,
		.call = HVT_CALL_HV_VM_MAP,
		.tick = 64,
		.values = { 0x80, 0x4000, 1, 7 } };
	static const uint8_t map_bytes[] = { 5 << 2 | 2, 4, 0x80, 1, 0x80, 1,
		0x80, 0x80, 1, 1, 7 };
	size_t size;
	uint8_t *p = encoded(&e, &size);

	cr_assert_eq(size, sizeof(time_call));
	cr_assert_eq(memcmp(p, time_call, size), 0);
	free(p);
	p = encoded(&map, &size);
	cr_assert_eq(size, sizeof(map_bytes));
	cr_assert_eq(memcmp(p, map_bytes, size), 0);
	free(p);
}

Test(record, refuses_integers_of_more_than_64_bits)
{
	/* The tick in ten bytes: the tenth holds bit 63 and nothing else. */
	uint8_t bytes[] = { 1, 201, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 1, 0 };
	uint8_t longer[] = { 1, 201, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		0x80, 0x80, 0x80, 0x80, 0, 0 };
	struct hvt_event got;

	cr_assert_eq(decode(bytes, sizeof(bytes), &got), sizeof(bytes));
	for (unsigned top = 2; top < 256; top++) {
		bytes[12] = (uint8_t)top;
		cr_assert_eq(decode(bytes, sizeof(bytes), &got), -EBADMSG);
	}
	cr_assert_eq(decode(longer, sizeof(longer), &got), -EBADMSG);
}

/* kind and thread as one number, then the rest of a call of time. */
static int64_t decode_head(uint64_t head, uint64_t call)
{
	uint8_t bytes[32], *p = bytes;
	struct hvt_event got;

	for (int i = 0; i < 2; i++) {
		uint64_t v = i ? call : head;

		for (; v >= 0x80; v >>= 7)
			*p++ = (uint8_t)(v | 0x80);
		*p++ = (uint8_t)v;
	}
	memset(p, 0, 8);
	return decode(bytes, (size_t)(p - bytes) + 8, &got);
}

Test(record, refuses_functions_it_does_not_know)
{
	unsigned known = 0;

	for (uint64_t call = 0; call < 2u * hvt_call_limit(); call++) {
		bool is = hvt_call_schema((uint32_t)call) != NULL;
		bool any = false;

		for (uint64_t kind = 0; kind < 4; kind++)
			any |= decode_head(kind, call) > 0;
		cr_assert_eq(any, is, "call %u", (unsigned)call);
		known += is;
	}
	cr_assert_eq(known, 95);
	/* Not to be mistaken for 201 by losing its upper half. */
	cr_assert_eq(decode_head(1, 201 + (1ull << 32)), -EBADMSG);
	cr_assert_eq(decode_head(1, UINT64_MAX), -EBADMSG);
}

Test(record, refuses_a_kind_that_the_function_cannot_have)
{
	for (uint32_t call = 0; call < hvt_call_limit(); call++) {
		const struct hvt_call_schema *s = hvt_call_schema(call);

		if (!s)
			continue;
		cr_assert_eq(decode_head(0, call), -EBADMSG);
		cr_assert_eq(decode_head(1, call) > 0, !s->wide);
		cr_assert_eq(decode_head(2, call) > 0, s->wide);
		cr_assert_eq(decode_head(3, call) > 0, s->wide);
	}
}

Test(record, refuses_thread_numbers_beyond_32_bits)
{
	cr_assert_gt(decode_head(0xffffffffull << 2 | 1, 201), 0);
	cr_assert_eq(decode_head(0x100000000ull << 2 | 1, 201), -EBADMSG);
}

Test(record, refuses_lengths_beyond_the_input)
{
	/* hv_vcpu_set_simd_fp_reg: vcpu, reg, length, bytes. */
	uint8_t bytes[] = { 1, 28, 0, 0, 0, 0, 3, 0xaa, 0xbb, 0xcc };
	uint8_t huge[] = { 1, 28, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 1, 0 };
	struct hvt_event got;

	cr_assert_eq(decode(bytes, sizeof(bytes), &got), sizeof(bytes));
	cr_assert_eq(got.data_size, 3);
	bytes[6] = 4;
	cr_assert_eq(decode(bytes, sizeof(bytes), &got), -EBADMSG);
	cr_assert_eq(decode(huge, sizeof(huge), &got), -EBADMSG);
}

Test(record, leaves_the_state_alone_when_it_refuses)
{
	struct hvt_record_state state = { 1000 };
	struct hvt_event got;

	cr_assert_eq(hvt_record_decode(time_call, 4, &got, &state), -EBADMSG);
	cr_assert_eq(state.tick, 1000);
	cr_assert_gt(hvt_record_decode(time_call, 5, &got, &state), 0);
	cr_assert_eq(state.tick, 1001);
}
