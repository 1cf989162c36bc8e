/* SPDX-License-Identifier: MIT */
/*
 * state counts the vCPUs that run, and has a bit for the VMM's turn: as long as
 * that is not set a vCPU enters and leaves without the lock. Who sets it knows
 * by the count whether there are vCPUs to be taken out.
 */
#include "turn.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "faults.h"
#include "follow.h"
#include "granted.h"
#include "holders.h"
#include "page.h"
#include "told.h"
#include "uffd.h"

#ifndef MADV_DONTNEED_LOCKED /* Linux 5.18 */
#define MADV_DONTNEED_LOCKED 24
#endif

#define VMM_TURN (1u << 31)

/*
 * How long a thread that is busy may keep vCPUs waiting: as much CPU, or in all,
 * as it may have to wait for a CPU or a disk; from the last page on that it came
 * to, as one system call may go through many. Looked at so often.
 *
 * A turn that is taken from a thread in the middle of a copy may not be replayed,
 * and where a hypervisor above is busy with others, CPU time goes by without
 * anything being done: much is allowed. But a thread that never makes a call would
 * hold up the guest each time: half as much is allowed after each turn that was
 * taken, and a little more after each that ended by itself.
 */
#define HOLD_CPU_MAX_NS 1600000000u
#define HOLD_CPU_MIN_NS 100000000u
#define HOLD_MAX_NS  4000000000u
#define HOLD_STEP_NS 200000u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER; /* no holders left */
static atomic_uint state;
static _Atomic uint64_t drop_start, drop_end;

/* Under the lock. */
static const struct hvt_ram_ops *ops;
static int uffd = -1;
static bool paused;
static uint64_t turns; /* that have ended */
static unsigned entering; /* vCPUs that wait for the turn to end */
static uint64_t hold_cpu = HOLD_CPU_MAX_NS;

void hvt_ram_lock(sigset_t *mask)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, mask);
	pthread_mutex_lock(&lock);
}

void hvt_ram_unlock(const sigset_t *mask)
{
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
}

bool hvt_ram_trylock(void)
{
	return !pthread_mutex_trylock(&lock);
}

void hvt_ram_leave_lock(void)
{
	pthread_mutex_unlock(&lock);
}

void hvt_turn_init(const struct hvt_ram_ops *its_ops, int fd)
{
	hvt_granted_clear();
	hvt_holders_clear();
	if (paused)
		ops->resume();
	paused = false;
	atomic_fetch_and(&state, ~VMM_TURN);
	ops = its_ops;
	uffd = fd;
	hold_cpu = HOLD_CPU_MAX_NS;
	turns++;
	pthread_cond_broadcast(&freed);
}

const struct hvt_ram_ops *hvt_turn_ops(void)
{
	return ops;
}

bool hvt_turn_is_owed(void)
{
	return paused;
}

bool hvt_turn_take(pid_t thread)
{
	if (!(atomic_fetch_or(&state, VMM_TURN) & ~VMM_TURN) || paused)
		return false;
	ops->pause(thread);
	paused = true;
	return true;
}

/*
 * The view is read: what is missing in the file is put there by that. Whether
 * the page was missing when it was touched says nothing: the guest may have
 * written it since.
 */
static void put_page(const uint8_t *view)
{
	(void)*(const volatile uint8_t *)view;
}

static uint8_t *copy_of(const uint8_t *view)
{
	uint8_t *copy;

	if (hvt_page_is_zero(view))
		return NULL;
	/* The thread that touched it can wait, but not go on unseen. */
	while (!(copy = malloc(hvt_page_size())))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	memcpy(copy, view, hvt_page_size());
	return copy;
}

static void remember(uint8_t *page, uint8_t *before)
{
	while (hvt_granted_add(page, before))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static int give(uint8_t *page)
{
	int err = hvt_uffd_grant(uffd, page, hvt_page_size());

	if (err && err != -EAGAIN)
		err = hvt_uffd_wake(uffd, page, hvt_page_size());
	return err == -EAGAIN ? err : 0;
}

int hvt_turn_grant(struct hvt_home *h, uint8_t *page, pid_t thread)
{
	const uint8_t *view = h->view + (page - h->host);
	bool granted = hvt_granted_find(page);

	if (ops->supply && !granted && !ops->supply(page))
		return -EAGAIN;
	if (hvt_turn_take(thread))
		hvt_faults_wake_keeper();
	put_page(view);
	if (!granted) {
		uint8_t *before = copy_of(view);

		hvt_tell_touched(ops, page, before);
		remember(page, before);
	}
	hvt_holders_add(thread);
	return give(page);
}

int hvt_turn_lend(const struct hvt_home *h, uint8_t *page)
{
	put_page(h->view + (page - h->host));
	return give(page);
}

void hvt_turn_forget(uint8_t *start, uint8_t *end)
{
	for (uint8_t *page = start; page < end && hvt_granted_count();
			page += hvt_page_size()) {
		struct hvt_granted *granted = hvt_granted_find(page);

		if (granted)
			granted->addr = NULL;
	}
}

bool hvt_turn_is_dropping(uint64_t start, uint64_t end)
{
	return start >= atomic_load(&drop_start) && end <= atomic_load(&drop_end);
}

/*
 * The VMM's page table entries, not the pages. The kernel tells of each mapping
 * in the range on its own. Locked memory is asked for in words of its own, which
 * do for all, but not on older kernels. False: they are still there.
 */
static bool drop(uint8_t *start, uint8_t *end)
{
	size_t size = (size_t)(end - start);
	bool done;

	atomic_store(&drop_start, (uintptr_t)start);
	atomic_store(&drop_end, (uintptr_t)end);
	done = !madvise(start, size, MADV_DONTNEED) || errno != EINVAL ||
			!madvise(start, size, MADV_DONTNEED_LOCKED);
	hvt_faults_settle();
	atomic_store(&drop_end, 0);
	return done;
}

/* The VMM writes there unseen from now on, and what it has written is told. */
static void lose_track(uint8_t *start, uint8_t *end)
{
	for (struct hvt_home *h = hvt_home_from(start); h && h->host < end;
			h = hvt_home_from(hvt_home_end(h)))
		hvt_follow_no_more(h, uffd, ops);
}

/* Is that page there to be dropped? */
static bool is_ours(const uint8_t *page)
{
	return page && !hvt_faults_took(page);
}

/* Looked at anew before each drop: the VMM goes on meanwhile. */
static void drop_granted(const struct hvt_granted *at, size_t count)
{
	for (size_t i = 0, n; i < count; i = n) {
		uint8_t *end = at[i].addr;

		for (n = i; n < count && at[n].addr == end && is_ours(end); n++)
			end += hvt_page_size();
		if (n == i)
			n++;
		else if (!drop(at[i].addr, end))
			lose_track(at[i].addr, end);
	}
}

static bool is_changed(const uint8_t *before, const uint8_t *now)
{
	return before ? memcmp(before, now, hvt_page_size()) != 0
		      : !hvt_page_is_zero(now);
}

static void tell_changes(const struct hvt_granted *at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct hvt_home *h = at[i].addr ? hvt_home_at(at[i].addr)
						: NULL;
		const uint8_t *now = h ? h->view + (at[i].addr - h->host)
				       : NULL;

		if (now && is_changed(at[i].before, now))
			hvt_tell_changed(ops, at[i].addr, at[i].before, now);
	}
}

/* New memory: from now on it is followed, and what is there so far is told. */
static void follow_all(void)
{
	struct hvt_home *h;

	for (size_t i = 0; (h = hvt_home_nth(i)); i++)
		if (!h->followed && !h->idle && h->kind != HVT_RAM_UNTRACKED)
			hvt_follow(h, uffd, ops, drop);
}

static void learn(enum hvt_turn_end how)
{
	if (how == HVT_TURN_TAKEN)
		hold_cpu /= 2;
	else
		hold_cpu += hold_cpu / 64;
	if (hold_cpu < HOLD_CPU_MIN_NS)
		hold_cpu = HOLD_CPU_MIN_NS;
	if (hold_cpu > HOLD_CPU_MAX_NS)
		hold_cpu = HOLD_CPU_MAX_NS;
}

void hvt_turn_break(enum hvt_turn_end how)
{
	struct hvt_granted *at;
	size_t count;

	if (!(atomic_load(&state) & VMM_TURN))
		return;
	hvt_faults_catch_up();
	at = hvt_granted_sort();
	count = hvt_granted_count();
	drop_granted(at, count);
	tell_changes(at, count);
	follow_all();
	learn(how);
	ops->ended(how);
	hvt_granted_clear();
	hvt_holders_clear();
	turns++;
	atomic_fetch_and(&state, ~VMM_TURN);
	if (paused)
		ops->resume();
	paused = false;
	pthread_cond_broadcast(&freed);
}

void hvt_turn_was_one(void)
{
	if (atomic_load(&state) & VMM_TURN)
		return;
	ops->ended(HVT_TURN_CALLED);
	turns++;
}

void hvt_ram_end_turn(void)
{
	sigset_t mask;

	hvt_ram_lock(&mask);
	if (ops) {
		(void)hvt_turn_take(hvt_thread_id());
		hvt_turn_break(HVT_TURN_CALLED);
	}
	hvt_ram_unlock(&mask);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void wait_a_step(void)
{
	uint64_t until = now_ns() + HOLD_STEP_NS;
	struct timespec t = { .tv_sec = (time_t)(until / 1000000000u),
		.tv_nsec = (long)(until % 1000000000u) };

	pthread_cond_timedwait(&freed, &lock, &t);
}

/* A turn that is to end. */
struct ending {
	uint64_t turn, deadline;
	size_t granted; /* pages, when the deadline was set */
};

/* True: it has ended. */
static bool try_end(struct ending *e)
{
	enum hvt_turn_end how = HVT_TURN_CALLED;
	uint64_t spent;

	if (turns != e->turn)
		return true;
	if (!e->deadline || e->granted != hvt_granted_count())
		e->deadline = now_ns() + HOLD_MAX_NS;
	e->granted = hvt_granted_count();
	if (atomic_load(&hvt_holders)) {
		how = HVT_TURN_ASLEEP;
		if (hvt_holders_prune(hvt_faults_are_waiting, &spent)) {
			how = HVT_TURN_TAKEN;
			if (spent < hold_cpu && now_ns() < e->deadline)
				return false;
		}
	}
	hvt_turn_break(how);
	return true;
}

void hvt_turn_end(void)
{
	struct ending e = { .turn = turns };

	while (!try_end(&e))
		wait_a_step();
}

bool hvt_turn_try_end(void)
{
	static struct ending e;

	if (e.turn != turns)
		e = (struct ending){ .turn = turns };
	return try_end(&e);
}

void hvt_turn_adopted(struct hvt_home *home)
{
	if (atomic_fetch_or(&state, VMM_TURN) & ~VMM_TURN && !paused) {
		/* They cannot have it yet: no need to take them out. */
		hvt_follow(home, uffd, ops, drop);
		atomic_fetch_and(&state, ~VMM_TURN);
	}
}

static void begin_slowly(void)
{
	sigset_t mask;

	hvt_ram_lock(&mask);
	(void)hvt_holders_remove(hvt_thread_id());
	entering++;
	while (atomic_load(&state) & VMM_TURN)
		hvt_turn_end();
	entering--;
	atomic_fetch_add(&state, 1);
	hvt_ram_unlock(&mask);
}

void hvt_ram_run_begin(void)
{
	unsigned before = atomic_load_explicit(&state, memory_order_relaxed);

	while (!(before & VMM_TURN))
		if (atomic_compare_exchange_weak(&state, &before, before + 1))
			return;
	begin_slowly();
}

void hvt_ram_run_end(void)
{
	atomic_fetch_sub(&state, 1);
}

bool hvt_ram_others_run(void)
{
	return (atomic_load(&state) & ~VMM_TURN) > 1;
}

/* The number of the turn that the thread has something of, plus 1; 0: none. */
static _Thread_local uint64_t kept;

/*
 * When nobody else holds it the turn ends here: so the place of its end among
 * the thread's calls is known.
 */
void hvt_ram_called(void)
{
	sigset_t mask;

	if (!atomic_load_explicit(&hvt_holders, memory_order_relaxed))
		return;
	hvt_ram_lock(&mask);
	if (hvt_holders_remove(hvt_thread_id())) {
		kept = turns + 1;
		if (!atomic_load(&hvt_holders))
			hvt_turn_break(HVT_TURN_CALLED);
		pthread_cond_broadcast(&freed);
	}
	hvt_ram_unlock(&mask);
}

/* Others hold it still: if vCPUs wait for them, so does this thread. */
void hvt_ram_returning(void)
{
	sigset_t mask;

	if (!kept)
		return;
	hvt_ram_lock(&mask);
	if (kept == turns + 1 && (paused || entering))
		hvt_turn_end();
	else if (kept == turns + 1)
		hvt_holders_add(hvt_thread_id());
	kept = 0;
	hvt_ram_unlock(&mask);
}
