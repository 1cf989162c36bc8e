/* SPDX-License-Identifier: MIT */
/*
 * Standard input as a terminal: its mode, its size, who is in its foreground. A
 * replay has all of that from the trace, and leaves the terminal that it may be
 * started from as it is.
 */
#include <asm/ioctls.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "passage.h"

NEXT_SLOT(tcgetattr);
NEXT_SLOT(tcsetattr);
NEXT_SLOT(tcgetpgrp);
NEXT_SLOT(ioctl);

/*
 * As it is in a trace: struct termios2 of the kernel's. That of libc has holes,
 * and more control characters than there are.
 */
struct mode {
	uint32_t in, out, control, local;
	uint8_t line, characters[19];
	uint32_t in_speed, out_speed;
};
_Static_assert(sizeof(struct mode) == 44, "no holes");

static struct mode mode_of(const struct termios *t)
{
	struct mode mode = { .in = t->c_iflag,
		.out = t->c_oflag,
		.control = t->c_cflag,
		.local = t->c_lflag,
		.line = t->c_line,
		.in_speed = t->c_ispeed,
		.out_speed = t->c_ospeed };

	memcpy(mode.characters, t->c_cc, sizeof(mode.characters));
	return mode;
}

static void set_mode(struct termios *t, const struct mode *mode)
{
	*t = (struct termios){ .c_iflag = mode->in,
		.c_oflag = mode->out,
		.c_cflag = mode->control,
		.c_lflag = mode->local,
		.c_line = mode->line,
		.c_ispeed = mode->in_speed,
		.c_ospeed = mode->out_speed };
	memcpy(t->c_cc, mode->characters, sizeof(mode->characters));
}

static int ask_mode(struct hvt_event *event, void *context)
{
	struct mode *mode = context;
	struct termios t;

	if (NEXT(tcgetattr)(STDIN_FILENO, &t))
		return -errno;
	*mode = mode_of(&t);
	hvt_input_bytes(event, 0, mode, sizeof(*mode));
	return 0;
}

HVT_STANDS_IN int tcgetattr(int fd, struct termios *t)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_GET_MODE };
	struct mode mode;
	int err;

	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(tcgetattr)(fd, t);
	err = hvt_input_ask(&event, ask_mode, &mode);
	if (!err)
		err = hvt_input_take_bytes(&event, &mode, sizeof(mode));
	if (!err)
		set_mode(t, &mode);
	return hvt_input_failed(err);
}

static int change_mode(struct hvt_event *event, void *context)
{
	return NEXT(tcsetattr)(STDIN_FILENO, (int)event->values[0], context)
		? -errno
		: 0;
}

HVT_STANDS_IN int tcsetattr(int fd, int actions, const struct termios *t)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_SET_MODE,
		.values = { (uint32_t)actions } };
	struct termios to;
	struct mode mode;

	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(tcsetattr)(fd, actions, t);
	to = *t;
	mode = mode_of(t);
	hvt_input_bytes(&event, 1, &mode, sizeof(mode));
	return hvt_input_failed(hvt_input_change(&event, change_mode, &to));
}

/* Numbers of groups are others each time: what counts is whether it is ours. */
static int ask_group(struct hvt_event *event, void *context)
{
	pid_t group = NEXT(tcgetpgrp)(STDIN_FILENO);

	(void)context;
	if (group < 0)
		return -errno;
	event->values[0] = (uint64_t)group;
	event->values[1] = group == getpgrp();
	return 0;
}

/* The group in the foreground, or -errno. */
static pid_t take_group(void)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_GET_GROUP };
	int err = hvt_input_ask(&event, ask_group, NULL);
	pid_t group = (pid_t)event.values[0];

	if (err)
		return err;
	if (event.values[1])
		return getpgrp();
	/* That of process 1 is never the VMM's. */
	return group == getpgrp() || group <= 0 ? 1 : group;
}

HVT_STANDS_IN pid_t tcgetpgrp(int fd)
{
	pid_t group;

	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(tcgetpgrp)(fd);
	group = take_group();
	return group < 0 ? hvt_input_failed(group) : group;
}

/* What is taken of ioctl(): how many bytes it brings; 0: it brings none. */
struct request {
	unsigned long number;
	size_t size;
	bool changes; /* something: nothing is done in a replay */
};

static const struct request requests[] = {
	{ TIOCGWINSZ, sizeof(struct winsize), false },
	{ FIONREAD, sizeof(int), false },
	{ TIOCOUTQ, sizeof(int), false },
	{ TCGETS, 36, false }, /* struct termios of the kernel's, */
	{ _IOR('T', 0x2a, struct mode), sizeof(struct mode),
		false }, /* and TCGETS2 */
	{ FIONBIO, 0, true },
	{ TIOCSWINSZ, 0, true },
	{ TCSETS, 0, true },
	{ TCSETSW, 0, true },
	{ TCSETSF, 0, true },
	{ TCFLSH, 0, true },
};

static const struct request *find(unsigned long number)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].number == number)
			return &requests[i];
	return NULL;
}

struct io {
	const struct request *request;
	void *argument;
};

static int control(struct hvt_event *event, void *context)
{
	const struct io *io = context;
	size_t size = io->request->size;

	if (NEXT(ioctl)(STDIN_FILENO, io->request->number, io->argument) < 0)
		return -errno;
	hvt_input_bytes(event, 1, size ? io->argument : NULL, size);
	return 0;
}

static int take_request(const struct request *request, void *argument)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_CONTROL,
		.values = { request->number } };
	struct io io = { request, argument };
	int err = request->changes ? hvt_input_change(&event, control, &io)
				   : hvt_input_ask(&event, control, &io);

	if (!err)
		err = hvt_input_take_bytes(&event, argument, request->size);
	return hvt_input_failed(err);
}

static int take_foreground(pid_t *to)
{
	pid_t group = take_group();

	if (group < 0)
		return hvt_input_failed(group);
	*to = group;
	return 0;
}

HVT_STANDS_IN int ioctl(int fd, unsigned long number, ...)
{
	const struct request *request = find(number);
	void *argument;
	va_list args;

	va_start(args, number);
	argument = va_arg(args, void *);
	va_end(args);
	if (fd != STDIN_FILENO || (!request && number != TIOCGPGRP) ||
		!HVT_IS_TAKEN())
		return NEXT(ioctl)(fd, number, argument);
	return request ? take_request(request, argument)
		       : take_foreground(argument);
}
