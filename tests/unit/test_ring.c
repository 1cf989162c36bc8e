/* SPDX-License-Identifier: MIT */
/* A ring in memory: around its end, to its brim, and with lies in it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "events.h"
#include "format.h"
#include "ring.h"

#define SIZE 4096u

static struct hvt_ring ring;
static struct hvt_log rlog;
static _Atomic uint64_t counter;
static struct rng rng;

/* Behind the ring is nothing that may be touched. */
static void set_up(void)
{
	size_t page = 4096, size = HVT_RING_HEADER + SIZE;
	uint8_t *p = mmap(NULL, size + 2 * page, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(p, MAP_FAILED);
	cr_assert_eq(mprotect(p + page, size, PROT_READ | PROT_WRITE), 0);
	ring = (struct hvt_ring){ .header = (void *)(p + page),
		.bytes = p + page + HVT_RING_HEADER, .size = SIZE };
	ring.header->thread = 3;
	counter = 0;
	hvt_ring_attach(&ring, &rlog, &counter);
	rng_init(&rng);
}

TestSuite(ring, .init = set_up);

/* An empty ring that stands at the position at. */
static void move_to(uint64_t at)
{
	atomic_store(&ring.header->head, at);
	atomic_store(&ring.header->tail, at);
	ring.header->thread = 3;
	hvt_ring_attach(&ring, &rlog, &counter);
}

static bool same(const struct test_event *want, const struct hvt_event *got)
{
	struct hvt_event e = want->event;

	e.thread = 3;
	if (e.kind == HVT_EVENT_CALL)
		e.tick = 0;
	return event_same(&e, got, true);
}

static int read_at(uint64_t at, struct hvt_record *got)
{
	return hvt_ring_read(&ring, at, atomic_load(&ring.header->head), got);
}

static bool publish(struct test_event *e)
{
	if (!hvt_ring_make_room(&ring, &rlog, hvt_ring_event_size(&e->event)))
		return false;
	hvt_ring_publish(&rlog, &e->event);
	return true;
}

Test(ring, gives_back_what_was_published_around_its_end)
{
	enum { COUNT = 20000 };
	struct test_event *events = calloc(COUNT, sizeof(*events));
	uint64_t at = 0, place = 0;
	unsigned in = 0, out = 0, full = 0;
	struct hvt_record got;

	while (out < COUNT) {
		unsigned fill = (unsigned)rng_below(&rng, 60);
		unsigned drain = (unsigned)rng_below(&rng, 60);

		for (; in < COUNT && fill; in++, fill--) {
			event_random(&rng, &events[in]);
			if (!publish(&events[in])) {
				full++;
				break;
			}
		}
		for (; drain && out < in; out++, drain--) {
			cr_assert_eq(read_at(at, &got), 1);
			cr_assert(same(&events[out], &got.event));
			if (got.event.kind != HVT_EVENT_CALL)
				cr_assert_eq(got.place, place++);
			at = got.end;
			atomic_store(&ring.header->tail, at);
		}
		if (out == in)
			cr_assert_eq(read_at(at, &got), 0);
	}
	cr_assert_gt(atomic_load(&ring.header->head), 100 * SIZE);
	cr_assert_gt(full, 10);
	free(events);
}

/* What is done without a call must leave what is done with one. */
Test(ring, has_the_same_of_either_way_to_publish)
{
	struct test_event e;
	struct hvt_record got;
	uint64_t at = 0;

	hvt_log_mine = &rlog;
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t *v = e.event.values;
		bool straight;

		event_of(&rng, &e, i % 3 ? HVT_CALL_HV_VCPU_GET_REG
					 : HVT_CALL_HV_VCPU_RUN,
				i % 3 ? HVT_EVENT_CALL
				: i % 2 ? HVT_EVENT_ENTER : HVT_EVENT_LEAVE);
		e.event.result = e.event.kind == HVT_EVENT_ENTER
				? 0 : (int32_t)e.event.result;
		if (e.event.kind == HVT_EVENT_CALL)
			straight = hvt_log_call(e.event.call,
					(int32_t)e.event.result, v, 3);
		else if (e.event.kind == HVT_EVENT_ENTER)
			straight = hvt_log_half(e.event.call,
					HVT_EVENT_ENTER, 0, v, 1);
		else
			straight = hvt_log_half(e.event.call,
					HVT_EVENT_LEAVE,
					(int32_t)e.event.result, v + 1, 4);
		if (!straight)
			cr_assert(publish(&e));
		cr_assert_eq(read_at(at, &got), 1);
		got.event.tick = e.event.tick; /* it has its own */
		cr_assert(same(&e, &got.event));
		at = got.end;
		atomic_store(&ring.header->tail, at);
	}
}

Test(ring, has_room_to_the_last_byte_and_no_more)
{
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_VM_DESTROY };
	uint64_t size = hvt_ring_event_size(&e);

	cr_assert_eq(size, 32);
	for (unsigned i = 0; i < SIZE / 32; i++) {
		cr_assert(hvt_ring_make_room(&ring, &rlog, size));
		hvt_ring_publish(&rlog, &e);
	}
	cr_assert_not(hvt_ring_make_room(&ring, &rlog, size));
	cr_assert_not(hvt_ring_make_room(&ring, &rlog, 8));
	cr_assert_not(hvt_log_half(e.call, e.kind, 0, NULL, 0));
	atomic_store(&ring.header->tail, 32);
	cr_assert(hvt_ring_make_room(&ring, &rlog, size));
	cr_assert_not(hvt_ring_make_room(&ring, &rlog, size + 8));
}

Test(ring, counts_what_is_skipped_at_its_end_as_needed)
{
	struct test_event e = { 0 };
	struct hvt_record got;

	event_of(&rng, &e, HVT_CALL_HV_VM_UNMAP, HVT_EVENT_ENTER);
	move_to(SIZE - 8);
	/* 8 bytes are left: an event needs them and its own size. */
	cr_assert_not(hvt_ring_make_room(&ring, &rlog, SIZE));
	cr_assert(publish(&e));
	cr_assert_eq(atomic_load(&ring.header->head), SIZE + 48);
	cr_assert_eq(read_at(SIZE - 8, &got), 1);
	cr_assert(same(&e, &got.event));
	cr_assert_eq(got.end, SIZE + 48);
}

Test(ring, keeps_bytes_of_any_length)
{
	for (unsigned n = 0; n <= EVENT_BYTES; n++) {
		struct test_event e = { 0 };
		uint64_t at = atomic_load(&ring.header->tail);
		struct hvt_record got;

		e.event = (struct hvt_event){ .kind = HVT_EVENT_CALL,
			.call = HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
			.values = { 1, 2, n }, .data = n ? e.bytes : NULL,
			.data_size = n };
		rng_bytes(&rng, e.bytes, n);
		cr_assert(publish(&e));
		cr_assert_eq(read_at(at, &got), 1);
		cr_assert(same(&e, &got.event));
		atomic_store(&ring.header->tail, got.end);
	}
}

/* The inputs of a call are still there when it returns: not in the event. */
Test(ring, takes_no_more_than_a_kind_carries)
{
	uint8_t bytes[24] = { 1 };
	struct hvt_event e = { .kind = HVT_EVENT_LEAVE,
		.call = HVT_CALL_HV_VCPUS_EXIT, .result = 5, .tick = 9,
		.values = { 24, 3 }, .data = bytes, .data_size = 24 };
	struct hvt_record got;

	cr_assert(hvt_ring_make_room(&ring, &rlog, 400));
	hvt_ring_publish(&rlog, &e);
	cr_assert_eq(read_at(0, &got), 1);
	cr_assert_eq(got.event.data_size, 0);
	cr_assert_null(got.event.data);
	cr_assert_eq(got.event.values[0] + got.event.values[1], 0);
	cr_assert_eq(got.event.result, 5);
	e.kind = HVT_EVENT_ENTER;
	hvt_ring_publish(&rlog, &e);
	cr_assert_eq(read_at(got.end, &got), 1);
	cr_assert_eq(got.event.result, 0);
	cr_assert_eq(got.event.data_size, 24);
	cr_assert_eq(got.event.values[0], 24);
}

/* One event in a ring, one of its fields changed, and what is made of it. */
static uint8_t *one_event(void)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
		.values = { 1, 2, 16 },
		.data = (const uint8_t *)"0123456789abcdef", .data_size = 16 };

	move_to(0);
	cr_assert(hvt_ring_make_room(&ring, &rlog, SIZE));
	hvt_ring_publish(&rlog, &e);
	return ring.bytes;
}

static int read_one(void)
{
	struct hvt_record got;

	return read_at(0, &got);
}

Test(ring, believes_no_record_that_contradicts_itself)
{
	uint32_t right, size;

	memcpy(&right, one_event(), 4);
	cr_assert_eq(right, 16 + 3 * 8 + 16);
	cr_assert_eq(read_one(), 1);
	for (size = 0; size < 2 * SIZE; size++) {
		memcpy(one_event(), &size, 4);
		cr_assert_eq(read_one(), size == right ? 1 : -EBADMSG, "%u",
				size);
	}
	for (unsigned kind = 0; kind < 256; kind++) {
		one_event()[6] = (uint8_t)kind;
		/* As a placed call its values would be others, and too few. */
		cr_assert_eq(read_one(), kind == 1 ? 1 : -EBADMSG, "%u", kind);
	}
	memset(one_event() + 4, 0xff, 2);
	cr_assert_eq(read_one(), -EBADMSG, "no such function");
	one_event()[7]++;
	cr_assert_eq(read_one(), -EBADMSG, "too many values");
	one_event()[12] ^= 1;
	cr_assert_eq(read_one(), -EBADMSG, "of another round");
	one_event()[16 + 2 * 8] = 25;
	cr_assert_eq(read_one(), -EBADMSG, "other bytes than it says");
	memset(one_event() + 16 + 2 * 8, 0xff, 8);
	cr_assert_eq(read_one(), -EBADMSG, "bytes without end");
	one_event();
	ring.header->thread = HVT_THREADS_MAX;
	cr_assert_eq(read_one(), -EBADMSG);
}

/* It has a place, and nothing else. */
Test(ring, begins_where_it_stands)
{
	struct hvt_record got;

	counter = 7;
	move_to(SIZE - 8);
	hvt_ring_begin(&ring, &rlog);
	cr_assert_eq(atomic_load(&ring.header->head), SIZE + 32);
	cr_assert_eq(read_at(SIZE - 8, &got), 1);
	cr_assert_eq(got.event.kind, HVT_RECORD_BEGIN);
	cr_assert_eq(got.place, 7);
	cr_assert_eq(got.end, SIZE + 32);
	cr_assert_eq(rlog.limit, 0, "what follows asks for its room");
	ring.bytes[7] = 1;
	cr_assert_eq(read_at(SIZE, &got), -EBADMSG, "it has no values");
	ring.bytes[7] = 0;
	ring.bytes[0] = 40;
	atomic_store(&ring.header->head, SIZE + 40);
	cr_assert_eq(read_at(SIZE, &got), -EBADMSG, "nor bytes");
}

/* What is left of the round before is sound but for where it says it is. */
Test(ring, takes_nothing_of_an_earlier_round_for_new)
{
	struct hvt_record got;

	one_event();
	cr_assert_eq(read_one(), 1);
	atomic_store(&ring.header->head, SIZE + 56);
	cr_assert_eq(read_at(SIZE, &got), -EBADMSG);
}

Test(ring, believes_no_head_beyond_its_size)
{
	static const uint64_t heads[] = { 1, 4, 8, SIZE + 8, SIZE + 1,
		UINT64_MAX, UINT64_MAX - 7, 1ull << 32 };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		one_event();
		atomic_store(&ring.header->head, heads[i]);
		cr_assert_eq(read_one(), -EBADMSG, "%zu", i);
	}
}

Test(ring, of_random_bytes_is_never_read_outside, .timeout = 100)
{
	unsigned found = 0;

	for (unsigned i = 0; i < test_scale(3000, 100000); i++) {
		uint64_t at = rng_below(&rng, 4 * SIZE) & ~7ull;
		struct hvt_record got;
		unsigned sum = 0;

		/* Half the time sound events with a few bytes changed. */
		rng_bytes(&rng, ring.bytes, SIZE);
		move_to(at);
		if (i % 2) {
			struct test_event e;

			do
				event_random(&rng, &e);
			while (publish(&e));
			for (int k = 0; k < 3; k++)
				ring.bytes[rng_below(&rng, SIZE)] =
						(uint8_t)rng_next(&rng);
		} else {
			atomic_store(&ring.header->head, rng_bool(&rng)
					? rng_any(&rng) : at + SIZE);
		}
		while (read_at(at, &got) == 1) {
			cr_assert_gt(got.end, at);
			for (size_t k = 0; k < got.event.data_size; k++)
				sum += got.event.data[k];
			at = got.end;
			found++;
		}
		cr_assert_leq(sum, UINT32_MAX);
	}
	cr_assert_gt(found, 1000);
}
