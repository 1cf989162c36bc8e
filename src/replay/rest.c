/* SPDX-License-Identifier: MIT */
#include "rest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RESTLESS_CPU_NS 10000000u
#define RESTLESS_MS	2000u

void hvt_rest_over(struct hvt_rest *r)
{
	r->looked = false;
}

/* Its letter in proc(5); 0: nobody tells. */
static char state_of(pid_t tid)
{
	char text[128]; /* a thread's number and name come first */
	const char *state;
	ssize_t size;
	int fd;

	snprintf(text, sizeof(text), "/proc/self/task/%d/stat", (int)tid);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (size <= 0)
		return 0;
	text[size] = 0;
	state = strrchr(text, ')');
	return state && state[1] ? state[2] : 0;
}

/* The clock of a thread's CPU time, as its number makes one: clock_getres(2). */
static uint64_t cpu_ns_of(pid_t tid)
{
	clockid_t clock = (clockid_t)(~(unsigned)tid << 3 | 6);
	struct timespec t = { 0 };

	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool hvt_rest_look(struct hvt_rest *r, uint64_t now_ms)
{
	char state = state_of(r->tid);

	if (state != 'R' && state != 'D')
		return true;
	if (!r->looked) {
		r->looked = true;
		r->since_ms = now_ms;
		r->cpu_ns = cpu_ns_of(r->tid);
		return false;
	}
	return now_ms - r->since_ms >= RESTLESS_MS ||
			cpu_ns_of(r->tid) - r->cpu_ns >= RESTLESS_CPU_NS;
}
