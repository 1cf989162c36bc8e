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
#include <time.h>

#include "drop.h"
#include "faults.h"
#include "follow.h"
#include "granted.h"
#include "holders.h"
#include "page.h"
#include "patience.h"
#include "told.h"
#include "uffd.h"

#define VMM_TURN (1u << 31)
#define WAIT_NS 5000000u

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER; /* the turn has, or may */
static atomic_uint state;

/* Under the lock. */
static const struct hvt_ram_ops *ops;
static int uffd = -1;
static bool paused;
static uint64_t turns; /* that have ended */
static unsigned entering; /* vCPUs that wait for the turn to end */
static uint64_t watched; /* the turn whose end a thread looks for */

/* As it was before the thread took the lock. */
static _Thread_local int cancel_state;

void hvt_ram_lock(sigset_t *mask)
{
	sigset_t all;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, mask);
	pthread_mutex_lock(&lock);
}

void hvt_ram_unlock(const sigset_t *mask)
{
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
	pthread_setcancelstate(cancel_state, NULL);
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
	hvt_patience_init();
	turns++;
	pthread_cond_broadcast(&ended);
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

/* All of a grant but the page table entry. 0, or -EAGAIN. */
static int admit(const struct hvt_home *h, uint8_t *page, pid_t thread)
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
	return 0;
}

int hvt_turn_grant(struct hvt_home *h, uint8_t *page, pid_t thread)
{
	int err = admit(h, page, thread);

	return err ? err : give(page);
}

uint8_t *hvt_turn_grant_all(const struct hvt_home *h, uint8_t *start, uint8_t *end,
		pid_t thread)
{
	uint8_t *page = start;

	while (page < end && !admit(h, page, thread))
		page += hvt_page_size();
	if (page > start)
		hvt_uffd_grant_all(uffd, start, (size_t)(page - start));
	return page;
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

/* The VMM writes there unseen from now on, and what it has written is told. */
static void lose_track(uint8_t *start, uint8_t *end)
{
	for (struct hvt_home *h = hvt_home_from(start); h && h->host < end;
			h = hvt_home_from(hvt_home_end(h)))
		hvt_follow_no_more(h, uffd, ops);
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
			hvt_follow(h, uffd, ops, hvt_drop_whole);
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
	hvt_drop_granted(at, count, lose_track);
	tell_changes(at, count);
	follow_all();
	hvt_patience_learn(how);
	ops->ended(how);
	hvt_granted_clear();
	hvt_holders_clear();
	turns++;
	atomic_fetch_and(&state, ~VMM_TURN);
	if (paused)
		ops->resume();
	paused = false;
	pthread_cond_broadcast(&ended);
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

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* True: it has ended. */
static bool try_end(void)
{
	enum hvt_turn_end how;

	if (!hvt_patience_is_over(now_ns(), turns, hvt_granted_count(), &how))
		return false;
	hvt_turn_break(how);
	return true;
}

static struct timespec time_at(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / 1000000000u),
		.tv_nsec = (long)(ns % 1000000000u) };
}

static void look_for_end(uint64_t turn)
{
	struct timespec next;

	watched = turn;
	while (turns == turn && !try_end()) {
		next = time_at(hvt_patience_next());
		pthread_cond_clockwait(&ended, &lock, CLOCK_MONOTONIC, &next);
	}
}

uint64_t hvt_turn_number(void)
{
	return turns;
}

void hvt_turn_wait(void)
{
	struct timespec until = time_at(now_ns() + WAIT_NS);

	pthread_cond_clockwait(&ended, &lock, CLOCK_MONOTONIC, &until);
}

/* One thread looks for it, and the others wait for that. */
static void wait_for_end(uint64_t turn)
{
	if (watched != turn)
		look_for_end(turn);
	while (turns == turn)
		pthread_cond_wait(&ended, &lock);
}

void hvt_turn_end(void)
{
	if (!try_end())
		wait_for_end(turns);
}

bool hvt_turn_try_end(struct timespec *again)
{
	if (try_end() || watched == turns)
		return true;
	*again = time_at(hvt_patience_next());
	return false;
}

void hvt_turn_adopted(struct hvt_home *home)
{
	if (atomic_fetch_or(&state, VMM_TURN) & ~VMM_TURN && !paused) {
		/* They cannot have it yet: no need to take them out. */
		hvt_follow(home, uffd, ops, hvt_drop_whole);
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

/* They may be asleep, and it is they who are waited for now. */
static void look_at_others(void)
{
	if (!paused && !entering)
		return;
	hvt_patience_hurry();
	pthread_cond_broadcast(&ended);
	hvt_faults_wake_keeper();
}

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
		else
			look_at_others();
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
