/* SPDX-License-Identifier: MIT */
/*
 * hvtrace-bpf-helper: loads the program that writes exit records (bpf.h) for
 * VMMs that may not. Whoever can open its socket can have one; a program sees
 * only vCPUs that carry its cookie.
 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bpf.h"

#define DEFAULT_SOCKET "/run/hvtrace-bpf.sock"
#define DEFAULT_GROUP  "kvm"

/* The kernel attaches 38 programs to a function at the most. */
#define CLIENTS_MAX 30u

static const char help[] =
"usage: hvtrace-bpf-helper [--socket PATH] [--group GROUP]\n"
"\n"
"Makes exits cheaper for VMMs without CAP_BPF and CAP_PERFMON: for each that\n"
"connects to PATH (" DEFAULT_SOCKET ") it loads the BPF program by\n"
"which libhypervisor learns the syndrome and the registers of an exit. Members\n"
"of GROUP (" DEFAULT_GROUP ") may connect. Serves 30 VMMs at once; runs until SIGINT or\n"
"SIGTERM.\n"
"\n"
"A VMM finds another PATH in HVT_BPF_SOCKET. \"hvtrace host\" says whether it\n"
"gets records. Exit status: 0 after a signal, 1 if it cannot serve, 2 for a\n"
"wrong command line.\n";

struct helper {
	const char *path, *group;
	struct pollfd fds[1 + CLIENTS_MAX]; /* the listener first */
	nfds_t count;
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

/* With a mask, so that nobody gets in before the group is set. */
static int listen_at(const struct helper *h)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct group *group = getgrnam(h->group);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	if (!group)
		return -ESRCH;
	if (strlen(h->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, h->path);
	umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
			chown(h->path, (uid_t)-1, group->gr_gid) ||
			chmod(h->path, 0660) || listen(fd, 16))
		return -errno;
	return fd;
}

/* A socket that nobody listens to any more is in the way of a new one. */
static void remove_stale(const char *path)
{
	struct hvt_exit_source source;
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode) &&
			hvt_exit_source_ask(&source, path) == -ECONNREFUSED)
		(void)unlink(path);
}

/* Served or not: what was loaded is the client's then, or gone. */
static void serve(struct helper *h, int client)
{
	struct hvt_exit_source source;
	int err = hvt_exit_source_load(&source);

	if (!err) {
		err = hvt_exit_source_answer(client, &source);
		hvt_exit_source_close(&source);
	}
	if (err) {
		(void)fail("serving", h->path, err);
		close(client);
		return;
	}
	h->fds[h->count++] = (struct pollfd){ .fd = client };
}

static void take_client(struct helper *h)
{
	int client = accept4(h->fds[0].fd, NULL, NULL, SOCK_CLOEXEC);

	if (client < 0)
		return;
	if (h->count == 1 + CLIENTS_MAX) {
		(void)fail("serving", h->path, -EUSERS);
		close(client);
		return;
	}
	serve(h, client);
}

/* They say nothing more: what comes is the end. */
static void drop_gone(struct helper *h)
{
	for (nfds_t i = 1; i < h->count;) {
		if (h->fds[i].revents) {
			close(h->fds[i].fd);
			h->fds[i] = h->fds[--h->count];
		} else {
			i++;
		}
	}
}

static int serve_all(struct helper *h)
{
	sigset_t waiting;

	sigemptyset(&waiting);
	while (!stop) {
		if (ppoll(h->fds, h->count, NULL, &waiting) < 0) {
			if (errno == EINTR)
				continue;
			return fail("waiting at", h->path, -errno);
		}
		drop_gone(h);
		if (h->fds[0].revents & POLLIN)
			take_client(h);
	}
	return 0;
}

/* They come while ppoll() waits, and at no other time. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int run(struct helper *h)
{
	struct hvt_exit_source source;
	int status, err = hvt_exit_source_load(&source);

	if (err)
		return fail("loading the program for", h->path, err);
	hvt_exit_source_close(&source);
	remove_stale(h->path);
	catch_signals();
	h->fds[0].fd = err = listen_at(h);
	if (err < 0)
		return fail("listening at", h->path, err);
	h->fds[0].events = POLLIN;
	h->count = 1;
	status = serve_all(h);
	(void)unlink(h->path);
	return status;
}

static int wrong(const char *what)
{
	fprintf(stderr, "hvtrace-bpf-helper: %s (see --help)\n", what);
	return 2;
}

int main(int argc, char **argv)
{
	static struct helper h = { .path = DEFAULT_SOCKET,
		.group = DEFAULT_GROUP };

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
			return wrong("unknown argument");
		if (++i == argc)
			return wrong("an option without its argument");
		*option = argv[i];
	}
	return run(&h);
}
