/* SPDX-License-Identifier: MIT */
/*
 * Waits for standard input among other descriptors. What became of all of them is
 * one event. A replay gives it as it was, with one difference: where another
 * descriptor had something then, that is waited for, as it may come from another
 * thread of the VMM, which is not to be overtaken.
 */
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "passage.h"

#define COUNT_MAX 4096u /* descriptors of one event */

/* What poll() and ppoll() become where the size of the array is known. */
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		const sigset_t *mask, size_t room);

NEXT_SLOT(poll);
NEXT_SLOT(ppoll);
NEXT_SLOT(select);
NEXT_SLOT(pselect);
NEXT_SLOT(__poll_chk);
NEXT_SLOT(__ppoll_chk);

static bool has_stdin(const struct pollfd *fds, nfds_t count)
{
	if (count > COUNT_MAX)
		return false;
	for (nfds_t i = 0; i < count; i++)
		if (fds[i].fd == STDIN_FILENO)
			return true;
	return false;
}

static int ready_of(const struct pollfd *fds, nfds_t count)
{
	int ready = 0;

	for (nfds_t i = 0; i < count; i++)
		ready += fds[i].revents != 0;
	return ready;
}

static void wait_for_other(const struct pollfd *recorded)
{
	unsigned stall_ms = hvt_input_stall_ms();
	struct pollfd other = { recorded->fd,
		(short)(recorded->events & recorded->revents), 0 };

	/* An error or the end of a pipe is waited for without being asked for. */
	if (recorded->revents && recorded->fd > STDIN_FILENO)
		(void)NEXT(poll)(&other, 1,
				stall_ms < INT_MAX ? (int)stall_ms : INT_MAX);
}

/* 0 or -errno. */
static int answer(const struct hvt_event *event, struct pollfd *fds,
		nfds_t count)
{
	if (hvt_input_result(event))
		return hvt_input_result(event);
	if (event->data_size != count * sizeof(uint16_t))
		return -EIO;
	for (nfds_t i = 0; i < count; i++) {
		memcpy(&fds[i].revents, event->data + i * sizeof(uint16_t),
				sizeof(uint16_t));
		wait_for_other(&fds[i]);
	}
	return ready_of(fds, count);
}

/* Nothing is known any more: the end of the input is what there is. */
static int end(struct pollfd *fds, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++)
		fds[i].revents = fds[i].fd == STDIN_FILENO
				? (short)(POLLHUP | (fds[i].events & POLLIN)) : 0;
	return ready_of(fds, count);
}

/* Where the answer goes: a thread's stack has room for it. */
static void tell(struct hvt_event *event, const struct pollfd *fds, nfds_t count,
		int ready)
{
	uint16_t revents[COUNT_MAX];

	for (nfds_t i = 0; i < count; i++)
		revents[i] = (uint16_t)(ready < 0 ? 0 : fds[i].revents);
	event->result = ready < 0 ? ready : 0;
	event->values[1] = event->data_size =
			ready < 0 ? 0 : count * sizeof(uint16_t);
	event->data = (const uint8_t *)revents;
	hvt_input_leave(event);
}

/* How many are ready, or -errno. */
static int take(struct pollfd *fds, nfds_t count,
		const struct timespec *timeout, const sigset_t *mask)
{
	struct hvt_event event = { .call = HVT_CALL_INPUT_POLL,
		.values = { count } };
	bool live = hvt_input_enter(&event);
	int ready;

	if (!live && !hvt_input_is_unknown(&event))
		return answer(&event, fds, count);
	if (!live && hvt_input_is_at_its_end())
		return end(fds, count);
	ready = NEXT(ppoll)(fds, count, timeout, mask);
	if (ready < 0)
		ready = -errno;
	if (live)
		tell(&event, fds, count, ready);
	return ready;
}

static int result_of(int ready)
{
	if (ready >= 0)
		return ready;
	errno = -ready;
	return -1;
}

static int take_ms(struct pollfd *fds, nfds_t count, int timeout)
{
	struct timespec t = { timeout / 1000, timeout % 1000 * 1000000L };

	return result_of(take(fds, count, timeout < 0 ? NULL : &t, NULL));
}

HVT_STANDS_IN int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (!HVT_IS_TAKEN() || !has_stdin(fds, count))
		return NEXT(poll)(fds, count, timeout);
	return take_ms(fds, count, timeout);
}

HVT_STANDS_IN int ppoll(struct pollfd *fds, nfds_t count,
		const struct timespec *timeout, const sigset_t *mask)
{
	if (!HVT_IS_TAKEN() || !has_stdin(fds, count))
		return NEXT(ppoll)(fds, count, timeout, mask);
	return result_of(take(fds, count, timeout, mask));
}

HVT_STANDS_IN int __poll_chk(
		struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
	/* An array that is too small is libc's to tell. */
	if (room / sizeof(*fds) < count || !HVT_IS_TAKEN() ||
			!has_stdin(fds, count))
		return NEXT(__poll_chk)(fds, count, timeout, room);
	return take_ms(fds, count, timeout);
}

HVT_STANDS_IN int __ppoll_chk(struct pollfd *fds, nfds_t count,
		const struct timespec *timeout, const sigset_t *mask, size_t room)
{
	if (room / sizeof(*fds) < count || !HVT_IS_TAKEN() ||
			!has_stdin(fds, count))
		return NEXT(__ppoll_chk)(fds, count, timeout, mask, room);
	return result_of(take(fds, count, timeout, mask));
}

/* The sets of select() as poll() has them. */
struct sets {
	fd_set *in, *out, *special;
};

static bool is_in(int fd, const fd_set *set)
{
	return set && FD_ISSET(fd, set);
}

static nfds_t list(int limit, const struct sets *sets, struct pollfd *fds)
{
	nfds_t count = 0;

	for (int fd = 0; fd < limit; fd++) {
		int events = (is_in(fd, sets->in) ? POLLIN : 0) |
				(is_in(fd, sets->out) ? POLLOUT : 0) |
				(is_in(fd, sets->special) ? POLLPRI : 0);

		if (events)
			fds[count++] = (struct pollfd){ fd, (short)events, 0 };
	}
	return count;
}

/* Keeps fd in the set if it has one of these; how many there are now. */
static int keep(const struct pollfd *fd, fd_set *set, short events)
{
	if (!is_in(fd->fd, set))
		return 0;
	if (fd->revents & events)
		return 1;
	FD_CLR(fd->fd, set);
	return 0;
}

static int take_sets(int limit, const struct sets *sets,
		const struct timespec *timeout, const sigset_t *mask)
{
	struct pollfd fds[FD_SETSIZE];
	nfds_t count = list(limit, sets, fds);
	int ready = take(fds, count, timeout, mask), kept = 0;

	for (nfds_t i = 0; ready >= 0 && i < count; i++) {
		if (fds[i].revents & POLLNVAL)
			return result_of(-EBADF);
		kept += keep(&fds[i], sets->in, POLLIN | POLLHUP | POLLERR) +
				keep(&fds[i], sets->out, POLLOUT | POLLERR) +
				keep(&fds[i], sets->special, POLLPRI);
	}
	return ready < 0 ? result_of(ready) : kept;
}

static bool sets_have_stdin(int limit, const struct sets *sets)
{
	return limit > 0 && limit <= FD_SETSIZE &&
			(is_in(STDIN_FILENO, sets->in) ||
				is_in(STDIN_FILENO, sets->out) ||
				is_in(STDIN_FILENO, sets->special));
}

/* What is left of the time is not told, which select() may do and others do. */
HVT_STANDS_IN int select(int limit, fd_set *restrict in, fd_set *restrict out,
		fd_set *restrict special, struct timeval *restrict timeout)
{
	const struct sets sets = { in, out, special };
	struct timespec t;

	if (!HVT_IS_TAKEN() || !sets_have_stdin(limit, &sets))
		return NEXT(select)(limit, in, out, special, timeout);
	if (timeout)
		t = (struct timespec){ timeout->tv_sec, timeout->tv_usec * 1000 };
	return take_sets(limit, &sets, timeout ? &t : NULL, NULL);
}

HVT_STANDS_IN int pselect(int limit, fd_set *restrict in, fd_set *restrict out,
		fd_set *restrict special, const struct timespec *restrict timeout,
		const sigset_t *restrict mask)
{
	const struct sets sets = { in, out, special };

	if (!HVT_IS_TAKEN() || !sets_have_stdin(limit, &sets))
		return NEXT(pselect)(limit, in, out, special, timeout, mask);
	return take_sets(limit, &sets, timeout, mask);
}
