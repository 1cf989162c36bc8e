/* SPDX-License-Identifier: MIT */
/* What is appended is what is read, whoever appends and however it ends. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "format.h"
#include "trace.h"

#define THREADS 8u

static struct hvt_recorder *open_recorder(const char *path)
{
	struct hvt_recorder *r = NULL;

	cr_assert_eq(hvt_recorder_open(&r, path, NULL, 0), 0);
	return r;
}

static void finish(struct hvt_recorder *r)
{
	cr_assert_eq(hvt_recorder_finish(r), 0);
	hvt_recorder_free(r);
}

static struct hvt_trace *open_trace(const char *path)
{
	struct hvt_trace *t = NULL;
	struct hvt_error e;

	cr_assert_eq(hvt_trace_open(&t, path, &e), 0, "%s", e.text);
	return t;
}

struct appender {
	pthread_t thread;
	struct hvt_recorder *recorder;
	struct rng rng;
	uint32_t number;
	unsigned count; /* to append; then: accepted */
	int err;	/* of the append that was refused */
};

/* Thread number and the count so far make the event; the rest is random. */
static void make(struct appender *a, unsigned i, struct test_event *e)
{
	event_random(&a->rng, e);
	e->event.thread = a->number;
	e->event.tick = i;
}

static void *append_loop(void *arg)
{
	struct appender *a = arg;
	unsigned i;

	for (i = 0; i < a->count && !a->err; i++) {
		struct test_event e;

		make(a, i, &e);
		a->err = hvt_recorder_append(a->recorder, &e.event);
	}
	a->count = a->err ? i - 1 : i;
	return NULL;
}

static void start(struct appender *all, struct hvt_recorder *r, uint64_t seed,
	unsigned count)
{
	for (uint32_t i = 0; i < THREADS; i++) {
		all[i] = (struct appender){ .recorder = r,
			.number = i,
			.rng = rng_from(seed + i),
			.count = count };
		pthread_create(&all[i].thread, NULL, append_loop, &all[i]);
	}
}

static void join(struct appender *all)
{
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(all[i].thread, NULL);
}

/* The trace holds what each appender got accepted, each in its order. */
static void check_trace(
	const char *path, const struct appender *all, uint64_t seed)
{
	struct appender again[THREADS];
	unsigned seen[THREADS] = { 0 };
	struct hvt_trace *t = open_trace(path);
	struct hvt_event got;
	uint64_t number = 0, tick = 0;
	struct hvt_error e;
	int more;

	for (uint32_t i = 0; i < THREADS; i++)
		again[i] = (struct appender){ .rng = rng_from(seed + i),
			.number = i };
	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		struct test_event want;

		cr_assert_lt(got.thread, THREADS);
		make(&again[got.thread], seen[got.thread]++, &want);
		cr_assert(event_same(&want.event, &got, false));
		cr_assert_eq(got.number, number++);
		cr_assert_geq(got.tick, tick, "ticks in the order of numbers");
		tick = got.tick;
	}
	cr_assert_eq(more, 0, "%s", e.text);
	for (uint32_t i = 0; i < THREADS; i++)
		cr_assert_eq(seen[i], all[i].count);
	hvt_trace_close(t);
}

Test(recorder, keeps_every_event_of_many_threads_in_their_order)
{
	struct temp_file f = temp_file_create();
	struct appender all[THREADS];
	struct hvt_recorder *r = open_recorder(f.path);
	struct rng rng;

	rng_init(&rng);
	start(all, r, rng.state, 20000);
	join(all);
	finish(r);
	for (uint32_t i = 0; i < THREADS; i++)
		cr_assert_eq(all[i].err, 0);
	check_trace(f.path, all, rng.state);
	temp_file_remove(&f);
}

Test(recorder, finished_under_way_refuses_the_rest_and_loses_nothing)
{
	struct rng rng;

	rng_init(&rng);
	for (int round = 0; round < 20; round++) {
		struct temp_file f = temp_file_create();
		struct appender all[THREADS];
		struct hvt_recorder *r = open_recorder(f.path);
		uint64_t seed = rng_next(&rng);

		start(all, r, seed, UINT32_MAX);
		usleep((useconds_t)rng_below(&rng, 5000));
		cr_assert_eq(hvt_recorder_finish(r), 0);
		join(all);
		for (uint32_t i = 0; i < THREADS; i++)
			cr_assert_eq(all[i].err, -ESHUTDOWN);
		hvt_recorder_free(r);
		check_trace(f.path, all, seed);
		temp_file_remove(&f);
	}
}

static unsigned blocks_in(const char *path)
{
	size_t size, at;
	uint8_t *p = file_read(path, &size);
	unsigned n = 0;

	at = HVT_HEADER_SIZE + hvt_get32(p + 12);
	while (hvt_get32(p + at) == HVT_BLOCK_MAGIC) {
		at += HVT_BLOCK_SIZE + hvt_get32(p + at + 8);
		n++;
	}
	cr_assert_eq(hvt_get32(p + at), HVT_END_MAGIC);
	cr_assert_eq(at + HVT_BLOCK_SIZE, size);
	free(p);
	return n;
}

Test(recorder, writes_an_empty_trace_that_is_whole)
{
	struct temp_file f = temp_file_create();
	struct hvt_trace *t;
	struct hvt_event event;

	finish(open_recorder(f.path));
	cr_assert_eq(blocks_in(f.path), 0);
	t = open_trace(f.path);
	cr_assert_eq(hvt_trace_next(t, &event, NULL), 0);
	cr_assert_eq(hvt_trace_next(t, &event, NULL), 0, "and still the end");
	hvt_trace_close(t);
	temp_file_remove(&f);
}

Test(recorder, makes_blocks_of_many_events)
{
	struct temp_file f = temp_file_create();
	struct appender a = { .rng = rng_from(1), .count = 50000 };
	unsigned blocks;

	a.recorder = open_recorder(f.path);
	append_loop(&a);
	finish(a.recorder);
	blocks = blocks_in(f.path);
	/* Some 30 bytes an event: 1.5 MB, in blocks of 64 KiB or more. */
	cr_assert_gt(blocks, 1);
	cr_assert_lt(blocks, 60);
	temp_file_remove(&f);
}

Test(recorder, takes_events_larger_than_a_block)
{
	enum { BIG = 3 << 20, COUNT = 8 };
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	uint8_t *bytes = malloc(BIG);
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_GIC_SET_STATE,
		.values = { BIG, BIG },
		.data = bytes,
		.data_size = BIG };
	struct hvt_event got;
	struct hvt_trace *t;
	struct rng rng;

	rng_init(&rng);
	rng_bytes(&rng, bytes, BIG);
	for (int i = 0; i < COUNT; i++)
		cr_assert_eq(hvt_recorder_append(r, &e), 0);
	finish(r);
	t = open_trace(f.path);
	for (int i = 0; i < COUNT; i++) {
		cr_assert_eq(hvt_trace_next(t, &got, NULL), 1);
		cr_assert(event_same(&e, &got, false));
	}
	cr_assert_eq(hvt_trace_next(t, &got, NULL), 0);
	hvt_trace_close(t);
	free(bytes);
	temp_file_remove(&f);
}

Test(recorder, refuses_an_event_too_large_for_any_block_and_all_after_it)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 }, got;
	uint8_t *bytes = calloc(1, HVT_RAW_MAX);
	struct hvt_event big = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_GIC_SET_STATE,
		.values = { HVT_RAW_MAX, HVT_RAW_MAX },
		.data = bytes,
		.data_size = HVT_RAW_MAX };
	struct hvt_trace *t;

	cr_assert_eq(hvt_recorder_append(r, &e), 0);
	cr_assert_eq(hvt_recorder_append(r, &big), -EFBIG);
	cr_assert_eq(hvt_recorder_append(r, &e), -EFBIG);
	cr_assert_eq(hvt_recorder_finish(r), -EFBIG);
	hvt_recorder_free(r);
	/* What came before is there; that it is not all is told, too. */
	t = open_trace(f.path);
	cr_assert_eq(hvt_trace_next(t, &got, NULL), -ENODATA);
	hvt_trace_close(t);
	free(bytes);
	temp_file_remove(&f);
}

Test(recorder, has_the_event_in_the_file_before_long)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 }, got;
	int found = -ENODATA;

	cr_assert_eq(hvt_recorder_append(r, &e), 0);
	while (found == -ENODATA) {
		struct hvt_trace *t = open_trace(f.path);

		usleep(1000);
		found = hvt_trace_next(t, &got, NULL);
		hvt_trace_close(t);
	}
	cr_assert_eq(found, 1);
	finish(r);
	temp_file_remove(&f);
}

Test(recorder, replaces_a_file_that_was_there)
{
	struct temp_file f = temp_file_create();
	uint8_t junk[100000];

	memset(junk, 'x', sizeof(junk));
	file_write(f.path, junk, sizeof(junk));
	finish(open_recorder(f.path));
	cr_assert_eq(blocks_in(f.path), 0);
	temp_file_remove(&f);
}

Test(recorder, says_why_it_cannot_open_the_file)
{
	struct hvt_recorder *r;

	cr_assert_eq(
		hvt_recorder_open(&r, "no-such-folder/t", NULL, 0), -ENOENT);
	cr_assert_eq(hvt_recorder_open(&r, "/", NULL, 0), -EISDIR);
	cr_assert_eq(hvt_recorder_open(&r, "/dev/full", NULL, 0), -ENOSPC);
}

Test(recorder, refuses_more_facts_than_the_format_has_room_for)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r;
	char *value = malloc(HVT_FACTS_MAX + 1);
	struct hvt_info fact = { "big", value };

	memset(value, 'v', HVT_FACTS_MAX);
	value[HVT_FACTS_MAX] = 0;
	cr_assert_eq(hvt_recorder_open(&r, f.path, &fact, 1), -E2BIG);
	free(value);
	temp_file_remove(&f);
}

Test(recorder, writes_the_facts_it_is_given_after_its_own)
{
	struct temp_file f = temp_file_create();
	struct hvt_info facts[] = { { "colour", "green" }, { "empty", "" } };
	static const char *const own[] = { "library", "recorded_at",
		"host_machine", "host_kernel", "page_size", "tick_hz",
		"command" };
	struct hvt_recorder *r;
	const char *key, *value;
	struct hvt_trace *t;
	size_t n = 0;

	cr_assert_eq(hvt_recorder_open(&r, f.path, facts, 2), 0);
	finish(r);
	t = open_trace(f.path);
	cr_assert_str_eq(hvt_trace_info(t, "colour"), "green");
	cr_assert_str_eq(hvt_trace_info(t, "empty"), "");
	cr_assert_null(hvt_trace_info(t, "none"));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		cr_assert_not_null(hvt_trace_info(t, own[i]), "%s", own[i]);
	cr_assert_eq(strtoull(hvt_trace_info(t, "tick_hz"), NULL, 10),
		hvt_tick_hz());
	cr_assert_str_eq(hvt_trace_info(t, "library"), hvt_version());
	while (hvt_trace_info_at(t, n, &key, &value))
		n++;
	cr_assert_eq(n, 9);
	cr_assert_not(hvt_trace_info_at(t, n, &key, &value));
	cr_assert(hvt_trace_info_at(t, 7, &key, &value));
	cr_assert_str_eq(key, "colour");
	hvt_trace_close(t);
	temp_file_remove(&f);
}

Test(recorder, disowned_in_a_child_leaves_the_file_to_the_parent)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 }, got;
	struct hvt_trace *t;
	int status;
	pid_t child;

	cr_assert_eq(hvt_recorder_append(r, &e), 0);
	child = fork();
	if (!child) {
		hvt_recorder_disown(r);
		_exit(hvt_recorder_append(r, &e) == -ECHILD ? 7 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	cr_assert_eq(hvt_recorder_append(r, &e), 0);
	finish(r);
	t = open_trace(f.path);
	cr_assert_eq(hvt_trace_next(t, &got, NULL), 1);
	cr_assert_eq(hvt_trace_next(t, &got, NULL), 1);
	cr_assert_eq(hvt_trace_next(t, &got, NULL), 0);
	hvt_trace_close(t);
	temp_file_remove(&f);
}
