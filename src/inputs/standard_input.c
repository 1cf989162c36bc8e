/* SPDX-License-Identifier: MIT */
/* Reads of standard input: of descriptor 0, whatever it is. */
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "passage.h"

/* Which read() becomes where the compiler knows the size of the buffer. */
ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room);

NEXT_SLOT(read);
NEXT_SLOT(readv);
NEXT_SLOT(__read_chk);

static ssize_t failed(int err)
{
	errno = -err;
	return -1;
}

static ssize_t do_read(struct hvt_event *event, void *bytes, size_t size)
{
	ssize_t n = NEXT(read)(STDIN_FILENO, bytes, size);

	event->result = n < 0 ? -errno : 0;
	event->values[1] = event->data_size = n < 0 ? 0 : (size_t)n;
	event->data = bytes;
	hvt_input_leave(event);
	return n;
}

static ssize_t take(void *bytes, size_t size)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_READ,
		.values = { size } };

	if (size > HVT_INPUT_BYTES_MAX)
		size = HVT_INPUT_BYTES_MAX;
	if (hvt_input_enter(&event))
		return do_read(&event, bytes, size);
	if (hvt_input_is_unknown(&event))
		return hvt_input_is_at_its_end()
				? 0 : NEXT(read)(STDIN_FILENO, bytes, size);
	if (hvt_input_result(&event))
		return failed(hvt_input_result(&event));
	if (event.data_size > size)
		return failed(-EIO);
	if (event.data_size)
		memcpy(bytes, event.data, event.data_size);
	return (ssize_t)event.data_size;
}

HVT_STANDS_IN ssize_t read(int fd, void *bytes, size_t size)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(read)(fd, bytes, size);
	return take(bytes, size);
}

HVT_STANDS_IN ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room)
{
	/* A buffer that is too small is libc's to tell. */
	if (fd != STDIN_FILENO || size > room || !HVT_IS_TAKEN())
		return NEXT(__read_chk)(fd, bytes, size, room);
	return take(bytes, size);
}

/* Into the first buffer that has room: a read may be short. */
HVT_STANDS_IN ssize_t readv(int fd, const struct iovec *parts, int count)
{
	if (fd != STDIN_FILENO || !HVT_IS_TAKEN())
		return NEXT(readv)(fd, parts, count);
	for (int i = 0; i < count; i++)
		if (parts[i].iov_len)
			return take(parts[i].iov_base, parts[i].iov_len);
	return NEXT(readv)(fd, parts, count);
}
