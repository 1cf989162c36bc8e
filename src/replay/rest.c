/* SPDX-License-Identifier: MIT */
#include "rest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ASLEEP_NS	80000u
#define RESTLESS_CPU_NS 10000000u
#define RESTLESS_NS	500000000u

void hvt_rest_over(struct hvt_rest *r)
{
	r->looked = r->slept = false;
}

/*
 * Its letter in proc(5); 0: nobody tells. By system calls that are no cancellation
 * points: a thread of the VMM's that is canceled must not end with the lock.
 */
static char state_of(pid_t tid)
{
	char text[128]; /* a thread's number and name come first */
	const char *state;
	long fd, size;

	snprintf(text, sizeof(text), "/proc/self/task/%d/stat", (int)tid);
	fd = syscall(SYS_openat, AT_FDCWD, text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = syscall(SYS_read, fd, text, sizeof(text) - 1);
	(void)syscall(SYS_close, fd);
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

static bool is_asleep(struct hvt_rest *r, uint64_t now_ns)
{
	uint64_t cpu_ns = cpu_ns_of(r->tid);

	if (r->slept && r->slept_cpu_ns == cpu_ns)
		return now_ns - r->slept_ns >= ASLEEP_NS;
	r->slept = true;
	r->slept_ns = now_ns;
	r->slept_cpu_ns = cpu_ns;
	return false;
}

bool hvt_rest_look(struct hvt_rest *r, uint64_t now_ns)
{
	char state = state_of(r->tid);

	if (!state || state == 'Z' || state == 'X')
		return true;
	if (state != 'R' && state != 'D')
		return is_asleep(r, now_ns);
	r->slept = false;
	if (!r->looked) {
		r->looked = true;
		r->since_ns = now_ns;
		r->cpu_ns = cpu_ns_of(r->tid);
		return false;
	}
	return now_ns - r->since_ns >= RESTLESS_NS ||
			cpu_ns_of(r->tid) - r->cpu_ns >= RESTLESS_CPU_NS;
}
