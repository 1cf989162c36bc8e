/* SPDX-License-Identifier: MIT */
/* What is appended is what is read, whoever appends and however it ends. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "format.h"
#include "trace.h"
#include "wal.h"

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

static bool has_log(const char *path)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.wal", path);
	return !access(name, F_OK);
}

static uint64_t rings_in_log(const char *path)
{
	struct hvt_wal_header header;
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s.wal", path);
	fd = open(name, O_RDONLY);
	cr_assert_eq(read(fd, &header, sizeof(header)), sizeof(header));
	close(fd);
	return header.rings;
}

static void never(const struct hvt_error *e, void *context)
{
	(void)context;
	cr_assert(false, "%s", e->text);
}

static struct hvt_verdict verify(const char *path)
{
	struct hvt_trace *t = open_trace(path);
	struct hvt_verdict v;

	cr_assert_eq(hvt_trace_verify(t, &v, never, NULL), 0);
	hvt_trace_close(t);
	return v;
}

struct appender {
	pthread_t thread;
	struct hvt_recorder *recorder;
	struct rng rng;
	unsigned count; /* to append; then: accepted */
	int err;        /* of the append that was refused */
	uint32_t number; /* of its thread in the trace */
};

/* The first event tells whose it is; the rest is random. */
static void make(struct rng *rng, unsigned i, uint64_t who,
		struct test_event *e)
{
	if (i) {
		event_random(rng, e);
		return;
	}
	event_of(rng, e, HVT_CALL_HV_VCPU_SET_REG, HVT_EVENT_CALL);
	e->event.values[2] = who;
}

static void *append_loop(void *arg)
{
	struct appender *a = arg;
	uint64_t who = a->rng.state;
	unsigned i;

	for (i = 0; i < a->count && !a->err; i++) {
		struct test_event e;

		make(&a->rng, i, who, &e);
		if (e.event.data_size)
			e.event.data = e.bytes;
		a->err = hvt_recorder_append(a->recorder, &e.event);
		if (!a->err)
			a->number = e.event.thread;
	}
	a->count = a->err ? i - 1 : i;
	return NULL;
}

static void start(struct appender *a, struct hvt_recorder *r, uint64_t seed,
		unsigned count)
{
	*a = (struct appender){ .recorder = r, .rng = rng_from(seed),
		.count = count };
	pthread_create(&a->thread, NULL, append_loop, a);
}

/* The trace holds what each appender got accepted, each in its order. */
static void check_trace(const char *path, const struct appender *all,
		unsigned count, uint64_t seed)
{
	struct rng *rngs = calloc(count, sizeof(*rngs));
	unsigned *seen = calloc(count, sizeof(*seen));
	struct appender const **by_number = calloc(
			HVT_THREADS_MAX, sizeof(*by_number));
	struct hvt_trace *t = open_trace(path);
	struct hvt_event got;
	uint64_t number = 0, tick = 1; /* the first is of no time long past */
	struct hvt_error e;
	int more;

	for (unsigned i = 0; i < count; i++) {
		rngs[i] = rng_from(seed + i);
		if (all[i].count)
			by_number[all[i].number] = &all[i];
	}
	while ((more = hvt_trace_next(t, &got, &e)) == 1) {
		struct test_event want;
		size_t i;

		cr_assert_not_null(by_number[got.thread]);
		i = (size_t)(by_number[got.thread] - all);
		make(&rngs[i], seen[i], seed + i, &want);
		if (want.event.data_size)
			want.event.data = want.bytes;
		seen[i]++;
		want.event.thread = got.thread;
		cr_assert(event_same(&want.event, &got, false));
		cr_assert_eq(got.number, number++);
		cr_assert_geq(got.tick, tick, "ticks in the order of numbers");
		tick = got.tick;
	}
	cr_assert_eq(more, 0, "%s", e.text);
	for (unsigned i = 0; i < count; i++)
		cr_assert_eq(seen[i], all[i].count, "%u", i);
	hvt_trace_close(t);
	free(rngs);
	free(seen);
	free(by_number);
}

Test(recorder, keeps_every_event_of_many_threads_in_their_order,
		.timeout = 100)
{
	struct temp_file f = temp_file_create();
	struct appender all[THREADS];
	struct hvt_recorder *r = open_recorder(f.path);
	struct rng rng;

	rng_init(&rng);
	for (unsigned i = 0; i < THREADS; i++)
		start(&all[i], r, rng.state + i, 20000);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(all[i].thread, NULL);
	cr_assert(has_log(f.path));
	finish(r);
	cr_assert_not(has_log(f.path));
	for (unsigned i = 0; i < THREADS; i++)
		cr_assert_eq(all[i].err, 0);
	check_trace(f.path, all, THREADS, rng.state);
	cr_assert_eq(verify(f.path).events, THREADS * 20000);
	temp_file_remove(&f);
}

Test(recorder, finished_under_way_refuses_the_rest_and_loses_nothing,
		.timeout = 100)
{
	struct rng rng;

	rng_init(&rng);
	for (int round = 0; round < 15; round++) {
		struct temp_file f = temp_file_create();
		struct appender all[THREADS];
		struct hvt_recorder *r = open_recorder(f.path);
		uint64_t seed = rng_next(&rng);

		for (unsigned i = 0; i < THREADS; i++)
			start(&all[i], r, seed + i, UINT32_MAX);
		usleep((useconds_t)rng_below(&rng, 5000));
		cr_assert_eq(hvt_recorder_finish(r), 0);
		for (unsigned i = 0; i < THREADS; i++)
			pthread_join(all[i].thread, NULL);
		for (unsigned i = 0; i < THREADS; i++)
			cr_assert_eq(all[i].err, -ESHUTDOWN);
		hvt_recorder_free(r);
		check_trace(f.path, all, THREADS, seed);
		temp_file_remove(&f);
	}
}

/* A ring is megabytes of disk: there are as many as threads at one time. */
Test(recorder, uses_the_rings_of_threads_that_are_gone, .timeout = 100)
{
	enum { COUNT = 300 };
	struct temp_file f = temp_file_create();
	struct appender *all = calloc(COUNT, sizeof(*all));
	struct hvt_recorder *r = open_recorder(f.path);
	struct rng rng;

	rng_init(&rng);
	for (unsigned i = 0; i < COUNT; i += 2) {
		start(&all[i], r, rng.state + i, 1 + i % 50);
		start(&all[i + 1], r, rng.state + i + 1, 1 + i % 7);
		pthread_join(all[i].thread, NULL);
		pthread_join(all[i + 1].thread, NULL);
	}
	/* One is not free while a thread beside it is publishing. */
	cr_assert_leq(rings_in_log(f.path), 4);
	finish(r);
	check_trace(f.path, all, COUNT, rng.state);
	free(all);
	temp_file_remove(&f);
}

static void *append_one(void *arg)
{
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 };

	return (void *)(intptr_t)hvt_recorder_append(arg, &e);
}

/* The format has no more: it must be told, not written. */
Test(recorder, refuses_more_threads_than_a_trace_can_have, .timeout = 100)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	pthread_t thread;
	void *err;

	for (unsigned i = 0; i <= HVT_THREADS_MAX; i++) {
		pthread_create(&thread, NULL, append_one, r);
		pthread_join(thread, &err);
		cr_assert_eq((intptr_t)err,
				i < HVT_THREADS_MAX ? 0 : -EUSERS, "%u", i);
	}
	cr_assert_eq(hvt_recorder_finish(r), -EUSERS);
	hvt_recorder_free(r);
	cr_assert_eq(verify(f.path).events, HVT_THREADS_MAX);
	temp_file_remove(&f);
}

/* Back-pressure: more than a ring holds at once, of a size that is slow. */
Test(recorder, makes_threads_wait_for_room_and_says_how_long, .timeout = 100)
{
	enum { BIG = HVT_DATA_MAX, COUNT = 60 };
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	uint8_t *bytes = malloc(BIG);
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_GIC_SET_STATE, .values = { BIG, BIG },
		.data = bytes, .data_size = BIG };
	struct hvt_event got;
	struct hvt_trace *t;
	struct rng rng;

	rng_init(&rng);
	rng_bytes(&rng, bytes, BIG);
	for (int i = 0; i < COUNT; i++) {
		bytes[0] = (uint8_t)i;
		cr_assert_eq(hvt_recorder_append(r, &e), 0);
	}
	finish(r);
	t = open_trace(f.path);
	for (int i = 0; i < COUNT; i++) {
		bytes[0] = (uint8_t)i;
		cr_assert_eq(hvt_trace_next(t, &got, NULL), 1);
		cr_assert_eq(got.values[0], BIG);
		cr_assert_eq(got.data_size, BIG);
		cr_assert_eq(memcmp(got.data, bytes, BIG), 0);
	}
	cr_assert_eq(hvt_trace_next(t, &got, NULL), 0);
	hvt_trace_close(t);
	cr_assert_gt(verify(f.path).stall_ns, 0);
	free(bytes);
	temp_file_remove(&f);
}

Test(recorder, refuses_an_event_too_large_and_all_after_it)
{
	static const uint64_t sizes[] = { HVT_DATA_MAX + 1, 2u << 20, 4u << 20,
		64u << 20 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct temp_file f = temp_file_create();
		struct hvt_recorder *r = open_recorder(f.path);
		struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 };
		uint8_t *bytes = calloc(1, sizes[i]);
		struct hvt_event big = { .kind = HVT_EVENT_ENTER,
			.call = HVT_CALL_HV_GIC_SET_STATE,
			.values = { sizes[i], sizes[i] }, .data = bytes,
			.data_size = sizes[i] }, got;
		struct hvt_trace *t;

		cr_assert_eq(hvt_recorder_append(r, &e), 0);
		cr_assert_eq(hvt_recorder_append(r, &big), -EFBIG);
		cr_assert_eq(hvt_recorder_append(r, &e), -EFBIG);
		cr_assert_eq(hvt_recorder_finish(r), -EFBIG);
		hvt_recorder_free(r);
		/* What came before is there; that it is not all shows, too. */
		t = open_trace(f.path);
		cr_assert_eq(hvt_trace_state(t), HVT_TRACE_OPEN);
		cr_assert_eq(hvt_trace_next(t, &got, NULL), 1);
		cr_assert_eq(hvt_trace_next(t, &got, NULL), 0);
		hvt_trace_close(t);
		free(bytes);
		temp_file_remove(&f);
	}
}

Test(recorder, writes_an_empty_trace_that_is_whole)
{
	struct temp_file f = temp_file_create();
	struct hvt_trace *t;
	struct hvt_event event;

	finish(open_recorder(f.path));
	t = open_trace(f.path);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_CLOSED);
	cr_assert_eq(hvt_trace_next(t, &event, NULL), 0);
	cr_assert_eq(hvt_trace_next(t, &event, NULL), 0, "and still the end");
	hvt_trace_close(t);
	cr_assert_eq(verify(f.path).segments, 3);
	temp_file_remove(&f);
}

/* Trace and log as another process's SIGKILL would leave them. */
Test(recorder, has_every_event_in_the_files_when_it_is_killed)
{
	struct temp_file f = temp_file_create();
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 }, got;
	struct hvt_trace *t;
	struct hvt_error why;
	uint64_t n;
	pid_t child = fork();

	if (!child) {
		struct hvt_recorder *r;

		if (hvt_recorder_open(&r, f.path, NULL, 0))
			_exit(1);
		for (int i = 0; i < 1000; i++)
			if (hvt_recorder_append(r, &e))
				_exit(1);
		kill(getpid(), SIGKILL);
	}
	cr_assert_eq(waitpid(child, NULL, 0), child);
	t = open_trace(f.path);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_OPEN);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(hvt_trace_next(t, &got, NULL), 1, "%d", i);
	cr_assert_eq(hvt_trace_next(t, &got, NULL), 0);
	hvt_trace_close(t);
	cr_assert_eq(hvt_trace_recover(f.path, HVT_END_DIED, &n, &why), 0, "%s", why.text);
	cr_assert_not(has_log(f.path));
	cr_assert_eq(verify(f.path).events, 1000);
	temp_file_remove(&f);
}

Test(recorder, replaces_a_file_that_was_there)
{
	struct temp_file f = temp_file_create();
	uint8_t junk[100000];

	memset(junk, 'x', sizeof(junk));
	file_write(f.path, junk, sizeof(junk));
	finish(open_recorder(f.path));
	cr_assert_eq(verify(f.path).segments, 3);
	temp_file_remove(&f);
}

Test(recorder, is_not_disturbed_by_another_one_of_the_same_path)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path), *other;
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 };

	cr_assert_eq(hvt_recorder_append(r, &e), 0);
	cr_assert_eq(hvt_recorder_open(&other, f.path, NULL, 0), -EBUSY);
	cr_assert_eq(hvt_recorder_append(r, &e), 0);
	finish(r);
	cr_assert_eq(verify(f.path).events, 2);
	r = open_recorder(f.path);
	finish(r);
	temp_file_remove(&f);
}

Test(recorder, says_why_it_cannot_open_the_file)
{
	struct hvt_recorder *r;

	cr_assert_eq(hvt_recorder_open(&r, "no-such-folder/t", NULL, 0),
			-ENOENT);
	cr_assert_eq(hvt_recorder_open(&r, "/", NULL, 0), -EISDIR);
	cr_assert_eq(hvt_recorder_open(&r, "/dev/full", NULL, 0), -ENOSPC);
}

Test(recorder, writes_the_facts_it_is_given_after_its_own)
{
	struct temp_file f = temp_file_create();
	struct hvt_info facts[] = { { "colour", "green\nred\\" },
		{ "empty", "" } };
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
	cr_assert_str_eq(hvt_trace_info(t, "colour"), "green\nred\\");
	cr_assert_str_eq(hvt_trace_info(t, "empty"), "");
	cr_assert_null(hvt_trace_info(t, "none"));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		cr_assert_not_null(hvt_trace_info(t, own[i]), "%s", own[i]);
	cr_assert_eq(strtoull(hvt_trace_info(t, "tick_hz"), NULL, 10),
			hvt_tick_hz());
	cr_assert_str_eq(hvt_trace_info(t, "library"), hvt_version());
	while (hvt_trace_info_at(t, n, &key, &value))
		n++;
	cr_assert_geq(n, 10);
	cr_assert_not(hvt_trace_info_at(t, n, &key, &value));
	cr_assert(hvt_trace_info_at(t, n - 3, &key, &value));
	cr_assert_str_eq(key, "colour");
	/* And that of the end. */
	cr_assert(hvt_trace_info_at(t, n - 1, &key, &value));
	cr_assert_str_eq(key, "ended");
	cr_assert_eq(hvt_trace_ended(t), HVT_END_FINISHED);
	cr_assert(hvt_trace_is_whole(t));
	hvt_trace_close(t);
	temp_file_remove(&f);
}

/* Children. */

struct forker {
	struct hvt_recorder *r;
	int ready[2], go[2];
	intptr_t err;
};

static void wait_for(int fd)
{
	char c;

	cr_assert_eq(read(fd, &c, 1), 1);
}

/* Keys are done with in the order of their making: after the recorder's. */
static void leave(void *arg)
{
	(void)arg;
	_exit(0);
}

/* Its copy in the child disowns the recorder and ends as a thread does. */
static void *fork_and_go_on(void *arg)
{
	struct forker *f = arg;
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 };
	int status;
	pid_t child;

	f->err = hvt_recorder_append(f->r, &e);
	child = fork();
	if (!child) {
		pthread_key_t key;

		hvt_recorder_disown(f->r);
		if (hvt_recorder_append(f->r, &e) != -ECHILD ||
				pthread_key_create(&key, leave) ||
				pthread_setspecific(key, f))
			_exit(1);
		pthread_exit(NULL);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
			WEXITSTATUS(status))
		f->err = -1;
	cr_assert_eq(write(f->ready[1], "x", 1), 1);
	wait_for(f->go[0]);
	for (int i = 0; i < 5 && !f->err; i++)
		f->err = hvt_recorder_append(f->r, &e);
	return NULL;
}

Test(recorder, keeps_the_ring_of_a_thread_whose_child_ends)
{
	struct temp_file file = temp_file_create();
	struct forker f = { .r = open_recorder(file.path) };
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 }, got;
	struct hvt_trace *t;
	unsigned counts[2] = { 0 };
	pthread_t thread;

	cr_assert_eq(pipe(f.ready) + pipe(f.go), 0);
	pthread_create(&thread, NULL, fork_and_go_on, &f);
	wait_for(f.ready[0]);
	/* This thread must get a ring of its own. */
	for (int i = 0; i < 5; i++)
		cr_assert_eq(hvt_recorder_append(f.r, &e), 0);
	cr_assert_eq(write(f.go[1], "x", 1), 1);
	pthread_join(thread, NULL);
	cr_assert_eq(f.err, 0);
	finish(f.r);
	t = open_trace(file.path);
	while (hvt_trace_next(t, &got, NULL) == 1) {
		cr_assert_lt(got.thread, 2);
		counts[got.thread]++;
	}
	cr_assert_eq(counts[0], 6);
	cr_assert_eq(counts[1], 5);
	hvt_trace_close(t);
	temp_file_remove(&file);
}

Test(recorder, disowned_in_a_child_leaves_the_file_to_the_parent)
{
	struct temp_file f = temp_file_create();
	struct hvt_recorder *r = open_recorder(f.path);
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 };
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
	cr_assert_eq(verify(f.path).events, 2);
	temp_file_remove(&f);
}

/* A daemon that the VMM started must not keep its trace from being closed. */
Test(recorder, that_was_killed_is_dead_though_its_child_lives)
{
	struct temp_file f = temp_file_create();
	struct hvt_event e = { .kind = HVT_EVENT_CALL, .call = 201 };
	struct hvt_trace *t;
	int alive[2], hold[2];
	uint64_t n;
	pid_t vmm;

	cr_assert_eq(pipe(alive) + pipe(hold), 0);
	vmm = fork();
	if (!vmm) {
		struct hvt_recorder *r;
		char c;

		close(hold[1]);
		if (hvt_recorder_open(&r, f.path, NULL, 0) ||
				hvt_recorder_append(r, &e))
			_exit(1);
		if (!fork()) {
			hvt_recorder_disown(r);
			(void)!write(alive[1], "x", 1);
			_exit((int)read(hold[0], &c, 1)); /* till the end */
		}
		for (;;)
			pause();
	}
	close(hold[0]);
	wait_for(alive[0]);
	kill(vmm, SIGKILL);
	cr_assert_eq(waitpid(vmm, NULL, 0), vmm);
	t = open_trace(f.path);
	cr_assert_eq(hvt_trace_state(t), HVT_TRACE_OPEN);
	hvt_trace_close(t);
	cr_assert_eq(hvt_trace_recover(f.path, HVT_END_DIED, &n, NULL), 0);
	cr_assert_eq(n, 1);
	close(hold[1]);
	temp_file_remove(&f);
}

/* Signal handlers of the VMM. */

static struct hvt_recorder *interrupted;
static atomic_uint handled;

static void append_in_handler(int signal)
{
	struct hvt_event e = { .kind = HVT_EVENT_ENTER,
		.call = HVT_CALL_HV_VM_UNMAP, .values = { 7, handled } };

	(void)signal;
	if (!hvt_recorder_append(interrupted, &e))
		handled++;
}

/*
 * One that comes into the middle of an append has its events beside it: both
 * come out whole, each in its order.
 */
Test(recorder, keeps_apart_what_a_signal_handler_appends, .timeout = 100)
{
	struct temp_file f = temp_file_create();
	struct itimerspec every = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction action = { .sa_handler = append_in_handler };
	uint64_t own = 0, seen = 0;
	struct hvt_event got;
	struct hvt_trace *t;
	timer_t timer;

	interrupted = open_recorder(f.path);
	sigaction(SIGALRM, &action, NULL);
	cr_assert_eq(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	cr_assert_eq(timer_settime(timer, 0, &every, NULL), 0);
	while (handled < 3000) {
		uint64_t values[] = { 1, 2, own };
		struct hvt_event e = { .kind = HVT_EVENT_CALL,
			.call = HVT_CALL_HV_VCPU_SET_REG,
			.values = { 1, 2, own } };

		if (!hvt_log_call(e.call, 0, values, 3))
			cr_assert_eq(hvt_recorder_append(interrupted, &e), 0);
		own++;
	}
	timer_delete(timer);
	finish(interrupted);
	t = open_trace(f.path);
	while (hvt_trace_next(t, &got, NULL) == 1) {
		if (got.kind == HVT_EVENT_CALL)
			cr_assert_eq(got.values[2], seen++);
		else
			cr_assert_eq(got.values[0], 7);
	}
	cr_assert_eq(own, seen);
	hvt_trace_close(t);
	cr_assert_eq(verify(f.path).events, seen + handled);
	temp_file_remove(&f);
}
