/* SPDX-License-Identifier: MIT */
/* By a pipe, which never blocks: a byte that is there already will do. */
#include "waker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int waker_init(struct waker *waker)
{
	int i;

	if (pipe(waker->fds))
		return -errno;
	for (i = 0; i < 2; i++) {
		fcntl(waker->fds[i], F_SETFL, O_NONBLOCK);
		fcntl(waker->fds[i], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

void waker_fini(struct waker *waker)
{
	close(waker->fds[0]);
	close(waker->fds[1]);
}

void waker_wake(struct waker *waker)
{
	ssize_t n;

	do {
		n = write(waker->fds[1], "", 1);
	} while (n < 0 && errno == EINTR);
}

short waker_wait(struct waker *waker, int fd, short events, int timeout_ms)
{
	struct pollfd fds[2] = {
		{ .fd = fd, .events = events },
		{ .fd = waker->fds[0], .events = POLLIN },
	};
	char bytes[64];
	int n;

	do {
		n = poll(fds, 2, timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n > 0 && fds[1].revents) {
		while (read(waker->fds[0], bytes, sizeof(bytes)) > 0)
			continue;
		return 0;
	}
	return n > 0 ? fds[0].revents : 0;
}
