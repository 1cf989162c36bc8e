/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes files in all ways there are, and prints of what it was told
 * before each: the places and sizes in its buffer. See `buffers`.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "inputs.h"

#define FILE_SIZE 10000

ssize_t __pread_chk(int fd, void *bytes, size_t size, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *bytes, size_t size, off_t at, size_t room);

static char buffer[2 * FILE_SIZE], elsewhere[100];

static bool enter(struct hvt_event *event)
{
	(void)event;
	return true;
}

static void leave(struct hvt_event *event)
{
	(void)event;
}

static void passed(void)
{
	puts("passed");
}

static bool may_hold(const void *addr, size_t size)
{
	return (const char *)addr < buffer + sizeof(buffer) &&
		(const char *)addr + size > buffer;
}

static void will_touch(const void *addr, size_t size)
{
	printf(" %td+%zu", (const char *)addr - buffer, size);
	errno = ENOTTY; /* is nobody's business */
}

static void has_touched(void)
{
	printf(" done");
	errno = ENOTTY;
}

static const struct hvt_input_tap tap = {
	.version = HVT_INPUTS_VERSION,
	.enter = enter,
	.leave = leave,
	.passed = passed,
	.may_hold = may_hold,
	.will_touch = will_touch,
	.has_touched = has_touched,
};

static const struct iovec parts[] = { { buffer, 6000 }, { buffer + 7000, 6000 } };
static volatile int too_many = IOV_MAX + 1, less_than_none = -1;
static const struct iovec *volatile no_list = (const struct iovec *)8;
static int fd;

/* Prints what a call returned, behind what was told. */
static void did(const char *what, ssize_t result)
{
	printf(" %s %zd%s%s\n", what, result, result < 0 ? " " : "",
		result < 0 ? strerrorname_np(errno) : "");
}

static void read_in_all_ways(void)
{
	did("pread", pread(fd, buffer, 5000, 0));
	did("pread64", pread64(fd, buffer, 5000, 0));
	did("pread_at_the_end", pread(fd, buffer, 5000, 9000));
	did("pread_behind_the_end", pread(fd, buffer, 5000, 20000));
	did("pread_before", pread(fd, buffer, 5000, -1));
	did("pread_of_none", pread(-1, buffer, 5000, 0));
	did("pread_chk", __pread_chk(fd, buffer, 5000, 0, sizeof(buffer)));
	did("pread64_chk", __pread64_chk(fd, buffer, 5000, 0, sizeof(buffer)));
	did("pread_elsewhere", pread(fd, elsewhere, sizeof(elsewhere), 0));
	did("preadv", preadv(fd, parts, 2, 0));
	did("preadv64", preadv64(fd, parts, 2, 0));
	did("preadv2", preadv2(fd, parts, 2, 0, 0));
	did("preadv64v2", preadv64v2(fd, parts, 2, 0, 0));
	did("preadv_of_too_many", preadv(fd, parts, too_many, 0));
	did("preadv_of_no_list", preadv(fd, no_list, 1, 0));
	did("preadv_of_less_than_none", preadv(fd, parts, less_than_none, 0));
}

static void write_in_all_ways(void)
{
	errno = EDOM;
	did("pwrite", pwrite(fd, buffer, 5000, 0));
	did(strerrorname_np(errno), 0);
	did("pwrite64", pwrite64(fd, buffer, 5000, 0));
	did("pwritev", pwritev(fd, parts, 2, 0));
	did("pwritev64", pwritev64(fd, parts, 2, 0));
	did("pwritev2", pwritev2(fd, parts, 2, 0, 0));
	did("pwritev64v2", pwritev64v2(fd, parts, 2, 0, 0));
}

static void on_signal(int signal)
{
	(void)signal;
	did("pread_in_a_handler", pread(fd, buffer, 5000, 0));
}

int main(void)
{
	hvt_inputs_connect_fn *connect = (hvt_inputs_connect_fn *)(uintptr_t)
			dlsym(RTLD_DEFAULT, HVT_INPUTS_SYMBOL);
	const atomic_bool *handlers;
	char path[] = "buffers.XXXXXX";
	int pipes[2];

	fd = mkstemp(path);
	if (fd < 0 || pipe(pipes) || ftruncate(fd, FILE_SIZE))
		return 2;
	did("nobody_asks", pread(fd, buffer, 5000, 0));
	if (!connect || connect(&tap, &handlers))
		return 2;
	read_in_all_ways();
	did("pread_of_a_pipe", pread(pipes[0], buffer, 5000, 0));
	write_in_all_ways();
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	did("nobody_asks_any_more", connect(NULL, NULL));
	did("pread", pread(fd, buffer, 5000, 0));
	unlink(path);
	return 0;
}
