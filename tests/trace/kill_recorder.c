/* SPDX-License-Identifier: MIT */
/*
 * usage: kill_recorder [KILLS]
 *
 * A child records from several threads and is killed at a random instant;
 * each thread counts in memory shared with us what it has logged. Every event
 * counted must be in the trace, in order, at most one more per thread, and
 * nothing else. KILLS times (40, or 1000 if HVT_TEST_FULL is set); every
 * eighth trace is recovered first. Prints the seed (HVT_SEED sets it).
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rng.h"
#include "trace.h"

#define THREADS 3

struct shared {
	atomic_uint_fast64_t logged[THREADS];
	atomic_bool ready;
};

static struct shared *shared;
static struct hvt_recorder *recorder;
static char path[64];

/* Value and thread of the VMM are in each event: own calls and halves. */
static void *log_events(void *arg)
{
	unsigned thread = (unsigned)(uintptr_t)arg;

	for (uint64_t n = 0;; n++) {
		struct hvt_event e = {
			.kind = n % 3 ? HVT_EVENT_CALL : HVT_EVENT_ENTER,
			.call = n % 3 ? HVT_CALL_HV_VCPU_SET_REG
				      : HVT_CALL_HV_VM_UNMAP,
			.values = { thread, 3, n },
		};

		if (!(n % 3))
			e.values[0] = n, e.values[1] = thread;
		/* Either way to publish. */
		if ((n % 5 > 2 || e.kind != HVT_EVENT_CALL ||
				!hvt_log_call(e.call, 0, e.values, 3)) &&
				hvt_recorder_append(recorder, &e))
			_exit(3);
		atomic_store(&shared->logged[thread], n + 1);
	}
	return NULL;
}

static void record(void)
{
	pthread_t id;

	if (hvt_recorder_open(&recorder, path, NULL, 0))
		_exit(2);
	atomic_store(&shared->ready, true);
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&id, NULL, log_events, (void *)i))
			_exit(2);
	for (;;)
		pause();
}

static bool check_event(const struct hvt_event *e, uint64_t seen[THREADS])
{
	bool own = e->kind == HVT_EVENT_CALL;
	uint64_t thread = own ? e->values[0] : e->values[1];
	uint64_t n = own ? e->values[2] : e->values[0];

	if (thread >= THREADS || n != seen[thread])
		return false;
	seen[thread]++;
	return true;
}

static bool check_trace(uint64_t seen[THREADS])
{
	struct hvt_trace *t;
	struct hvt_event event;
	struct hvt_error e = { 0 };
	bool ok = true;
	int got;

	if (hvt_trace_open(&t, path, &e)) {
		printf("not ok: cannot open: %s\n", e.text);
		return false;
	}
	while (ok && (got = hvt_trace_next(t, &event, &e)) == 1)
		ok = check_event(&event, seen);
	if (ok && got) {
		printf("not ok: %s at event %llu\n", e.text,
				(unsigned long long)e.event);
		ok = false;
	}
	hvt_trace_close(t);
	return ok;
}

static bool compare(const uint64_t seen[THREADS])
{
	for (unsigned i = 0; i < THREADS; i++) {
		uint64_t logged = atomic_load(&shared->logged[i]);

		if (seen[i] == logged || seen[i] == logged + 1)
			continue;
		printf("not ok: thread %u logged %llu, the trace has %llu\n", i,
				(unsigned long long)logged,
				(unsigned long long)seen[i]);
		return false;
	}
	return true;
}

static bool kill_once(unsigned round, long delay_us, uint64_t *events)
{
	struct timespec delay = { .tv_nsec = delay_us * 1000 };
	uint64_t seen[THREADS] = { 0 }, n;
	struct hvt_error e;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (!pid)
		record();
	while (!atomic_load(&shared->ready))
		if (waitpid(pid, NULL, WNOHANG))
			return false;
	nanosleep(&delay, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (round % 8 == 0 && hvt_trace_recover(path, HVT_END_DIED, &n, &e)) {
		printf("not ok: recover: %s\n", e.text);
		return false;
	}
	if (!check_trace(seen) || !compare(seen))
		return false;
	for (unsigned i = 0; i < THREADS; i++)
		*events += seen[i];
	return true;
}

int main(int argc, char **argv)
{
	unsigned kills = argc > 1 ? (unsigned)atoi(argv[1])
				 : test_scale(40, 1000);
	const char *text = getenv("HVT_SEED");
	unsigned seed = text ? (unsigned)atoi(text) : (unsigned)time(NULL);
	char wal[80];
	uint64_t events = 0;

	printf("seed %u\n", seed);
	srandom(seed);
	snprintf(path, sizeof(path), "kill-%d.hvt", (int)getpid());
	snprintf(wal, sizeof(wal), "%s.wal", path);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; i < kills; i++) {
		if (!kill_once(i, random() % 30000, &events)) {
			printf("not ok: kill %u\n", i);
			return 1;
		}
		unlink(wal);
	}
	unlink(path);
	printf("ok: %u kills, %llu events, none lost\n", kills,
			(unsigned long long)events);
	return 0;
}
