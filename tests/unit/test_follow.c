/* SPDX-License-Identifier: MIT */
/* Reading what is being written: every event once, in order, to the end. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "trace.h"

#define THREADS 4u

static struct temp_file file;
static struct hvt_recorder *recorder;
static struct hvt_error e;

static void set_up(void)
{
	file = temp_file_create();
	cr_assert_eq(hvt_recorder_open(&recorder, file.path, NULL, 0), 0);
}

static void tear_down(void)
{
	hvt_recorder_free(recorder);
	temp_file_remove(&file);
}

TestSuite(follow, .init = set_up, .fini = tear_down, .timeout = 100);

struct appender {
	pthread_t thread;
	uint64_t seed;
	unsigned index, count;
};

/* The index of the appender and how many it had before are in each event. */
static struct test_event make(struct rng *r, unsigned index, uint64_t n)
{
	struct test_event t;

	if (n % 5 == 4) {
		event_of(r, &t, HVT_CALL_HV_VCPU_SET_SIMD_FP_REG,
				HVT_EVENT_CALL);
		t.event.values[0] = index;
		t.event.values[1] = n;
	} else {
		event_of(r, &t, n % 2 ? HVT_CALL_HV_VM_UNMAP
				      : HVT_CALL_HV_VM_PROTECT,
				HVT_EVENT_ENTER);
		t.event.values[0] = index;
		t.event.values[1] = n;
	}
	return t;
}

static void *append_loop(void *arg)
{
	struct appender *a = arg;
	struct rng r = rng_from(a->seed);

	for (unsigned i = 0; i < a->count; i++) {
		struct test_event t = make(&r, a->index, i);

		if (t.event.data)
			t.event.data = t.bytes;
		cr_assert_eq(hvt_recorder_append(recorder, &t.event), 0);
		if (i % 4096 == 0)
			usleep(30000);
	}
	return NULL;
}

struct follower {
	struct rng rngs[THREADS];
	uint64_t seen[THREADS], next;
};

static void follow(struct follower *f, struct hvt_trace *t)
{
	struct hvt_event got;
	int more;

	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		unsigned index = (unsigned)got.values[0];
		struct test_event want;

		cr_assert_lt(index, THREADS);
		want = make(&f->rngs[index], index, f->seen[index]++);
		if (want.event.data)
			want.event.data = want.bytes;
		want.event.thread = got.thread;
		cr_assert(event_same(&want.event, &got, false));
		cr_assert_eq(got.number, f->next++);
	}
	cr_assert_eq(more, 0, "%s", e.text);
}

static void *finish(void *arg)
{
	struct appender *all = arg;

	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(all[i].thread, NULL);
	cr_assert_eq(hvt_recorder_finish(recorder), 0);
	return NULL;
}

Test(follow, sees_every_event_once_and_the_end)
{
	struct appender all[THREADS];
	struct follower f = { .next = 0 };
	struct hvt_trace *t;
	struct rng r;
	pthread_t finisher;
	unsigned looks = 0;

	rng_init(&r);
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_LIVE);
	for (unsigned i = 0; i < THREADS; i++) {
		all[i] = (struct appender){ .seed = r.state + i, .index = i,
			.count = 60000 };
		f.rngs[i] = rng_from(r.state + i);
		pthread_create(&all[i].thread, NULL, append_loop, &all[i]);
	}
	pthread_create(&finisher, NULL, finish, all);
	while (hvt_trace_state(t) != HVT_TRACE_CLOSED) {
		cr_assert_geq(hvt_trace_refresh(t, &e), 0, "%s", e.text);
		follow(&f, t);
		looks += f.next < THREADS * 60000;
	}
	pthread_join(finisher, NULL);
	cr_assert_eq(f.next, THREADS * 60000);
	cr_assert_gt(looks, 2, "it was read while it was written");
	cr_assert_eq(hvt_trace_refresh(t, &e), 0, "no more");
	hvt_trace_close(t);
}

Test(follow, has_an_event_as_soon_as_it_was_appended)
{
	struct hvt_trace *t;
	struct hvt_event got, event = { .call = HVT_CALL_HV_VCPU_SET_REG };

	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	for (uint64_t i = 0; i < 100; i++) {
		cr_assert_eq(hvt_trace_refresh(t, &e), 0);
		cr_assert_eq(hvt_trace_next(t, &got, &e), 0);
		event.kind = i % 2 ? HVT_EVENT_CALL : HVT_EVENT_ENTER;
		event.call = i % 2 ? HVT_CALL_HV_VCPU_SET_REG
				   : HVT_CALL_HV_VM_PROTECT;
		event.values[2] = i;
		cr_assert_eq(hvt_recorder_append(recorder, &event), 0);
		cr_assert_eq(hvt_trace_refresh(t, &e), 1, "%s", e.text);
		cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
		cr_assert_eq(got.number, i);
		cr_assert_eq(got.values[2], i);
		if (i % 7 == 0) {
			cr_assert_eq(hvt_trace_prev(t, &got, &e), 1);
			cr_assert_eq(got.number, i);
			cr_assert_eq(hvt_trace_next(t, &got, &e), 1);
		}
	}
	cr_assert_eq(hvt_recorder_finish(recorder), 0);
	hvt_trace_close(t);
}

/* A recorder that failed writes no more: nobody need wait for it. */
Test(follow, knows_the_end_of_a_recorder_that_finished_and_of_one_that_failed)
{
	struct hvt_event huge = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_GIC_SET_STATE, .data_size = 1u << 30 };
	struct hvt_trace *t;

	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_LIVE);
	cr_assert_eq(hvt_recorder_append(recorder, &huge), -EFBIG);
	cr_assert_eq(hvt_recorder_finish(recorder), -EFBIG);
	cr_assert_geq(hvt_trace_refresh(t, &e), 0);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_OPEN);
	hvt_trace_close(t);
}
