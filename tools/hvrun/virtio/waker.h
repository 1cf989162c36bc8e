/* SPDX-License-Identifier: MIT */
/* One thread waits for a descriptor; any other can end its wait. */
#ifndef HVRUN_VIRTIO_WAKER_H
#define HVRUN_VIRTIO_WAKER_H

struct waker {
	int fds[2];
};

/* 0 or -errno. */
int waker_init(struct waker *waker);
void waker_fini(struct waker *waker);

/* Ends the wait that there is, or else the next one. Never blocks. */
void waker_wake(struct waker *waker);

/*
 * Waits until one of `events` (POLLIN, POLLOUT) is so for `fd`, and returns
 * what is, with POLLERR and POLLHUP added where they are; 0 after
 * waker_wake(), or when `timeout_ms` (-1: for ever) are over. With `fd` -1 it
 * only waits to be woken.
 */
short waker_wait(struct waker *waker, int fd, short events, int timeout_ms);

#endif
