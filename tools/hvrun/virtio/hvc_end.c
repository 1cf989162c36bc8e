/* SPDX-License-Identifier: MIT */
/* Opening what --virtio-console names. */
#include "hvc_end.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "terminal.h"

static int complain(const char *target, const char *what)
{
	fprintf(stderr, "hvrun: --virtio-console %s: %s\n", target, what);
	return -1;
}

static void open_stdio(struct hvc_end *end)
{
	*end = (struct hvc_end){ .in = STDIN_FILENO, .out = STDOUT_FILENO };
	end->is_terminal = terminal_is_ours();
	if (end->is_terminal)
		terminal_make_raw();
}

static int open_file(struct hvc_end *end, const char *target, const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return complain(target, strerror(errno));
	*end = (struct hvc_end){ .in = -1, .out = fd, .is_ours = true };
	return 0;
}

/*
 * Bytes go through it unchanged, until its user sets it up otherwise. Once it
 * has been opened and closed, it says when nobody is there.
 */
static int make_raw(const char *name)
{
	struct termios mode;
	int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	int err = fd < 0 || tcgetattr(fd, &mode);

	if (!err) {
		cfmakeraw(&mode);
		err = tcsetattr(fd, TCSANOW, &mode);
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static int open_pty(struct hvc_end *end, const char *target)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	const char *name = NULL;

	if (fd >= 0 && !grantpt(fd) && !unlockpt(fd))
		name = ptsname(fd);
	if (!name || make_raw(name) || fcntl(fd, F_SETFL, O_NONBLOCK) ||
		fcntl(fd, F_SETFD, FD_CLOEXEC)) {
		complain(target, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	fprintf(stderr, "hvrun: virtio console is %s\n", name);
	*end = (struct hvc_end){
		.in = fd, .out = fd, .is_ours = true, .is_pty = true
	};
	return 0;
}

int hvc_end_open(struct hvc_end *end, const char *target)
{
	if (!strcmp(target, "stdio")) {
		open_stdio(end);
		return 0;
	}
	if (!strcmp(target, "pty"))
		return open_pty(end, target);
	if (!strncmp(target, "file:", 5) && target[5])
		return open_file(end, target, target + 5);
	return complain(target, "give pty, stdio or file:NAME");
}

void hvc_end_close(struct hvc_end *end)
{
	if (end->is_ours)
		close(end->out);
}
