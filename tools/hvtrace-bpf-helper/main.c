/* SPDX-License-Identifier: MIT */
/*
 * hvtrace-bpf-helper: writes exit records (bpf.h) for VMMs that may not have
 * the kernel do so. Whoever can open its socket gets records of its own vCPUs,
 * and can do nothing else by it: a client is never read from, never waited for,
 * and holds nothing that outlives the helper but the memory of its records.
 * docs/BPF-HELPER.md says what that rests on.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bpf.h"
#include "listener.h"
#include "privileges.h"

static const char help[] =
"usage: hvtrace-bpf-helper [--socket PATH] [--group GROUP]\n"
"\n"
"Makes exits cheaper for VMMs without CAP_BPF and CAP_PERFMON: loads the BPF\n"
"program by which libhypervisor learns the syndrome and the registers of an\n"
"exit, and gives each VMM that connects to PATH (/run/hvtrace-bpf.sock) the\n"
"records of its own vCPUs. Members of GROUP (kvm) may connect. Serves 256 VMMs\n"
"at once; runs until SIGINT, SIGTERM or SIGHUP.\n"
"\n"
"It takes CAP_BPF and CAP_PERFMON, CAP_CHOWN if it is not in GROUP, and keeps\n"
"but CAP_BPF. A VMM finds another PATH in HVT_BPF_SOCKET. \"hvtrace host\" says\n"
"whether it gets records. Exit status: 0 after a signal, 1 if it cannot serve,\n"
"2 for a wrong command line.\n";

struct helper {
	const char *path, *group;
	/* The listener first, then client n at 1 + n; -1 where there is none. */
	struct pollfd fds[1 + HVT_EXIT_CLIENTS];
	struct hvt_exit_service service;
	bool troubled; /* and it was said */
};

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static int fail(const char *what, const char *path, int err)
{
	fprintf(stderr, "hvtrace-bpf-helper: %s %s: %s\n", what, path,
			strerror(-err));
	return 1;
}

static int fail_to_load(int err)
{
	fprintf(stderr, "hvtrace-bpf-helper: loading the BPF program: %s\n",
			err == -EPERM ? "that takes CAP_BPF and CAP_PERFMON"
			: err == -EOPNOTSUPP ? "this kernel has no type "
				"information (/sys/kernel/btf/vmlinux), or is "
				"none that the program knows"
			: strerror(-err));
	return 1;
}

/* Once until it goes well again: clients must not fill the host's log. */
static void say_trouble(struct helper *h, int err)
{
	if (!h->troubled)
		(void)fail("serving at", h->path, err);
	h->troubled = true;
}

/* HVT_EXIT_CLIENTS if there are so many already. */
static uint32_t free_client(const struct helper *h)
{
	uint32_t n = 0;

	while (n < HVT_EXIT_CLIENTS && h->fds[1 + n].fd >= 0)
		n++;
	return n;
}

/* One that has hung up by now is no trouble. */
static void serve(struct helper *h, int connection)
{
	uint32_t n = free_client(h);
	int err = n == HVT_EXIT_CLIENTS ? -EUSERS
					: hvt_exit_service_add(&h->service, n,
							  connection);

	if (!err) {
		h->fds[1 + n] = (struct pollfd){ .fd = connection,
			.events = POLLIN };
		h->troubled = false;
		return;
	}
	if (err != -EPIPE && err != -ECONNRESET)
		say_trouble(h, err);
	close(connection);
}

/* Without descriptors the listener has to wait, and so has ppoll(). */
static void take_client(struct helper *h)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int connection = accept4(h->fds[0].fd, NULL, NULL, SOCK_CLOEXEC);

	if (connection >= 0) {
		serve(h, connection);
	} else if (errno != EAGAIN && errno != ECONNABORTED) {
		say_trouble(h, -errno);
		nanosleep(&pause, NULL);
	}
}

/* They say nothing: whatever comes is the end. */
static void drop_gone(struct helper *h)
{
	for (uint32_t n = 0; n < HVT_EXIT_CLIENTS; n++) {
		struct pollfd *client = &h->fds[1 + n];

		if (client->fd < 0 || !client->revents)
			continue;
		hvt_exit_service_remove(&h->service, n);
		close(client->fd);
		client->fd = -1;
	}
}

/* Up to the last there is: poll(2) takes no more than RLIMIT_NOFILE. */
static nfds_t count(const struct helper *h)
{
	nfds_t n = 1 + HVT_EXIT_CLIENTS;

	while (h->fds[n - 1].fd < 0)
		n--;
	return n;
}

static int serve_all(struct helper *h)
{
	sigset_t waiting;

	sigemptyset(&waiting);
	while (!stop) {
		if (ppoll(h->fds, count(h), NULL, &waiting) < 0) {
			if (errno == EINTR)
				continue;
			return fail("waiting at", h->path, -errno);
		}
		drop_gone(h);
		if (h->fds[0].revents)
			take_client(h);
	}
	return 0;
}

/* They come while ppoll() waits, and at no other time. */
static void catch_signals(void)
{
	const struct sigaction end = { .sa_handler = on_signal },
		ignore = { .sa_handler = SIG_IGN };
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (unsigned i = 0; i < 3; i++)
		sigaddset(&set, ends[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (unsigned i = 0; i < 3; i++)
		sigaction(ends[i], &end, NULL);
	/* Of a log that is gone. */
	sigaction(SIGPIPE, &ignore, NULL);
}

static int run(struct helper *h)
{
	int status, err = hvt_exit_service_start(&h->service);

	if (err)
		return fail_to_load(err);
	catch_signals();
	err = listener_open(h->path, h->group);
	if (err < 0)
		return fail("listening at", h->path, err);
	for (uint32_t n = 0; n < HVT_EXIT_CLIENTS; n++)
		h->fds[1 + n].fd = -1;
	h->fds[0] = (struct pollfd){ .fd = err, .events = POLLIN };
	err = privileges_drop();
	status = err ? fail("dropping privileges for", h->path, err)
		     : serve_all(h);
	(void)unlink(h->path);
	hvt_exit_service_stop(&h->service);
	return status;
}

static int wrong(const char *what, const char *argument)
{
	fprintf(stderr, "hvtrace-bpf-helper: %s %s (see --help)\n", what,
			argument);
	return 2;
}

int main(int argc, char **argv)
{
	static struct helper h = { .path = "/run/hvtrace-bpf.sock",
		.group = "kvm" };

	for (int i = 1; i < argc; i++) {
		const char **option = !strcmp(argv[i], "--socket") ? &h.path
			: !strcmp(argv[i], "--group") ? &h.group : NULL;

		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(help, stdout);
			return 0;
		}
		if (!strcmp(argv[i], "--version")) {
			puts("hvtrace-bpf-helper " HVT_VERSION);
			return 0;
		}
		if (!option)
			return wrong("unknown argument", argv[i]);
		if (i + 1 == argc)
			return wrong("an argument is missing behind", argv[i]);
		*option = argv[++i];
	}
	if (!listener_has_group(h.group))
		return wrong("there is no group", h.group);
	return run(&h);
}
