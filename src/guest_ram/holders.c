/* SPDX-License-Identifier: MIT */
#include "holders.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_futex_waitv /* Linux 5.16, the same number everywhere */
#define SYS_futex_waitv 449
#endif

#define HOLDERS_MAX 256u /* those beyond are not waited for */
#define LOCK_MAX_NS 5000000u /* a lock is not waited for so long */

atomic_uint hvt_holders;

static struct holder {
	pid_t thread;
	uint64_t waits_since; /* in ns, for a lock; 0: it does not */
	uint64_t waits_cpu_ns; /* what it had used by then */
	uint64_t cpu_ns; /* what it had used when first asked for, or 0 */
} holders[HOLDERS_MAX];

pid_t hvt_thread_id(void)
{
	static _Thread_local pid_t id;

	if (!id)
		id = (pid_t)syscall(SYS_gettid);
	return id;
}

static unsigned count(void)
{
	return atomic_load_explicit(&hvt_holders, memory_order_relaxed);
}

static unsigned index_of(pid_t thread)
{
	unsigned i = 0;

	while (i < count() && holders[i].thread != thread)
		i++;
	return i;
}

static bool read_proc(pid_t thread, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", (int)thread, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	return n > 0;
}

/* The first number of schedstat; 0 where the kernel does not count. */
static uint64_t cpu_ns(pid_t thread)
{
	char text[128];

	return read_proc(thread, "schedstat", text, sizeof(text))
			? strtoull(text, NULL, 10)
			: 0;
}

void hvt_holders_add(pid_t thread)
{
	unsigned n = count(), i = index_of(thread);

	if (i == HOLDERS_MAX)
		return;
	holders[i] = (struct holder){ .thread = thread };
	if (i == n)
		atomic_store(&hvt_holders, n + 1);
}

bool hvt_holders_remove(pid_t thread)
{
	unsigned i = index_of(thread), n = count();

	if (i == n)
		return false;
	holders[i] = holders[n - 1];
	atomic_store(&hvt_holders, n - 1);
	return true;
}

/* An eventfd, a pipe, a socket, a terminal, a tap: what others may write to. */
static bool is_no_disk(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode);
}

/*
 * What a thread waits in for what others do, of its own process or outside. In
 * other calls, say in reading a file, it is in the middle of something.
 */
static bool is_wait(long syscall_number, uint64_t first)
{
	switch (syscall_number) {
	case SYS_read:
	case SYS_readv:
		return is_no_disk((int)first);
	case SYS_ppoll:
	case SYS_pselect6:
	case SYS_epoll_pwait:
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
	case SYS_rt_sigtimedwait:
	case SYS_rt_sigsuspend:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_recvmmsg:
	case SYS_accept:
	case SYS_accept4:
	case SYS_wait4:
	case SYS_waitid:
	case SYS_io_uring_enter:
	case SYS_epoll_pwait2:
	case SYS_futex_waitv:
#ifdef __x86_64__
	case SYS_poll:
	case SYS_select:
	case SYS_epoll_wait:
	case SYS_pause:
#endif
		return true;
	}
	return false;
}

/*
 * A lock is waited for by FUTEX_WAIT, and should be there soon; anything else
 * by FUTEX_WAIT_BITSET. Not everywhere: so a lock that is not there soon is no
 * lock.
 */
static bool is_wait_in_futex(struct holder *h, unsigned op, uint64_t now,
		uint64_t used)
{
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET)
		return true;
	if (!h->waits_since || h->waits_cpu_ns != used)
		h->waits_since = now;
	h->waits_cpu_ns = used;
	return now - h->waits_since > LOCK_MAX_NS;
}

/*
 * proc(5): "running", or the number of the system call it sleeps in and its
 * arguments.
 */
static bool is_busy(struct holder *h, uint64_t now, uint64_t used)
{
	char text[256], *rest;
	uint64_t first;
	long number;

	if (!read_proc(h->thread, "syscall", text, sizeof(text)))
		return false;
	if (!isdigit((unsigned char)text[0])) {
		h->waits_since = 0;
		return true;
	}
	number = strtol(text, &rest, 10);
	first = strtoull(rest, &rest, 16);
	if (number == SYS_futex)
		return !is_wait_in_futex(h, (unsigned)strtoull(rest, NULL, 16),
				now, used);
	h->waits_since = 0;
	return !is_wait(number, first);
}

unsigned hvt_holders_prune(uint64_t now, bool (*is_waiting)(void),
		uint64_t *spent)
{
	uint64_t used[HOLDERS_MAX];
	bool busy[HOLDERS_MAX];
	unsigned n = count();

	*spent = 0;
	for (unsigned i = 0; i < n; i++) {
		used[i] = cpu_ns(holders[i].thread);
		busy[i] = is_busy(&holders[i], now, used[i]);
	}
	/* Who sleeps for a page was known to wait before it slept. */
	if (is_waiting())
		return n;
	for (unsigned i = n; i-- > 0;) {
		if (!holders[i].cpu_ns)
			holders[i].cpu_ns = used[i];
		if (busy[i] && used[i] - holders[i].cpu_ns > *spent)
			*spent = used[i] - holders[i].cpu_ns;
		if (!busy[i])
			holders[i] = holders[--n];
	}
	atomic_store(&hvt_holders, n);
	return n;
}

void hvt_holders_clear(void)
{
	atomic_store(&hvt_holders, 0);
}
