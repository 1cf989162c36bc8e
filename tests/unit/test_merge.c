/* SPDX-License-Identifier: MIT */
/* Rings to one order: by places, and never an effect before its cause. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "events.h"
#include "merge.h"

#define RINGS 3u
#define SIZE  65536u

static struct hvt_ring rings[RINGS];
static struct hvt_log logs[RINGS];
static _Atomic uint64_t counter;
static struct hvt_merge merge;

/* What was taken: thread, kind and the number in it. */
struct taken {
	uint32_t thread, kind;
	uint64_t value;
};

static struct taken *taken;
static size_t count, capacity;

static int take(void *context, const struct hvt_event *event)
{
	(void)context;
	if (count == capacity) {
		capacity = capacity ? 2 * capacity : 1024;
		taken = realloc(taken, capacity * sizeof(*taken));
	}
	taken[count++] = (struct taken){ event->thread, event->kind,
		event->kind == HVT_EVENT_CALL ? event->values[2]
					      : event->values[0] };
	return 0;
}

static void set_up(void)
{
	merge = (struct hvt_merge){ .take = take };
	for (unsigned i = 0; i < RINGS; i++) {
		rings[i] = (struct hvt_ring){ .size = SIZE,
			.header = calloc(1, sizeof(*rings[i].header)),
			.bytes = calloc(1, SIZE) };
		rings[i].header->thread = i;
		hvt_ring_attach(&rings[i], &logs[i], &counter);
		cr_assert_eq(hvt_merge_add(&merge, &rings[i], 0), 0);
	}
}

static void tear_down(void)
{
	hvt_merge_fini(&merge);
	for (unsigned i = 0; i < RINGS; i++) {
		free(rings[i].header);
		free(rings[i].bytes);
	}
	free(taken);
}

TestSuite(merge, .init = set_up, .fini = tear_down, .timeout = 60);

static void publish(unsigned i, const struct hvt_event *event)
{
	while (!hvt_ring_make_room(&rings[i], &logs[i],
				   hvt_ring_event_size(event)))
		;
	hvt_ring_publish(&logs[i], event);
}

static void call(unsigned i, uint64_t value)
{
	publish(i, &(struct hvt_event){ .kind = HVT_EVENT_CALL,
			.call = HVT_CALL_HV_VCPU_SET_REG,
			.values = { 0, 0, value } });
}

static void half(unsigned i, uint64_t value)
{
	publish(i, &(struct hvt_event){ .kind = HVT_EVENT_ENTER,
			.call = HVT_CALL_HV_VM_UNMAP, .values = { value } });
}

static void expect(const char *want)
{
	char got[64] = { 0 };

	cr_assert_eq(hvt_merge_all(&merge), 0);
	for (size_t i = 0; i < count; i++)
		got[i] = (char)taken[i].value;
	cr_assert_str_eq(got, want);
	count = 0;
}

Test(merge, takes_halves_by_place_and_calls_behind_what_comes_before_them)
{
	call(1, 'a');
	half(0, 'B');
	half(2, 'C');
	call(0, 'd');
	half(1, 'E');
	call(2, 'f');
	half(0, 'G');
	call(1, 'h');
	expect("aBdCfEhG");
	expect("");
	call(0, 'i');
	half(2, 'J');
	call(0, 'k');
	expect("ikJ");
}

Test(merge, waits_for_a_place_that_is_missing)
{
	half(0, 'A');
	counter++; /* taken, and not published yet */
	half(1, 'C');
	call(1, 'd');
	call(0, 'e');
	call(2, 'f');
	expect("fAe");
	expect("");
	counter = 1;
	half(2, 'B');
	counter = 3;
	expect("BCd");
}

Test(merge, goes_on_without_it_if_nobody_publishes_any_more)
{
	merge.skip_missing = true;
	counter = 7;
	half(0, 'A');
	counter = 3;
	half(1, 'B');
	call(1, 'c');
	call(0, 'd');
	expect("BcAd");
}

/* It has filled ring 0, and goes on in another one with calls of its own. */
Test(merge, takes_what_a_thread_goes_on_with_behind_its_full_ring)
{
	half(0, 'A');
	call(0, 'b');
	hvt_ring_begin(&rings[1], &logs[1]);
	call(1, 'c');
	half(2, 'D');
	expect("AbcD");
}

Test(merge, takes_nothing_that_is_behind_a_beginning_before_its_turn)
{
	counter++; /* taken, and not published yet */
	hvt_ring_begin(&rings[1], &logs[1]);
	call(1, 'b');
	expect("");
	counter = 0;
	half(0, 'A');
	counter = 2;
	expect("Ab");
}

Test(merge, tells_what_no_thread_has_written)
{
	half(0, 'A');
	rings[0].bytes[6] = 9;
	cr_assert_eq(hvt_merge_all(&merge), -EBADMSG);
}

Test(merge, takes_no_place_twice)
{
	merge.skip_missing = true;
	half(0, 'A');
	half(1, 'B');
	counter = 1;
	half(2, 'C');
	cr_assert_eq(hvt_merge_all(&merge), -EBADMSG);
	cr_assert_eq(count, 2);
}

/* Behind that, any page may be an old one, however sound it looks. */
Test(merge, ends_at_what_was_synced_where_the_power_was_lost)
{
	merge.only_synced = merge.skip_missing = true;
	half(0, 'A');
	atomic_store(&rings[0].header->synced,
			atomic_load(&rings[0].header->head));
	half(0, 'B');
	half(1, 'C');
	half(2, 'D');
	atomic_store(&rings[2].header->synced, 1u << 20);
	expect("AD");
	expect("");
}

Test(merge, tells_what_no_thread_has_written_though_it_was_synced)
{
	merge.only_synced = true;
	half(0, 'A');
	half(0, 'B');
	atomic_store(&rings[0].header->synced,
			atomic_load(&rings[0].header->head));
	rings[0].bytes[48 + 6] = 9;
	cr_assert_eq(hvt_merge_all(&merge), -EBADMSG);
	cr_assert_eq(count, 1);
}

/*
 * A thread makes a call and lets go of a token, the one that takes it up
 * enters another: whenever one looks, the call comes before.
 */
enum { ROUNDS = 6000 };
static _Atomic uint64_t token;

static void *pass_token(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	for (uint64_t n = me; n < ROUNDS; n += RINGS) {
		while (atomic_load_explicit(&token, memory_order_acquire) != n)
			sched_yield();
		if (n % 5 == 4)
			call(me, n);
		else
			half(me, n);
		atomic_store_explicit(&token, n + 1, memory_order_release);
	}
	return NULL;
}

/* Calls may come early, never late; halves are in their order. */
static void check_causes(void)
{
	uint64_t next_half = 0, calls = 0;

	for (size_t i = 0; i < count; i++) {
		if (taken[i].kind == HVT_EVENT_CALL) {
			cr_assert_geq(taken[i].value + 1, next_half);
			calls++;
			continue;
		}
		cr_assert_eq(taken[i].value, next_half);
		/* All calls before it are there by now. */
		cr_assert_geq(calls, next_half / 5);
		next_half += next_half % 5 == 3 ? 2 : 1;
	}
	cr_assert_eq(count, ROUNDS);
}

Test(merge, puts_no_effect_before_its_cause)
{
	pthread_t threads[RINGS];

	for (uintptr_t i = 0; i < RINGS; i++)
		pthread_create(&threads[i], NULL, pass_token, (void *)i);
	while (count < ROUNDS) {
		cr_assert_eq(hvt_merge_all(&merge), 0);
		for (unsigned i = 0; i < RINGS; i++)
			atomic_store(&rings[i].header->tail,
					merge.rings[i].at);
	}
	for (unsigned i = 0; i < RINGS; i++)
		pthread_join(threads[i], NULL);
	check_causes();
}
