/* SPDX-License-Identifier: MIT */
/* Clocks. All functions that tell a time are one event, with the clock they ask. */
#include <sys/time.h>
#include <time.h>

#include "passage.h"

#define SECOND 1000000000

NEXT_SLOT(clock_gettime);
NEXT_SLOT(timespec_get);

static int64_t nanoseconds(const struct timespec *t)
{
	/* Unsigned: a clock may be set to any year. */
	return (int64_t)((uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_nsec);
}

static struct timespec time_of(int64_t ns)
{
	struct timespec t = { .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };

	if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += SECOND;
	}
	return t;
}

static int ask(clockid_t clock, struct timespec *t)
{
	return NEXT(clock_gettime)(clock, t) ? -errno : 0;
}

/* 0 or -errno. */
static int take(clockid_t clock, struct timespec *t)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_CLOCK,
		.values = { 0, (uint32_t)clock } };
	int err;

	if (hvt_input_enter(&event)) {
		err = ask(clock, t);
		event.result = err;
		event.values[0] = err ? 0 : (uint64_t)nanoseconds(t);
		hvt_input_leave(&event);
		return err;
	}
	/* A VMM that is to end may wait for its time: it has the real one. */
	if (hvt_input_is_unknown(&event))
		return ask(clock, t);
	err = hvt_input_result(&event);
	if (!err)
		*t = time_of((int64_t)event.values[0]);
	return err;
}

static int failed(int err)
{
	errno = -err;
	return -1;
}

HVT_STANDS_IN int clock_gettime(clockid_t clock, struct timespec *t)
{
	int err = HVT_IS_TAKEN() ? take(clock, t) : ask(clock, t);

	return err ? failed(err) : 0;
}

HVT_STANDS_IN int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
	bool taken = HVT_IS_TAKEN();
	struct timespec t;
	int err = taken ? take(CLOCK_REALTIME, &t) : ask(CLOCK_REALTIME, &t);

	if (zone)
		*(struct timezone *)zone = (struct timezone){ 0 };
	if (err)
		return failed(err);
	*to = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	return 0;
}

HVT_STANDS_IN time_t time(time_t *to)
{
	bool taken = HVT_IS_TAKEN();
	struct timespec t;
	int err = taken ? take(CLOCK_REALTIME_COARSE, &t)
			: ask(CLOCK_REALTIME_COARSE, &t);

	if (err)
		return failed(err);
	if (to)
		*to = t.tv_sec;
	return t.tv_sec;
}

HVT_STANDS_IN int timespec_get(struct timespec *to, int base)
{
	if (base != TIME_UTC || !HVT_IS_TAKEN())
		return NEXT(timespec_get)(to, base);
	return take(CLOCK_REALTIME, to) ? 0 : base;
}

HVT_STANDS_IN clock_t clock(void)
{
	bool taken = HVT_IS_TAKEN();
	struct timespec t;
	int err = taken ? take(CLOCK_PROCESS_CPUTIME_ID, &t)
			: ask(CLOCK_PROCESS_CPUTIME_ID, &t);

	return err ? (clock_t)-1
		   : t.tv_sec * CLOCKS_PER_SEC +
				t.tv_nsec / (SECOND / CLOCKS_PER_SEC);
}
