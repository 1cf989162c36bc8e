/* SPDX-License-Identifier: MIT */
/* Threads that end, or are ended, while they are recorded; and a full disk. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "recorder.h"
#include "trace.h"

static struct hvt_recorder *r;
static struct temp_file file;

static void set_up(void)
{
	file = temp_file_create();
	cr_assert_eq(hvt_recorder_open(&r, file.path, NULL, 0), 0);
}

static void tear_down(void)
{
	temp_file_remove(&file);
}

TestSuite(recorder_threads, .init = set_up, .fini = tear_down, .timeout = 60);

/* As the door does it: straight, or by the recorder. */
static int call(uint64_t value)
{
	const uint64_t values[] = { 0, 1, value };
	struct hvt_event event = { .kind = HVT_EVENT_CALL,
		.call = HVT_CALL_HV_VCPU_SET_REG, .values = { 0, 1, value } };

	if (hvt_log_is_ready() &&
			hvt_log_call(HVT_CALL_HV_VCPU_SET_REG, 0, values, 3))
		return 0;
	return hvt_recorder_append(r, &event);
}

/* Events there are; *sum of what they set. */
static unsigned read_all(uint64_t *sum)
{
	struct hvt_trace *t;
	struct hvt_error e;
	struct hvt_event event;
	unsigned n = 0;
	int got;

	*sum = 0;
	cr_assert_eq(hvt_trace_open(&t, file.path, &e), 0, "%s", e.text);
	while ((got = hvt_trace_next(t, &event, &e)) == 1) {
		n++;
		*sum += event.values[2];
	}
	cr_assert_eq(got, 0, "%s", e.text);
	hvt_trace_close(t);
	return n;
}

static sem_t left, taken;

/* Runs behind the recorder's own, whose key is older. */
static void call_late(void *unused)
{
	(void)unused;
	sem_post(&left);
	sem_wait(&taken);
	cr_assert_eq(call(1000), 0);
}

static void *end_late(void *key)
{
	pthread_setspecific(*(pthread_key_t *)key, key);
	cr_assert_eq(call(1), 0);
	return NULL;
}

/* Its ring is another's by now. */
Test(recorder_threads, may_call_from_destructors_behind_ours)
{
	pthread_t thread;
	pthread_key_t key;
	uint64_t sum;

	sem_init(&left, 0, 0);
	sem_init(&taken, 0, 0);
	pthread_key_create(&key, call_late);
	pthread_create(&thread, NULL, end_late, &key);
	sem_wait(&left);
	for (unsigned i = 0; i < 10; i++)
		cr_assert_eq(call(10), 0);
	sem_post(&taken);
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < 10; i++)
		cr_assert_eq(call(10), 0);
	cr_assert_eq(hvt_recorder_finish(r), 0);
	cr_assert_eq(read_all(&sum), 22);
	cr_assert_eq(sum, 1201);
}

static struct hvt_place *place_left;

static void *leave(void *unused)
{
	for (unsigned i = 0; i < 100; i++)
		cr_assert_eq(call(1), 0);
	place_left = (struct hvt_place *)(void *)hvt_log_mine;
	return unused;
}

/* What it has published is as safe from a loss of power as the others'. */
Test(recorder_threads, are_synced_when_they_have_ended)
{
	const struct hvt_ring_header *h;
	pthread_t thread;

	pthread_create(&thread, NULL, leave, NULL);
	pthread_join(thread, NULL);
	h = place_left->ring.header;
	/* Ends by the time limit of the suite if it never comes. */
	while (atomic_load(&h->synced) != atomic_load(&h->head) ||
			!atomic_load(&h->head))
		usleep(10000);
	cr_assert_eq(hvt_recorder_finish(r), 0);
}

static uint8_t megabyte[1u << 20];

static void *fill(void *unused)
{
	(void)unused;
	for (;;) {
		struct hvt_event event = { .kind = HVT_EVENT_CALL,
			.call = HVT_CALL_HV_VCPU_SET_SME_ZA_REG,
			.values = { 0, sizeof(megabyte), sizeof(megabyte) },
			.data = megabyte, .data_size = sizeof(megabyte) };

		cr_assert_eq(hvt_recorder_append(r, &event), 0);
		pthread_testcancel();
	}
	return NULL;
}

/* Most of the time it waits for room, which it must not be canceled in. */
Test(recorder_threads, can_be_canceled)
{
	pthread_t thread;
	uint64_t sum;

	pthread_create(&thread, NULL, fill, NULL);
	usleep(300000);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	cr_assert_eq(hvt_recorder_finish(r), 0);
	cr_assert_gt(read_all(&sum), 0);
}

static void *hundred(void *unused)
{
	for (unsigned i = 0; i < 100; i++)
		cr_assert_eq(call(1), 0);
	return unused;
}

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* The ring of a thread that has ended is to be drained for the next one. */
static void fail_to_write(void)
{
	struct hvt_trace *t;
	struct stat st;
	pthread_t thread;

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(hvt_recorder_open(&r, file.path, NULL, 0), 0);
	stat(file.path, &st);
	pthread_create(&thread, NULL, hundred, NULL);
	pthread_join(thread, NULL);
	limit_files((rlim_t)st.st_size);
	cr_assert_neq(call(1), 0);
	limit_files(RLIM_INFINITY);
	/* There is room again, and a reader has it write what it has. */
	if (!hvt_trace_open(&t, file.path, NULL))
		hvt_trace_close(t);
	_exit(0);
}

Test(recorder_threads, lose_nothing_to_a_disk_that_is_full_for_a_while)
{
	uint64_t events, sum;
	int status;
	pid_t child;

	cr_assert_eq(hvt_recorder_finish(r), 0);
	child = fork();
	if (!child)
		fail_to_write();
	waitpid(child, &status, 0);
	cr_assert_eq(status, 0);
	cr_assert_eq(hvt_trace_recover(file.path, HVT_END_LEFT, &events, NULL),
			0);
	cr_assert_eq(events, 100);
	cr_assert_eq(read_all(&sum), 100);
}
