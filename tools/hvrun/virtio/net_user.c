/* SPDX-License-Identifier: MIT */
/*
 * libslirp has a thread of its own and sees nothing of the device: the two
 * hold the ends of a pair of datagram sockets, a frame in each message. All
 * calls of the library are made by that thread.
 */
#include "net_user.h"

#include <errno.h>
#include <fcntl.h>
#include <libslirp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net.h"
#include "waker.h"

#define FRAME_ROOM 65536u

/* Descriptors of the library's; connections beyond wait for their turn. */
#define MAX_FDS 1024u

struct user_timer {
	struct user_timer *next;
	SlirpTimerCb callback;
	void *opaque;
	int64_t expires_ms; /* -1: not running */
};

struct user_net {
	struct net_backend backend; /* its fd is the device's end */
	int fd;			    /* the library's end */
	struct waker waker;
	pthread_t thread;
	_Atomic bool over;
	Slirp *slirp;
	struct user_timer *timers;
	unsigned int fd_count;
	struct pollfd fds[MAX_FDS];
};

/* What the device has no room for is lost: TCP sends it again. */
static ssize_t to_guest(const void *frame, size_t size, void *opaque)
{
	const struct user_net *net = opaque;

	(void)send(net->fd, frame, size, MSG_DONTWAIT);
	return (ssize_t)size;
}

static void guest_error(const char *text, void *opaque)
{
	(void)opaque;
	fprintf(stderr, "hvrun: network: %s\n", text);
}

static int64_t clock_ns(void *opaque)
{
	struct timespec now;

	(void)opaque;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *timer_new(
	SlirpTimerCb callback, void *callback_opaque, void *opaque)
{
	struct user_net *net = opaque;
	struct user_timer *timer = malloc(sizeof(*timer));

	if (!timer)
		return NULL;
	*timer = (struct user_timer){ net->timers, callback, callback_opaque,
		-1 };
	net->timers = timer;
	return timer;
}

static void timer_free(void *which, void *opaque)
{
	struct user_net *net = opaque;
	struct user_timer **at;

	for (at = &net->timers; *at; at = &(*at)->next) {
		if (*at == which) {
			*at = (*at)->next;
			free(which);
			return;
		}
	}
}

static void timer_mod(void *which, int64_t expires_ms, void *opaque)
{
	struct user_timer *timer = which;

	(void)opaque;
	if (timer)
		timer->expires_ms = expires_ms;
}

/* Every wait gathers its descriptors anew. */
static void ignore_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

/* Only this thread calls the library: it is awake. */
static void ignore_notify(void *opaque)
{
	(void)opaque;
}

static const SlirpCb callbacks = {
	.send_packet = to_guest,
	.guest_error = guest_error,
	.clock_get_ns = clock_ns,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = ignore_fd,
	.unregister_poll_fd = ignore_fd,
	.notify = ignore_notify,
};

/* The library's flags and those of poll(). */
static const struct {
	int slirp;
	short poll;
} events_table[] = {
	{ SLIRP_POLL_IN, POLLIN },
	{ SLIRP_POLL_OUT, POLLOUT },
	{ SLIRP_POLL_PRI, POLLPRI },
	{ SLIRP_POLL_ERR, POLLERR },
	{ SLIRP_POLL_HUP, POLLHUP },
};

#define EVENTS (sizeof(events_table) / sizeof(events_table[0]))

static int add_poll(int fd, int events, void *opaque)
{
	struct user_net *net = opaque;
	struct pollfd *entry = &net->fds[net->fd_count];
	size_t i;

	if (net->fd_count == MAX_FDS)
		return -1;
	*entry = (struct pollfd){ .fd = fd };
	for (i = 0; i < EVENTS; i++) {
		if (events & events_table[i].slirp)
			entry->events |= events_table[i].poll;
	}
	return (int)net->fd_count++;
}

static int get_revents(int index, void *opaque)
{
	const struct user_net *net = opaque;
	int events = 0;
	size_t i;

	for (i = 0; index >= 0 && i < EVENTS; i++) {
		if (net->fds[index].revents & events_table[i].poll)
			events |= events_table[i].slirp;
	}
	return events;
}

static void shorten_by_timers(const struct user_net *net, uint32_t *timeout)
{
	int64_t now = clock_ns(NULL) / 1000000;
	const struct user_timer *timer;

	for (timer = net->timers; timer; timer = timer->next) {
		int64_t left = timer->expires_ms - now;

		if (timer->expires_ms >= 0 && left < (int64_t)*timeout)
			*timeout = left > 0 ? (uint32_t)left : 0;
	}
}

static void run_timers(struct user_net *net)
{
	int64_t now = clock_ns(NULL) / 1000000;
	struct user_timer *timer, *next;

	for (timer = net->timers; timer; timer = next) {
		next = timer->next; /* it may free itself */
		if (timer->expires_ms >= 0 && timer->expires_ms <= now) {
			timer->expires_ms = -1;
			timer->callback(timer->opaque);
		}
	}
}

static void from_guest(struct user_net *net)
{
	uint8_t frame[FRAME_ROOM];
	ssize_t n;

	while ((n = recv(net->fd, frame, sizeof(frame), MSG_DONTWAIT)) > 0)
		slirp_input(net->slirp, frame, (int)n);
}

static void *thread_main(void *arg)
{
	struct user_net *net = arg;

	while (!net->over) {
		uint32_t timeout = UINT32_MAX;
		int n;

		net->fds[0] = (struct pollfd){ net->fd, POLLIN, 0 };
		net->fds[1] = (struct pollfd){ net->waker.fds[0], POLLIN, 0 };
		net->fd_count = 2;
		slirp_pollfds_fill(net->slirp, &timeout, add_poll, net);
		shorten_by_timers(net, &timeout);
		n = poll(net->fds, net->fd_count,
			timeout > INT32_MAX ? -1 : (int)timeout);
		if (n > 0 && net->fds[0].revents)
			from_guest(net);
		slirp_pollfds_poll(net->slirp, n < 0, get_revents, net);
		run_timers(net);
	}
	return NULL;
}

static Slirp *make_slirp(struct user_net *net, const char *tftp)
{
	const SlirpConfig config = {
		.version = SLIRP_CONFIG_VERSION_MIN,
		.in_enabled = true,
		.vnetwork.s_addr = htonl(0x0a000200),
		.vnetmask.s_addr = htonl(0xffffff00),
		.vhost.s_addr = htonl(0x0a000202),
		.vdhcp_start.s_addr = htonl(0x0a00020f),
		.vnameserver.s_addr = htonl(0x0a000203),
		.vhostname = "hvrun",
		.tftp_path = tftp,
	};

	return slirp_new(&config, &callbacks, net);
}

static void release(struct user_net *net)
{
	if (net->slirp)
		slirp_cleanup(net->slirp);
	close(net->backend.fd);
	close(net->fd);
	waker_fini(&net->waker);
	free(net);
}

static void close_user(struct net_backend *backend)
{
	struct user_net *net = (struct user_net *)backend;

	net->over = true;
	waker_wake(&net->waker);
	pthread_join(net->thread, NULL);
	release(net);
}

static struct net_backend *give_up(struct user_net *net, int err)
{
	fprintf(stderr, "hvrun: --net user: %s\n", strerror(err));
	free(net);
	return NULL;
}

struct net_backend *net_user_create(const char *tftp)
{
	struct user_net *net = calloc(1, sizeof(*net));
	int fds[2], err;

	if (!net)
		return give_up(net, ENOMEM);
	err = -waker_init(&net->waker);
	if (err)
		return give_up(net, err);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds)) {
		err = errno;
		waker_fini(&net->waker);
		return give_up(net, err);
	}
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	net->backend = (struct net_backend){ fds[0], close_user };
	net->fd = fds[1];
	net->slirp = make_slirp(net, tftp);
	err = net->slirp ? pthread_create(&net->thread, NULL, thread_main, net)
			 : ENOMEM;
	if (!err)
		return &net->backend;
	fprintf(stderr, "hvrun: --net user: %s\n", strerror(err));
	release(net);
	return NULL;
}
