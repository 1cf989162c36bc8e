/* SPDX-License-Identifier: MIT */
/*
 * The library's side of a helper's socket, with helpers of all kinds but the
 * right one: that takes a BPF map, and is for the lab (tests/kvm/records.c).
 * Whatever it is given, no descriptor stays behind.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf.h"
#include "socket.h"

struct answer {
	char magic[8];
	uint64_t cookie;
	uint32_t stride, records;
	char more[8];
};

#define SIZE 24u /* of what is said, without more */

static const struct answer right = { .magic = "hvtexit1", .cookie = 64 * 12345,
	.stride = HVT_RECORD_STRIDE, .records = HVT_RECORDS };

static char directory[] = "/tmp/hvt-socket-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listener;

static void start(void)
{
	cr_assert(mkdtemp(directory));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", directory);
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	cr_assert(!bind(listener, (void *)&address, sizeof(address)));
	cr_assert(!listen(listener, 0));
}

static void end(void)
{
	close(listener);
	unlink(address.sun_path);
	rmdir(directory);
}

TestSuite(socket, .init = start, .fini = end, .timeout = 100);

static unsigned count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	cr_assert(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Says size bytes of answer with count descriptors, all of them fd. */
static void say(int client, const struct answer *answer, size_t size, int fd,
	unsigned count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };
	struct iovec data = { (void *)answer, size };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(count * sizeof(int)) };
	}
	for (unsigned i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd,
			sizeof(fd));
	(void)sendmsg(client, &message, MSG_NOSIGNAL);
}

/* Asks one that says this, and hangs up. */
static int ask(const struct answer *answer, size_t size, int fd, unsigned count)
{
	struct hvt_exit_source source;
	unsigned before = count_descriptors();
	pid_t child = fork();
	int err;

	if (!child) {
		say(accept(listener, NULL, NULL), answer, size, fd, count);
		_exit(0);
	}
	err = hvt_exit_source_ask(&source, address.sun_path);
	waitpid(child, NULL, 0);
	cr_assert_eq(count_descriptors(), before);
	return err;
}

Test(socket, nobody_there)
{
	struct hvt_exit_source source;
	char long_path[200];

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = 0;
	cr_assert_eq(hvt_exit_source_ask(&source, long_path), -ENAMETOOLONG);
	close(listener);
	cr_assert_eq(hvt_exit_source_ask(&source, address.sun_path),
		-ECONNREFUSED);
	unlink(address.sun_path);
	cr_assert_eq(hvt_exit_source_ask(&source, address.sun_path), -ENOENT);
}

Test(socket, hangs_up)
{
	cr_assert_eq(ask(&right, 0, -1, 0), -EPROTO);
}

Test(socket, says_too_little_or_too_much)
{
	int fd = memfd_create("x", 0);

	for (size_t size = 1; size < sizeof(right); size++)
		if (size != SIZE)
			cr_assert_eq(ask(&right, size, fd, 1), -EPROTO,
				"%zu bytes", size);
}

Test(socket, says_it_wrong)
{
	int fd = memfd_create("x", 0);

	for (size_t at = 0; at < SIZE; at++) {
		struct answer answer = right;

		((char *)&answer)[at] ^= 1;
		cr_assert_eq(ask(&answer, SIZE, fd, 1), -EPROTO, "byte %zu", at);
	}
}

Test(socket, gives_no_descriptor_or_too_many)
{
	int fd = memfd_create("x", 0);

	for (unsigned count = 0; count < 8; count++)
		cr_assert_eq(ask(&right, SIZE, fd, count), -EPROTO,
			"%u descriptors", count);
}

/* The first could be cut short behind the library's back. */
Test(socket, gives_what_is_no_map)
{
	const int fds[] = { memfd_create("anon_inode:bpf-map", 0),
		open("/dev/zero", O_RDWR), open(directory, O_RDONLY), listener };

	cr_assert(!ftruncate(fds[0], HVT_RECORDS * HVT_RECORD_STRIDE));
	for (unsigned i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		cr_assert_eq(ask(&right, SIZE, fds[i], 1), -EPROTO, "%u", i);
}

static volatile sig_atomic_t signals;
static int when_many[2];

static void on_signal(int signal)
{
	(void)signal;
	if (++signals == 20)
		(void)!write(when_many[1], "", 1);
}

/* A thread with a profiler's timer; the answer comes behind many signals. */
Test(socket, answers_one_that_gets_signals)
{
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	struct sigaction action = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART };
	struct hvt_exit_source source;
	pid_t child;
	char byte;

	cr_assert(!pipe(when_many));
	child = fork();
	if (!child) {
		close(when_many[1]);
		if (read(when_many[0], &byte, 1) == 1)
			say(accept(listener, NULL, NULL), &right, SIZE, listener,
				1);
		_exit(0);
	}
	cr_assert(!sigaction(SIGALRM, &action, NULL));
	cr_assert(!setitimer(ITIMER_REAL, &often, NULL));
	/* It is no map: but it has come. */
	cr_assert_eq(hvt_exit_source_ask(&source, address.sun_path), -EPROTO);
	cr_assert(!setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL));
	cr_assert_geq(signals, 20);
	waitpid(child, NULL, 0);
}

Test(socket, never_answers)
{
	struct hvt_exit_source source;
	unsigned before = count_descriptors();

	/* In the queue of those who have connected, where nobody takes it. */
	cr_assert_eq(hvt_exit_source_ask(&source, address.sun_path),
		-ETIMEDOUT);
	cr_assert_eq(count_descriptors(), before);
}

Test(socket, has_no_room_in_its_queue)
{
	struct hvt_exit_source source;
	int in_queue = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	unsigned before = count_descriptors();

	cr_assert(!connect(in_queue, (void *)&address, sizeof(address)));
	cr_assert_eq(hvt_exit_source_ask(&source, address.sun_path),
		-ETIMEDOUT);
	cr_assert_eq(count_descriptors(), before);
}

Test(socket, helper_sends_one_map_and_its_cookie)
{
	struct answer answer = { .cookie = 0 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control;
	struct iovec data = { &answer, sizeof(answer) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int pair[2];

	cr_assert(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	cr_assert_eq(hvt_exit_source_send(pair[0], listener, right.cookie), 0);
	cr_assert_eq(recvmsg(pair[1], &message, 0), SIZE);
	cr_assert(!memcmp(&answer, &right, SIZE));
	cr_assert_eq(control.header.cmsg_len, CMSG_LEN(sizeof(int)));
	cr_assert_eq(control.header.cmsg_type, SCM_RIGHTS);
}

/* One that never reads must not make the helper wait. */
Test(socket, helper_waits_for_nobody)
{
	int pair[2], err;

	cr_assert(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	do
		err = hvt_exit_source_send(pair[0], listener, 64);
	while (!err);
	cr_assert(err == -EAGAIN || err == -ETOOMANYREFS, "%d", err);
	cr_assert(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	close(pair[1]);
	cr_assert_eq(hvt_exit_source_send(pair[0], listener, 64), -EPIPE);
}
