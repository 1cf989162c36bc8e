/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "drop.h"
#include "follow.h"
#include "granted.h"
#include "holders.h"
#include "page.h"
#include "turn.h"
#include "uffd.h"

static int uffd = -1, stop_fd = -1;
static pthread_t reader, keeper;
static sem_t work; /* for the keeper */
static atomic_bool stopping;
static atomic_bool reading; /* a message was taken and is not dealt with */
static atomic_bool unsorted; /* or not even left for later */

/*
 * Messages that the reader could not deal with, first come first served. This
 * lock is taken last, and nothing is waited for with it: the reader needs it.
 */
static struct {
	pthread_mutex_t lock;
	struct uffd_msg *at;
	size_t head, count, capacity; /* a ring */
} left = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
}

static uint8_t *page_of(const struct uffd_msg *m)
{
	uint64_t mask = ~((uint64_t)hvt_page_size() - 1);

	return (uint8_t *)(uintptr_t)(m->arg.pagefault.address & mask);
}

static bool on_fault(const struct uffd_msg *m)
{
	uint8_t *page = page_of(m);
	struct hvt_home *h = hvt_home_at(page);

	if (h && h->followed && hvt_turn_ops())
		return !hvt_turn_grant(h, page,
				(pid_t)m->arg.pagefault.feat.ptid);
	if (h && hvt_turn_ops())
		return !hvt_turn_lend(h, page);
	/* Forgotten for want of memory, or not there any more. */
	(void)hvt_uffd_unregister(uffd, page, hvt_page_size());
	(void)hvt_uffd_wake(uffd, page, hvt_page_size());
	return true;
}

static uint8_t *at(uint64_t addr)
{
	return (uint8_t *)(uintptr_t)addr;
}

/* Memory that the VMM has unmapped, or moved and has for itself there. */
static void on_gone(uint64_t start, uint64_t end)
{
	if (hvt_turn_ops())
		hvt_follow_lost(at(start), at(end), hvt_turn_ops());
}

/* False: it is to be done again, later. Under the lock. */
static bool handle(const struct uffd_msg *m)
{
	switch (m->event) {
	case UFFD_EVENT_PAGEFAULT:
		return on_fault(m);
	case UFFD_EVENT_UNMAP:
		on_gone(m->arg.remove.start, m->arg.remove.end);
		break;
	case UFFD_EVENT_REMAP:
		on_gone(m->arg.remap.from, m->arg.remap.from + m->arg.remap.len);
		(void)hvt_uffd_unregister(uffd, at(m->arg.remap.to),
				m->arg.remap.len);
		break;
	case UFFD_EVENT_REMOVE:
		if (hvt_turn_ops())
			hvt_follow_discard(at(m->arg.remove.start),
					at(m->arg.remove.end), hvt_turn_ops());
		break;
	default:
		break;
	}
	return true;
}

static bool is_our_drop(const struct uffd_msg *m)
{
	return m->event == UFFD_EVENT_REMOVE &&
			hvt_drop_is_ours(m->arg.remove.start,
					m->arg.remove.end);
}

static bool grow(void)
{
	size_t more = left.capacity ? 2 * left.capacity : 64;
	struct uffd_msg *bigger = malloc(more * sizeof(*bigger));

	if (!bigger)
		return false;
	for (size_t i = 0; i < left.count; i++)
		bigger[i] = left.at[(left.head + i) % left.capacity];
	free(left.at);
	left.at = bigger;
	left.head = 0;
	left.capacity = more;
	return true;
}

static void leave(const struct uffd_msg *m)
{
	pthread_mutex_lock(&left.lock);
	while (left.count == left.capacity && !grow())
		rest();
	left.at[(left.head + left.count++) % left.capacity] = *m;
	pthread_mutex_unlock(&left.lock);
	sem_post(&work);
}

static bool is_anything_left(void)
{
	bool any;

	pthread_mutex_lock(&left.lock);
	any = left.count > 0;
	pthread_mutex_unlock(&left.lock);
	return any;
}

static bool take_left(struct uffd_msg *m)
{
	bool any;

	pthread_mutex_lock(&left.lock);
	any = left.count > 0;
	if (any) {
		*m = left.at[left.head];
		left.head = (left.head + 1) % left.capacity;
		left.count--;
	}
	pthread_mutex_unlock(&left.lock);
	return any;
}

static void take(const struct uffd_msg *m)
{
	if (!is_anything_left() && hvt_ram_trylock()) {
		bool done = handle(m);

		hvt_ram_leave_lock();
		if (done)
			return;
	}
	leave(m);
}

/* False: there is none. */
static bool read_message(void)
{
	struct uffd_msg m;
	bool any;

	atomic_store(&unsorted, true);
	any = read(uffd, &m, sizeof(m)) == (ssize_t)sizeof(m);
	if (any && !is_our_drop(&m))
		take(&m);
	atomic_store(&unsorted, false);
	return any;
}

static void read_messages(void)
{
	atomic_store(&reading, true);
	while (read_message())
		;
	atomic_store(&reading, false);
}

void hvt_faults_settle(void)
{
	while (atomic_load(&unsorted))
		sched_yield();
}

/*
 * In this order: what is not in the kernel any more was being dealt with
 * before it was gone from there.
 */
static bool is_anything_unread(void)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 || atomic_load(&reading);
}

static bool takes_away(const struct uffd_msg *m, uint64_t start, uint64_t end)
{
	if (m->event == UFFD_EVENT_UNMAP)
		return start < m->arg.remove.end && end > m->arg.remove.start;
	return m->event == UFFD_EVENT_REMAP && end > m->arg.remap.from &&
			start < m->arg.remap.from + m->arg.remap.len;
}

bool hvt_faults_took(const uint8_t *start, const uint8_t *end)
{
	bool took = false;

	while (is_anything_unread())
		sched_yield();
	pthread_mutex_lock(&left.lock);
	for (size_t i = 0; i < left.count && !took; i++)
		took = takes_away(&left.at[(left.head + i) % left.capacity],
				(uintptr_t)start, (uintptr_t)end);
	pthread_mutex_unlock(&left.lock);
	return took;
}

static void *read_loop(void *unused)
{
	struct pollfd fds[] = { { .fd = uffd, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN } };

	(void)unused;
	(void)pthread_setname_np(pthread_self(), "hvtrace-faults");
	while (!atomic_load(&stopping))
		if (poll(fds, 2, -1) > 0 && fds[0].revents & POLLIN)
			read_messages();
	return NULL;
}

bool hvt_faults_are_waiting(void)
{
	return is_anything_unread() || is_anything_left();
}

/*
 * Was the page granted in this turn? Then its thread has gone on, and this is all the
 * message was about: in another turn it would tell of a page that nobody comes to.
 */
static bool is_granted(const struct uffd_msg *m)
{
	return hvt_granted_find(page_of(m));
}

/* Threads that wait for a page go on waiting, in their order. */
void hvt_faults_catch_up(void)
{
	struct uffd_msg m;
	size_t n;

	while (is_anything_unread())
		sched_yield();
	pthread_mutex_lock(&left.lock);
	n = left.count;
	pthread_mutex_unlock(&left.lock);
	while (n-- && take_left(&m))
		if (m.event == UFFD_EVENT_PAGEFAULT && !is_granted(&m))
			leave(&m);
		else
			(void)handle(&m);
}

void hvt_faults_wake_keeper(void)
{
	sem_post(&work);
}

/*
 * Under the lock. True: something is to be done again. Whoever holds a turn that
 * is to end may be waiting for one of the messages: it must not wait here, but is
 * to look again at that time; 0: when there is work.
 */
static bool keep(struct timespec *next)
{
	struct uffd_msg m;

	*next = (struct timespec){ 0 };
	if (take_left(&m) && !handle(&m)) {
		leave(&m);
		return true;
	}
	if (!is_anything_left() && hvt_turn_is_owed())
		(void)hvt_turn_try_end(next);
	return false;
}

static void wait_for_work(const struct timespec *until)
{
	int err;

	do
		err = until->tv_sec ? sem_clockwait(&work, CLOCK_MONOTONIC, until)
				    : sem_wait(&work);
	while (err && errno == EINTR);
}

static void *keep_loop(void *unused)
{
	struct timespec next = { 0 };

	(void)unused;
	(void)pthread_setname_np(pthread_self(), "hvtrace-keeper");
	while (!atomic_load(&stopping)) {
		sigset_t mask;
		bool again;

		wait_for_work(&next);
		hvt_ram_lock(&mask);
		again = keep(&next);
		hvt_ram_unlock(&mask);
		if (again)
			rest();
	}
	return NULL;
}

static int start_threads(void)
{
	sigset_t all, mask;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	err = -pthread_create(&reader, NULL, read_loop, NULL);
	if (!err) {
		err = -pthread_create(&keeper, NULL, keep_loop, NULL);
		if (err) {
			atomic_store(&stopping, true);
			(void)eventfd_write(stop_fd, 1);
			pthread_join(reader, NULL);
		}
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return err;
}

int hvt_faults_start(int fd)
{
	int err;

	uffd = fd;
	atomic_store(&stopping, false);
	stop_fd = eventfd(0, EFD_CLOEXEC);
	if (stop_fd < 0)
		return -errno;
	sem_init(&work, 0, 0);
	err = start_threads();
	if (err)
		close(stop_fd);
	return err;
}

void hvt_faults_stop(void)
{
	struct uffd_msg m;

	atomic_store(&stopping, true);
	(void)eventfd_write(stop_fd, 1);
	pthread_join(reader, NULL);
	sem_post(&work);
	pthread_join(keeper, NULL);
	close(uffd);
	close(stop_fd);
	while (take_left(&m))
		;
	uffd = stop_fd = -1;
}
