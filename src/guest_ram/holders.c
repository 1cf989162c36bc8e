/* SPDX-License-Identifier: MIT */
#include "holders.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOLDERS_MAX 256u /* those beyond are not waited for */

atomic_uint hvt_holders;
static pid_t threads[HOLDERS_MAX];

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

	while (i < count() && threads[i] != thread)
		i++;
	return i;
}

void hvt_holders_add(pid_t thread)
{
	unsigned n = count();

	if (n == HOLDERS_MAX || index_of(thread) < n)
		return;
	threads[n] = thread;
	atomic_store(&hvt_holders, n + 1);
}

bool hvt_holders_remove(pid_t thread)
{
	unsigned i = index_of(thread), n = count();

	if (i == n)
		return false;
	threads[i] = threads[n - 1];
	atomic_store(&hvt_holders, n - 1);
	return n == 1;
}

/* proc(5): the letter behind the name, which may hold anything. */
static bool is_busy(pid_t thread)
{
	char path[64], text[512], *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = 0;
	end = strrchr(text, ')');
	return end && end[1] && end[2] == 'R';
}

unsigned hvt_holders_prune(bool (*is_waiting)(void))
{
	bool busy[HOLDERS_MAX];
	unsigned n = count();

	for (unsigned i = 0; i < n; i++)
		busy[i] = is_busy(threads[i]);
	/* Who sleeps for a page was known to wait before it slept. */
	if (is_waiting())
		return n;
	for (unsigned i = n; i-- > 0;)
		if (!busy[i])
			threads[i] = threads[--n];
	atomic_store(&hvt_holders, n);
	return n;
}

void hvt_holders_clear(void)
{
	atomic_store(&hvt_holders, 0);
}
