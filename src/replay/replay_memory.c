/* SPDX-License-Identifier: MIT */
#include "replay_memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ahead.h"
#include "call_ids.h"
#include "guest_ram.h"
#include "memory_map.h"
#include "quiet.h"
#include "turns.h"

/*
 * So long nothing moves before a page is granted that nothing is known of; and
 * before a turn ends that was taken from a thread.
 */
#define QUIET_NS 3000000000u
#define QUIET_TAKEN_NS 300000000u

/*
 * turns are read ahead of the session, up to the end of this one: so what the VMM
 * will come to is known before it does. Under lock but for active: the threads
 * that supply pages have not the lock of the session.
 */
static struct {
	bool active;
	atomic_bool over;
	pthread_mutex_t lock;
	struct hvt_turns turns;
	struct hvt_ahead first; /* turn, scouted while the VMM begins */
	struct hvt_page_pool pool;
	struct hvt_memory_map map;
	_Atomic uint64_t steps; /* counts what moves */
	_Atomic uint64_t events; /* that have been consumed */
	struct hvt_memory_guess guess;
	struct hvt_quiet no_page, no_end;
	int error; /* of going on to the next turn */
	struct hvt_memory_difference difference;
	bool diverged, ignoring;
} m = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t page_of(uint64_t addr)
{
	return addr & ~((uint64_t)m.pool.page_size - 1);
}

/* Up to the end of the turn, or where the trace breaks off. */
static int scout_turn(void)
{
	return hvt_turns_go_on(&m.turns, &m.pool);
}

static int store(const struct hvt_event *event)
{
	const uint8_t *content;
	struct hvt_turn_page *page;
	int err = hvt_turn_told_page(&m.turns.now.pages, &m.pool, event, &page,
			&content);

	if (!err)
		hvt_turn_page_store(page, event->number, content);
	return err;
}

static int change(const struct hvt_event *event)
{
	uint64_t addr = event->values[0];
	struct hvt_turn_page *page = hvt_turn_pages_get(&m.turns.now.pages, page_of(addr));

	if (!page)
		return -ENOMEM;
	return hvt_turn_page_change(page, &m.pool, event->number,
			(size_t)(addr - page_of(addr)), event->data,
			event->data_size);
}

static void moved(void)
{
	atomic_fetch_add_explicit(&m.steps, 1, memory_order_relaxed);
}

static int note(const struct hvt_event *event)
{
	moved();
	switch (event->call) {
	case HVT_CALL_MEMORY_STORED:
		return store(event);
	case HVT_CALL_MEMORY_CHANGED:
		return change(event);
	case HVT_CALL_MEMORY_MAPPED:
		if (event->values[2] == HVT_RAM_GONE)
			hvt_turn_pages_lose(&m.turns.now.pages, event->values[0],
					event->values[1]);
		else
			hvt_turn_pages_regain(&m.turns.now.pages, event->values[0],
					event->values[1]);
		return hvt_memory_map_tell(&m.map, event->values[0],
				event->values[1], event->values[2]);
	}
	return 0;
}

/*
 * What the guest had written by then the VMM finds there, whenever it looks.
 * Without the lock, as in has_written().
 */
static void hand_over(uint64_t recorded, uint64_t size)
{
	for (size_t i = 0; i < m.turns.now.pages.count; i++) {
		const struct hvt_turn_page *page = &m.turns.now.pages.at[i];
		uint8_t *addr = hvt_memory_map_find(
				&m.map, page->addr, m.pool.page_size);

		if (page->handed && page->addr - recorded < size && addr)
			hvt_ram_write(addr, page->found, m.pool.page_size);
	}
}

/* What was followed was whole pages, wherever the trace says that it was. */
static bool is_whole(uint64_t recorded, uint64_t size)
{
	return recorded == page_of(recorded) && size == page_of(size);
}

int hvt_replay_memory_note(const struct hvt_event *event)
{
	uint64_t recorded = event->values[0], size = event->values[1];
	uint8_t *addr;
	int err;

	if (!m.active)
		return 0;
	err = hvt_ahead_result(&m.first);
	if (err)
		return err;
	if (event->call == HVT_CALL_MEMORY_MAPPED && !is_whole(recorded, size))
		return -EBADMSG;
	pthread_mutex_lock(&m.lock);
	err = note(event);
	pthread_mutex_unlock(&m.lock);
	if (err || event->call != HVT_CALL_MEMORY_MAPPED ||
			event->values[2] != HVT_RAM_GONE)
		return err;
	addr = hvt_memory_map_find(&m.map, recorded, size);
	hand_over(recorded, size);
	if (addr)
		hvt_ram_release(addr, size);
	return 0;
}

void hvt_replay_memory_moved(uint64_t events)
{
	atomic_store_explicit(&m.events, events, memory_order_relaxed);
	moved();
}

static void set_difference(int what, uint64_t addr, uint64_t event)
{
	const struct hvt_memory_piece *p = hvt_memory_map_then(&m.map, addr);

	m.difference = (struct hvt_memory_difference){ .addr = addr,
		.event = event };
	m.difference.what = what;
	if (p)
		m.difference.ipa = p->ipa + (addr - p->recorded);
}

/* Where the VMM has the page, if it was and is in the guest. */
static uint8_t *addr_of(const struct hvt_turn_page *page)
{
	return page->gone ? NULL
			  : hvt_memory_map_find(&m.map, page->addr,
					    m.pool.page_size);
}

/* Has the VMM come to all pages that it had come to? */
static bool has_looked(void)
{
	const struct hvt_turn_pages *pages = &m.turns.now.pages;
	bool looked = true;

	pthread_mutex_lock(&m.lock);
	for (size_t i = 0; i < pages->count && looked && pages->due; i++) {
		looked = !pages->at[i].due || !addr_of(&pages->at[i]);
		if (!looked)
			set_difference(HVT_MEMORY_NOT_READ, pages->at[i].addr,
					pages->at[i].found_by);
	}
	pthread_mutex_unlock(&m.lock);
	return looked;
}

static void set_other(uint64_t addr, uint64_t event, size_t offset,
		uint8_t recorded, uint8_t found)
{
	set_difference(HVT_MEMORY_OTHER, addr, event);
	m.difference.offset = offset;
	m.difference.recorded = recorded;
	m.difference.found = found;
}

/* Is something else in it than what was left there? */
static bool differs(const struct hvt_turn_page *page, size_t *offset,
		uint8_t *found)
{
	uint8_t *addr = page->left ? addr_of(page) : NULL;

	return addr && hvt_ram_compare(addr, page->left, m.pool.page_size,
				       offset, found);
}

/*
 * And written all that it had? The lock is not needed to read: the list is
 * changed under that of the session, too; and it must not be held, as who
 * supplies a page has the lock of the memory first. The difference that has the
 * first event counts if all are wanted.
 */
static bool has_written(bool all)
{
	uint64_t event, first = HVT_NO_EVENT;
	bool written = true;

	for (size_t i = 0; i < m.turns.now.pages.count && (written || all); i++) {
		const struct hvt_turn_page *page = &m.turns.now.pages.at[i];
		uint8_t found;
		size_t offset;

		if (!differs(page, &offset, &found))
			continue;
		event = hvt_turn_page_event(page, offset);
		if (written || event < first)
			set_other(page->addr, event, offset,
					page->left[offset], found);
		first = m.difference.event;
		written = false;
	}
	return written;
}

static bool is_quiet(struct hvt_quiet *q, uint64_t ns)
{
	return hvt_is_quiet(q, atomic_load(&m.steps), ns);
}

static int know_next(void)
{
	int err;

	pthread_mutex_lock(&m.lock);
	err = hvt_turns_know_next(&m.turns, &m.pool);
	pthread_mutex_unlock(&m.lock);
	return err;
}

/* Of each page that differs: has the next turn the page, too? */
static bool are_in_next(void)
{
	for (size_t i = 0; i < m.turns.now.pages.count; i++) {
		struct hvt_turn_page *page = &m.turns.now.pages.at[i], *again;
		uint8_t found;
		size_t offset;

		page->carried = differs(page, &offset, &found);
		again = page->carried ? hvt_turn_pages_find(&m.turns.next.pages,
						page->addr)
				      : NULL;
		if (page->carried && !(again && again->found))
			return false;
	}
	return true;
}

/*
 * A turn that was taken from a thread in the middle of a copy: there is nothing
 * that holds it up here at the same byte. When it has gone as far as it can, pages
 * that had been come to again in the next turn keep what it has written, and are
 * compared when that ends. 1, 0 if there are others, or -errno.
 */
static int carry(void)
{
	struct hvt_turn_pages *next = &m.turns.next.pages;
	int err = know_next();

	if (err || !are_in_next())
		return err;
	pthread_mutex_lock(&m.lock);
	for (size_t i = 0; i < m.turns.now.pages.count; i++)
		if (m.turns.now.pages.at[i].carried)
			hvt_turn_page_looked_at(next, hvt_turn_pages_find(next,
					m.turns.now.pages.at[i].addr));
	pthread_mutex_unlock(&m.lock);
	return 1;
}

/*
 * Pages of a buffer count as looked at when they are granted, and the call that they
 * are for comes after. A turn that was taken may have ended in the middle of it.
 */
static bool is_in_use(void)
{
	uint64_t ns = m.turns.now.taken ? QUIET_TAKEN_NS : QUIET_NS;

	return hvt_ram_is_being_touched() && !is_quiet(&m.no_end, ns);
}

static int has_ended(void)
{
	if (!has_looked() || is_in_use())
		return 0;
	if (has_written(false))
		return 1;
	if (!m.turns.now.taken || !is_quiet(&m.no_end, QUIET_TAKEN_NS))
		return 0;
	return carry();
}

int hvt_replay_memory_turn(void)
{
	int ended;

	if (!m.active)
		return 1;
	m.error = hvt_ahead_result(&m.first);
	if (m.error)
		return m.error;
	ended = has_ended();
	if (ended != 1)
		return ended;
	m.difference.what = HVT_MEMORY_SAME;
	hvt_ram_end_turn();
	return m.error ? m.error : 1;
}

struct hvt_memory_difference hvt_replay_memory_difference(void)
{
	if (m.active && m.difference.what == HVT_MEMORY_OTHER && !m.diverged)
		(void)has_written(true);
	return m.difference;
}

struct hvt_memory_guess hvt_replay_memory_guess(void)
{
	struct hvt_memory_guess guess;

	pthread_mutex_lock(&m.lock);
	guess = m.guess;
	pthread_mutex_unlock(&m.lock);
	return guess;
}

bool hvt_replay_memory_has_diverged(void)
{
	return m.diverged;
}

/* What is here, is in callbacks of the memory, which has its lock. */

static void put(struct hvt_turn_page *page, uint8_t *addr)
{
	uint8_t *view = hvt_ram_view(addr, m.pool.page_size);

	if (view && memcmp(view, page->found, m.pool.page_size) != 0)
		memcpy(view, page->found, m.pool.page_size);
	hvt_turn_page_looked_at(&m.turns.now.pages, page);
	moved();
}

static void guess(const struct hvt_memory_piece *p, uint64_t recorded)
{
	if (!m.guess.made)
		m.guess = (struct hvt_memory_guess){ true, recorded,
			p->ipa + (recorded - p->recorded),
			atomic_load(&m.events) };
}

static bool supply_page(uint8_t *addr)
{
	const struct hvt_memory_piece *p = hvt_memory_map_now(&m.map, addr);
	uint64_t recorded = p ? page_of(p->recorded + (uint64_t)(addr - p->addr))
			      : 0;
	struct hvt_turn_page *page = hvt_turn_pages_find(&m.turns.now.pages, recorded);

	if (!p || atomic_load(&m.over))
		return true;
	if (page && page->due)
		put(page, p->addr + (recorded - p->recorded));
	if (page && page->found)
		return true;
	/* The recording has nothing of it: when nothing else happens. */
	if (!is_quiet(&m.no_page, QUIET_NS))
		return false;
	guess(p, recorded);
	return true;
}

static bool on_supply(void *addr)
{
	bool supplied;

	pthread_mutex_lock(&m.lock);
	supplied = supply_page(addr);
	pthread_mutex_unlock(&m.lock);
	return supplied;
}

/* The VMM has changed a page: as it had? */
static void on_changed(const void *addr, const uint8_t *before,
		const uint8_t *after)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE), i = 0, offset;
	const struct hvt_memory_piece *p = hvt_memory_map_now(&m.map, addr);
	const struct hvt_turn_page *page;
	const uint8_t *left;
	uint64_t recorded;

	if (!p || m.ignoring || m.diverged || atomic_load(&m.over))
		return;
	recorded = p->recorded + (uint64_t)((const uint8_t *)addr - p->addr);
	page = hvt_turn_pages_find(&m.turns.now.pages, page_of(recorded));
	offset = (size_t)(recorded - page_of(recorded));
	left = page && page->left ? page->left + offset : before;
	left = left ? left : m.pool.zeros;
	after = after ? after : m.pool.zeros;
	if ((page && (page->gone || page->carried)) || !memcmp(left, after, size))
		return;
	while (left[i] == after[i])
		i++;
	set_other(page_of(recorded), page ? hvt_turn_page_event(page, offset + i)
					  : HVT_NO_EVENT,
			offset + i, left[i], after[i]);
	m.diverged = true;
}

/* Before anyone can come to a page of the next turn. */
static void on_ended(enum hvt_turn_end how)
{
	(void)how;
	if (m.ignoring)
		return;
	pthread_mutex_lock(&m.lock);
	m.error = scout_turn();
	pthread_mutex_unlock(&m.lock);
	moved();
}

static void on_pause(pid_t outside)
{
	(void)outside;
}

static void on_resume(void)
{
}

static void on_touched(const void *addr, const uint8_t *page)
{
	(void)addr;
	(void)page;
}

static void on_mapped(const void *addr, size_t size, enum hvt_ram_kind kind)
{
	(void)addr;
	(void)size;
	(void)kind;
}

static const struct hvt_ram_ops ops = {
	.pause = on_pause,
	.resume = on_resume,
	.touched = on_touched,
	.changed = on_changed,
	.ended = on_ended,
	.mapped = on_mapped,
	.supply = on_supply,
};

/* Memory that is new in this turn is the VMM's until it ends: no faults. */
static void put_all(uint64_t recorded, uint64_t size)
{
	for (size_t i = 0; i < m.turns.now.pages.count; i++) {
		struct hvt_turn_page *page = &m.turns.now.pages.at[i];
		uint8_t *addr = addr_of(page);

		if (!page->due || page->addr - recorded >= size || !addr)
			continue;
		hvt_ram_write(addr, page->found, m.pool.page_size);
		pthread_mutex_lock(&m.lock);
		hvt_turn_page_looked_at(&m.turns.now.pages, page);
		pthread_mutex_unlock(&m.lock);
	}
}

int hvt_replay_memory_map(uint64_t recorded, void *addr, uint64_t ipa,
		size_t size)
{
	struct hvt_memory_piece piece = { recorded, ipa, size, addr };
	uint8_t *view;
	int err;

	if (!m.active || hvt_memory_map_leaves_out(&m.map, recorded))
		return 0;
	err = hvt_ahead_result(&m.first);
	if (err)
		return err;
	if (!is_whole(recorded, size))
		return -EBADMSG;
	pthread_mutex_lock(&m.lock);
	err = hvt_memory_map_add(&m.map, &piece);
	pthread_mutex_unlock(&m.lock);
	if (!err)
		err = hvt_ram_adopt(addr, size, &view);
	if (!err)
		put_all(recorded, size);
	return err;
}

void hvt_replay_memory_reset(void)
{
	if (!m.active)
		return;
	m.ignoring = true;
	hvt_ram_reset();
	m.ignoring = false;
	pthread_mutex_lock(&m.lock);
	hvt_memory_map_fini(&m.map);
	pthread_mutex_unlock(&m.lock);
}

void hvt_replay_memory_let_go(void)
{
	atomic_store(&m.over, true);
}

static int fail(struct hvt_error *e, int err, const char *text)
{
	*e = (struct hvt_error){ .code = err };
	snprintf(e->text, sizeof(e->text), "%s: %s", text, strerror(-err));
	return err;
}

static void forget_all(void)
{
	(void)hvt_ahead_result(&m.first);
	hvt_trace_close(m.turns.trace);
	m.turns.trace = NULL;
	hvt_turns_clear(&m.turns);
	hvt_page_pool_fini(&m.pool);
}

int hvt_replay_memory_start(const struct hvt_trace *trace, const char *path,
		struct hvt_error *e)
{
	const char *mode = hvt_trace_info(trace, "memory");
	size_t size = hvt_recorded_page_size(trace);
	int err;

	if (!mode || !strcmp(mode, "none"))
		return 0;
	if (size < (size_t)sysconf(_SC_PAGESIZE))
		return fail(e, -EOPNOTSUPP, "it was recorded with smaller "
				"pages than this host has");
	err = hvt_page_pool_init(&m.pool, size);
	if (err)
		return fail(e, err, "its guest memory");
	err = hvt_trace_open(&m.turns.trace, path, e);
	if (err)
		m.turns.trace = NULL;
	if (!err) {
		hvt_ahead_start(&m.first, scout_turn);
		err = hvt_ram_start(&ops);
		if (err)
			fail(e, err, "replaying guest memory takes userfaultfd "
					"(root, or vm.unprivileged_userfaultfd=1)");
	}
	m.active = !err;
	if (err)
		forget_all();
	return err;
}

void hvt_replay_memory_stop(void)
{
	hvt_replay_memory_let_go();
	(void)hvt_ahead_result(&m.first);
	if (m.active)
		hvt_ram_stop();
}

void hvt_replay_memory_in_child(void)
{
	hvt_ahead_in_child(&m.first);
	if (m.active)
		hvt_ram_in_child();
}
