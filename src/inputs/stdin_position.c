/* SPDX-License-Identifier: MIT */
/*
 * The flags of standard input, and where in it the next read is. In a replay
 * they are those of the recording; what is there then stays as it is.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "passage.h"

/* With 64-bit words off64_t is off_t, and a lock is one, too. */
_Static_assert(sizeof(off_t) == sizeof(off64_t), "one off_t");

NEXT_SLOT(fcntl);
NEXT_SLOT(fcntl64);
NEXT_SLOT(lseek);

static int ask_flags(struct hvt_event *event, void *context)
{
	int flags = NEXT(fcntl)(STDIN_FILENO, F_GETFL);

	(void)context;
	if (flags < 0)
		return -errno;
	event->values[0] = (uint32_t)flags;
	return 0;
}

static int get_flags(void)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_GET_FLAGS };
	int err = hvt_input_ask(&event, ask_flags, NULL);

	return err ? hvt_input_failed(err) : (int)event.values[0];
}

static int change_flags(struct hvt_event *event, void *context)
{
	(void)context;
	return NEXT(fcntl)(STDIN_FILENO, F_SETFL, (int)event->values[0])
		? -errno
		: 0;
}

static int set_flags(int flags)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_SET_FLAGS,
		.values = { (uint32_t)flags } };

	return hvt_input_failed(hvt_input_change(&event, change_flags, NULL));
}

static bool is_of_flags(int fd, int command)
{
	return fd == STDIN_FILENO && (command == F_GETFL || command == F_SETFL);
}

static int take(int command, void *argument)
{
	return command == F_GETFL ? get_flags()
				  : set_flags((int)(intptr_t)argument);
}

/* Whatever there is behind the command has room in a pointer, as in libc. */
HVT_STANDS_IN int fcntl(int fd, int command, ...)
{
	void *argument;
	va_list args;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	if (!is_of_flags(fd, command) || !HVT_IS_TAKEN())
		return NEXT(fcntl)(fd, command, argument);
	return take(command, argument);
}

HVT_STANDS_IN int fcntl64(int fd, int command, ...)
{
	void *argument;
	va_list args;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	if (!is_of_flags(fd, command) || !HVT_IS_TAKEN())
		return NEXT(fcntl64)(fd, command, argument);
	return take(command, argument);
}

static int ask_position(struct hvt_event *event, void *context)
{
	off_t position = NEXT(lseek)(
		STDIN_FILENO, (off_t)event->values[0], (int)event->values[1]);

	(void)context;
	if (position < 0)
		return -errno;
	event->values[2] = (uint64_t)position;
	return 0;
}

static off_t seek(off_t offset, int whence)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_SEEK,
		.values = { (uint64_t)offset, (uint32_t)whence } };
	int err = hvt_input_ask(&event, ask_position, NULL);

	return err ? hvt_input_failed(err) : (off_t)event.values[2];
}

HVT_STANDS_IN off_t lseek(int fd, off_t offset, int whence)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(lseek)(fd, offset, whence);
	return seek(offset, whence);
}

HVT_STANDS_IN off64_t lseek64(int fd, off64_t offset, int whence)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(lseek)(fd, offset, whence);
	return seek(offset, whence);
}
