/* SPDX-License-Identifier: MIT */
/* Random bytes, of the kernel's. */
#include <string.h>
#include <sys/random.h>

#include "passage.h"

NEXT_SLOT(getrandom);
NEXT_SLOT(getentropy);

/* How many bytes there were; or -errno. */
static ssize_t ask(void *bytes, size_t size, unsigned flags)
{
	ssize_t n = NEXT(getrandom)(bytes, size, flags);

	return n < 0 ? -errno : n;
}

/* The same for what is one event. */
static ssize_t take_some(uint8_t *bytes, size_t size, unsigned flags)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_RANDOM,
		.values = { 0, size } };
	ssize_t n;

	if (hvt_input_enter(&event)) {
		n = ask(bytes, size, flags);
		event.result = n < 0 ? n : 0;
		event.values[0] = event.data_size = n < 0 ? 0 : (size_t)n;
		event.data = bytes;
		hvt_input_leave(&event);
		return n;
	}
	if (hvt_input_is_unknown(&event))
		return ask(bytes, size, flags);
	if (hvt_input_result(&event))
		return hvt_input_result(&event);
	if (event.data_size > size)
		return -EIO;
	if (event.data_size)
		memcpy(bytes, event.data, event.data_size);
	return (ssize_t)event.data_size;
}

static ssize_t take(void *to, size_t size, unsigned flags)
{
	uint8_t *bytes = to;
	size_t given = 0;

	do {
		size_t want = size - given < HVT_INPUT_BYTES_MAX
				? size - given : HVT_INPUT_BYTES_MAX;
		ssize_t n = take_some(bytes + given, want, flags);

		if (n < 0 && !given)
			return n;
		if (n > 0)
			given += (size_t)n;
		if (n < (ssize_t)want)
			break;
	} while (given < size);
	return (ssize_t)given;
}

HVT_STANDS_IN ssize_t getrandom(void *bytes, size_t size, unsigned flags)
{
	ssize_t n;

	if (!HVT_IS_TAKEN())
		return NEXT(getrandom)(bytes, size, flags);
	n = take(bytes, size, flags);
	if (n < 0)
		errno = (int)-n;
	return n < 0 ? -1 : n;
}

HVT_STANDS_IN int getentropy(void *bytes, size_t size)
{
	ssize_t n;

	if (size > 256 || !HVT_IS_TAKEN())
		return NEXT(getentropy)(bytes, size);
	n = take(bytes, size, 0);
	if (n == (ssize_t)size)
		return 0;
	errno = n < 0 ? (int)-n : EIO;
	return -1;
}
