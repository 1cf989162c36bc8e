/* SPDX-License-Identifier: MIT */
/*
 * Records from a helper: one message with a descriptor. The connection stays
 * open as long as they are used, which the helper counts by (unix(7),
 * SCM_RIGHTS).
 */
#include "socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bpf.h"

/* A helper that hangs must not hang the VMM. */
#define ANSWER_SECONDS 5

/* A control message with one descriptor has room for two. */
#define FDS_MAX 2u

struct answer {
	char magic[8];
	uint64_t cookie;
	uint32_t stride, records;
};

static const struct answer known = { .magic = "hvtexit1",
	.stride = HVT_RECORD_STRIDE,
	.records = HVT_RECORDS };

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};
_Static_assert(sizeof(union control) <= CMSG_LEN(FDS_MAX * sizeof(int)), "");

int hvt_exit_source_send(int connection, int map, uint64_t cookie)
{
	struct answer answer = known;
	struct iovec data = { &answer, sizeof(answer) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };

	answer.cookie = cookie;
	control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(map)) };
	memcpy(CMSG_DATA(&control.header), &map, sizeof(map));
	return sendmsg(connection, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0
			? -errno : 0;
}

/* Of both directions: the wait for a place in the queue of connections, too. */
static bool limit_waiting(int fd)
{
	const struct timeval wait = { .tv_sec = ANSWER_SECONDS };

	return !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) &&
		!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/*
 * Is to be done again what a signal has ended? With a limit to its waiting a
 * call is so whatever the handler asks for (signal(7)). Many signals must not
 * make it wait without one, either.
 */
static bool was_interrupted(time_t end)
{
	return errno == EINTR && seconds() < end;
}

/* unix(7): -EAGAIN is for a socket that would have to wait. */
static int last_error(void)
{
	return errno == EAGAIN || errno == EINTR ? -ETIMEDOUT : -errno;
}

static int connect_to(const char *path, time_t end)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = limit_waiting(fd) ? 0 : -errno;
	while (!err && connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err = was_interrupted(end) ? 0 : last_error();
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* How many descriptors came with it, in fds; what is too many is cut off. */
static size_t take_fds(struct msghdr *message, int fds[FDS_MAX])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	size_t bytes;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	bytes = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), bytes);
	return bytes / sizeof(int);
}

/* A file in its place could be cut short, and end the VMM with a signal. */
static bool is_bpf_map(int fd)
{
	static const char map[] = "anon_inode:bpf-map";
	char name[32], target[sizeof(map)];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, target, sizeof(target));
	return n == sizeof(map) - 1 && !memcmp(target, map, (size_t)n);
}

static int receive(int connection, struct hvt_exit_source *source, time_t end)
{
	struct answer answer = { .cookie = 0 };
	struct iovec data = { &answer, sizeof(answer) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int fds[FDS_MAX];
	ssize_t n;
	size_t got;

	do
		n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && was_interrupted(end));
	if (n < 0)
		return last_error();
	got = take_fds(&message, fds);
	source->cookie = answer.cookie;
	answer.cookie = 0;
	if (n == sizeof(answer) && !(message.msg_flags & MSG_TRUNC) &&
			got == 1 && is_bpf_map(fds[0]) &&
			!(source->cookie % HVT_RECORDS) &&
			!memcmp(&answer, &known, sizeof(answer))) {
		source->map = fds[0];
		return 0;
	}
	while (got)
		close(fds[--got]);
	return -EPROTO;
}

int hvt_exit_source_ask(struct hvt_exit_source *source, const char *path)
{
	time_t end = seconds() + ANSWER_SECONDS;
	int connection = connect_to(path, end), err;

	if (connection < 0)
		return connection;
	err = receive(connection, source, end);
	if (err)
		close(connection);
	source->link = -1;
	source->helper = connection;
	return err;
}

void hvt_exit_source_close(struct hvt_exit_source *source)
{
	close(source->map);
	if (source->link >= 0)
		close(source->link);
	if (source->helper >= 0)
		close(source->helper);
}
