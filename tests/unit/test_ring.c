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
	rng_init(&rng);
}

TestSuite(ring, .init = set_up);

/* As it comes out: no more than its kind carries. */
static bool same(const struct test_event *want, const struct hvt_event *got)
{
	struct hvt_event e = want->event;

	e.thread = 3;
	if (e.kind == HVT_EVENT_CALL)
		e.tick = 0;
	return event_same(&e, got, true);
}

static bool publish(struct test_event *e)
{
	if (!hvt_ring_has_room(&ring, hvt_ring_event_size(&e->event)))
		return false;
	hvt_ring_publish(&ring, &counter, &e->event);
	return true;
}

Test(ring, gives_back_what_was_published_around_its_end)
{
	enum { COUNT = 20000 };
	struct test_event *events = calloc(COUNT, sizeof(*events));
	uint64_t at = 0, next;
	unsigned in = 0, out = 0, full = 0;
	struct hvt_event got;

	while (out < COUNT) {
		unsigned fill = (unsigned)rng_below(&rng, 60);
		unsigned drain = (unsigned)rng_below(&rng, 60);

		for (; in < COUNT && fill; in++, fill--) {
			event_random(&rng, &events[in]);
			if (!publish(&events[in])) {
				full++;
				break;
			}
			cr_assert_eq(events[in].event.number, in);
		}
		for (; drain && out < in; out++, drain--) {
			cr_assert_eq(hvt_ring_peek(&ring, at, &got, &next), 1);
			cr_assert(same(&events[out], &got));
			cr_assert_eq(got.number, out);
			at = next;
			atomic_store(&ring.header->tail, at);
		}
		if (out == in)
			cr_assert_eq(hvt_ring_peek(&ring, at, &got, &next), 0);
	}
	cr_assert_gt(atomic_load(&ring.header->head), 100 * SIZE);
	cr_assert_gt(full, 10);
	free(events);
}

Test(ring, has_room_to_the_last_byte_and_no_more)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_REG };
	uint64_t size = hvt_ring_event_size(&e); /* 64: 64 of them fit */

	cr_assert_eq(size, 64);
	for (unsigned i = 0; i < SIZE / 64; i++) {
		cr_assert(hvt_ring_has_room(&ring, size));
		hvt_ring_publish(&ring, &counter, &e);
	}
	cr_assert_not(hvt_ring_has_room(&ring, size));
	cr_assert_not(hvt_ring_has_room(&ring, 8));
	atomic_store(&ring.header->tail, 64);
	cr_assert(hvt_ring_has_room(&ring, size));
	cr_assert_not(hvt_ring_has_room(&ring, size + 8));
}

Test(ring, counts_what_is_skipped_at_its_end_as_needed)
{
	struct test_event e = { 0 };

	event_of(&rng, &e, HVT_CALL_HV_VCPU_SET_REG, HVT_EVENT_CALL);
	atomic_store(&ring.header->head, SIZE - 8);
	atomic_store(&ring.header->tail, SIZE - 8);
	/* 8 bytes are left: an event needs them and its own size. */
	cr_assert(hvt_ring_has_room(&ring, SIZE - 8));
	cr_assert_not(hvt_ring_has_room(&ring, SIZE));
	cr_assert(publish(&e));
	cr_assert_eq(atomic_load(&ring.header->head), SIZE + 64);
}

Test(ring, keeps_bytes_of_any_length)
{
	for (unsigned n = 0; n <= EVENT_BYTES; n++) {
		struct test_event e = { 0 };
		uint64_t at = atomic_load(&ring.header->tail), next;
		struct hvt_event got;

		e.event = (struct hvt_event){ .kind = HVT_EVENT_CALL,
			.call = HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
			.values = { 1, 2, n }, .data = n ? e.bytes : NULL,
			.data_size = n };
		rng_bytes(&rng, e.bytes, n);
		cr_assert(publish(&e));
		cr_assert_eq(hvt_ring_peek(&ring, at, &got, &next), 1);
		cr_assert(same(&e, &got));
		atomic_store(&ring.header->tail, next);
	}
}

/* The inputs of a call are still there when it returns: not in the event. */
Test(ring, gives_no_more_than_a_kind_carries)
{
	uint8_t bytes[24] = { 1 };
	struct hvt_event e = { .kind = HVT_EVENT_LEAVE,
		.call = HVT_CALL_HV_VCPUS_EXIT, .result = 5, .tick = 9,
		.values = { 24, 3 }, .data = bytes, .data_size = 24 };
	struct hvt_event got;
	uint64_t next;

	hvt_ring_publish(&ring, &counter, &e);
	cr_assert_eq(hvt_ring_peek(&ring, 0, &got, &next), 1);
	cr_assert_eq(got.data_size, 0);
	cr_assert_null(got.data);
	cr_assert_eq(got.values[0] + got.values[1], 0);
	cr_assert_eq(got.result, 5);
	e.kind = HVT_EVENT_ENTER;
	hvt_ring_publish(&ring, &counter, &e);
	cr_assert_eq(hvt_ring_peek(&ring, next, &got, &next), 1);
	cr_assert_eq(got.result, 0);
	cr_assert_eq(got.data_size, 24);
	cr_assert_eq(got.values[0], 24);
}

/* One event in a ring, and one of its fields changed. */
static struct hvt_ring_event *one_event(void)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
		.values = { 1, 2, 16 }, .data = (const uint8_t *)"0123456789abcdef",
		.data_size = 16 };

	atomic_store(&ring.header->head, 0);
	atomic_store(&ring.header->tail, 0);
	ring.tail_seen = 0;
	ring.header->thread = 3;
	hvt_ring_publish(&ring, &counter, &e);
	return (void *)ring.bytes;
}

static int peek(void)
{
	struct hvt_event got;
	uint64_t next;

	return hvt_ring_peek(&ring, 0, &got, &next);
}

Test(ring, believes_no_event_that_contradicts_itself)
{
	struct hvt_ring_event *e = one_event();
	uint64_t *values = (void *)(e + 1);

	cr_assert_eq(peek(), 1);
	for (uint32_t size = 0; size < 2 * SIZE; size++) {
		bool right = size == e->size;

		one_event()->size = size;
		cr_assert_eq(peek(), right ? 1 : -EBADMSG, "%u", size);
		one_event();
	}
	one_event()->kind = 4;
	cr_assert_eq(peek(), -EBADMSG);
	one_event()->kind = HVT_EVENT_ENTER;
	cr_assert_eq(peek(), -EBADMSG, "a function has its kinds");
	one_event()->kind = 0;
	cr_assert_eq(peek(), -EBADMSG, "nothing, all around");
	one_event()->call = 0xffff;
	cr_assert_eq(peek(), -EBADMSG);
	one_event()->count = 6;
	cr_assert_eq(peek(), -EBADMSG);
	one_event()->data_size = UINT64_MAX - 7;
	cr_assert_eq(peek(), -EBADMSG);
	one_event();
	values[2] = 15;
	cr_assert_eq(peek(), -EBADMSG, "other bytes than it says");
	one_event();
	ring.header->thread = HVT_THREADS_MAX;
	cr_assert_eq(peek(), -EBADMSG);
}

Test(ring, believes_no_head_beyond_its_size)
{
	static const uint64_t heads[] = { 1, 4, SIZE + 8, SIZE + 1, UINT64_MAX,
		UINT64_MAX - 7, 1ull << 32, 64 };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		one_event();
		atomic_store(&ring.header->head, heads[i]);
		cr_assert_eq(peek(), -EBADMSG, "%zu", i);
	}
}

Test(ring, of_random_bytes_is_never_read_outside, .timeout = 100)
{
	unsigned found = 0;

	for (unsigned i = 0; i < test_scale(3000, 100000); i++) {
		uint64_t at = rng_below(&rng, 4 * SIZE) & ~7ull, next;
		struct hvt_event got;
		unsigned sum = 0;

		/* Half the time sound events with a few bytes changed. */
		atomic_store(&ring.header->head, at);
		atomic_store(&ring.header->tail, at);
		ring.tail_seen = at;
		rng_bytes(&rng, ring.bytes, SIZE);
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
		while (hvt_ring_peek(&ring, at, &got, &next) == 1) {
			cr_assert_gt(next, at);
			for (size_t k = 0; k < got.data_size; k++)
				sum += got.data[k];
			at = next;
			found++;
		}
		cr_assert_leq(sum, UINT32_MAX);
	}
	cr_assert_gt(found, 1000);
}
