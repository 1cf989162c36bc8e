/* SPDX-License-Identifier: MIT */
/*
 * Records from a helper: it loads the program, and sends what it got. One
 * message with two descriptors; the connection stays open as long as the
 * source is used, which the helper counts by (unix(7), SCM_RIGHTS).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "bpf.h"

/* A helper that hangs must not hang the VMM; it has much to read first. */
#define ANSWER_SECONDS 10

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
	char bytes[CMSG_SPACE(2 * sizeof(int))];
};

int hvt_exit_source_answer(int connection, const struct hvt_exit_source *source)
{
	struct answer answer = known;
	struct iovec data = { &answer, sizeof(answer) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	const int fds[2] = { source->map, source->link };

	answer.cookie = source->cookie;
	control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(fds)) };
	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	return sendmsg(connection, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval wait = { .tv_sec = ANSWER_SECONDS };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
			connect(fd, (struct sockaddr *)&address,
					sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* How many descriptors came with it, in fds; what is too many is cut off. */
static size_t take_fds(struct msghdr *message, int fds[2])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	size_t bytes;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	bytes = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), bytes);
	return bytes / sizeof(int);
}

static int receive(int connection, struct hvt_exit_source *source)
{
	struct answer answer;
	struct iovec data = { &answer, sizeof(answer) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int fds[2];
	ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	size_t got;

	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	got = take_fds(&message, fds);
	source->cookie = answer.cookie;
	answer.cookie = 0;
	if (n == sizeof(answer) && got == 2 &&
			!memcmp(&answer, &known, sizeof(answer))) {
		source->map = fds[0];
		source->link = fds[1];
		return 0;
	}
	while (got)
		close(fds[--got]);
	return -EPROTO;
}

int hvt_exit_source_ask(struct hvt_exit_source *source, const char *path)
{
	int connection = connect_to(path), err;

	if (connection < 0)
		return connection;
	err = receive(connection, source);
	if (err)
		close(connection);
	else
		source->helper = connection;
	return err;
}
