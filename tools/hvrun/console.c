/* SPDX-License-Identifier: MIT */
/* The reader thread, its hand-over, and byte-exact output. */
#include "console.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal.h"

#define CTRL_A 1

/* A file or /dev/null is only read on request: batch runs often have one. */
static bool wants_stdin(enum stdin_mode mode, bool is_terminal)
{
	struct stat st;

	if (mode != STDIN_AUTO)
		return mode == STDIN_ALWAYS;
	if (is_terminal)
		return true;
	return !fstat(STDIN_FILENO, &st) && S_ISFIFO(st.st_mode);
}

void console_init(struct console *console, enum stdin_mode mode,
	const struct console_ops *ops, void *ctx)
{
	memset(console, 0, sizeof(*console));
	pthread_mutex_init(&console->lock, NULL);
	pthread_cond_init(&console->changed, NULL);
	console->ops = ops;
	console->ctx = ctx;
	console->is_terminal = terminal_is_ours();
	console->is_reading = wants_stdin(mode, console->is_terminal);
	if (console->is_reading && console->is_terminal)
		terminal_make_raw();
}

enum console_key console_filter(bool *armed, uint8_t byte)
{
	if (!*armed && byte == CTRL_A) {
		*armed = true;
		return KEY_SWALLOW;
	}
	if (!*armed)
		return KEY_PASS;
	*armed = false;
	if (byte == 'x' || byte == 'X')
		return KEY_QUIT;
	return byte == CTRL_A ? KEY_PASS : KEY_SWALLOW;
}

/* Waits until the port has room and the last byte was taken. */
static bool offer(struct console *console, uint8_t byte)
{
	bool ended;

	pthread_mutex_lock(&console->lock);
	while (!console->ended && (!console->ready || console->full))
		pthread_cond_wait(&console->changed, &console->lock);
	ended = console->ended;
	if (!ended) {
		console->byte = byte;
		console->full = true;
		pthread_cond_broadcast(&console->changed);
	}
	pthread_mutex_unlock(&console->lock);
	if (!ended)
		console->ops->kick(console->ctx);
	return !ended;
}

/*
 * One byte per read: what is typed ahead of a guest that does not listen stays
 * with the host, and Ctrl-A X is seen as soon as the bytes before it are gone.
 */
static void *reader(void *arg)
{
	struct console *console = arg;
	bool armed = false;
	uint8_t byte;
	ssize_t n;

	for (;;) {
		enum console_key key = KEY_PASS;

		n = read(STDIN_FILENO, &byte, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL; /* the guest simply gets no more */
		if (console->is_terminal)
			key = console_filter(&armed, byte);
		if (key == KEY_QUIT)
			console->ops->quit(console->ctx);
		if (key == KEY_PASS && !offer(console, byte))
			return NULL;
	}
}

/* Detached: read() may never return, and the process need not wait for it. */
int console_start(struct console *console)
{
	pthread_t thread;
	int err;

	if (!console->is_reading)
		return 0;
	err = pthread_create(&thread, NULL, reader, console);
	if (err)
		return -err;
	pthread_detach(thread);
	return 0;
}

static bool wait_writable(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&pfd, 1, -1) >= 0 || errno == EINTR;
}

/*
 * When nobody reads any more the guest goes on unheard: its run must not
 * depend on who listens.
 */
void console_output(struct console *console, uint8_t byte)
{
	ssize_t n;

	if (console->output_broken)
		return;
	do {
		n = write(STDOUT_FILENO, &byte, 1);
		if (n < 0 && errno == EAGAIN && wait_writable())
			errno = EINTR;
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n == 1)
		return;
	console->output_broken = true;
	fprintf(stderr,
		"hvrun: standard output: %s; the guest goes on without it\n",
		strerror(errno));
}

void console_set_ready(struct console *console, bool ready)
{
	if (!console->is_reading)
		return;
	pthread_mutex_lock(&console->lock);
	console->ready = ready;
	pthread_cond_broadcast(&console->changed);
	pthread_mutex_unlock(&console->lock);
}

/*
 * The end comes before a byte on offer: requests to exit do not add up, so that
 * this may be the only time that the vCPU returns for the two.
 */
bool console_take(struct console *console, uint8_t *byte)
{
	bool taken;

	if (!console->is_reading)
		return false;
	pthread_mutex_lock(&console->lock);
	while (!console->full && !console->ended)
		pthread_cond_wait(&console->changed, &console->lock);
	taken = console->full && !console->ended;
	if (taken) {
		*byte = console->byte;
		console->full = false;
		/* The port decides anew once it has this byte. */
		console->ready = false;
	}
	pthread_mutex_unlock(&console->lock);
	return taken;
}

void console_end(struct console *console)
{
	pthread_mutex_lock(&console->lock);
	console->ended = true;
	pthread_cond_broadcast(&console->changed);
	pthread_mutex_unlock(&console->lock);
}
