/* SPDX-License-Identifier: MIT */
/*
 * The lock is held until all of a log is told: another run that ends meanwhile
 * is logged to have ended when what it had written is in the trace, whoever took
 * the log.
 */
#include "memory_log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "guest_ram.h"
#include "vm.h"

struct logged_slot {
	uint32_t slot;
	const uint8_t *host;
	size_t pages;
	uint64_t *dirty; /* a bit for each */
};

bool hvt_memory_is_logged;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct logged_slot *slots; /* all below under the lock */
static size_t count, capacity;

/* No signal handler may come in: it might run the vCPU, and wait for itself. */
static void lock_all(sigset_t *mask)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, mask);
	pthread_mutex_lock(&lock);
}

static void unlock_all(const sigset_t *mask)
{
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
}

static struct logged_slot *find(uint32_t slot)
{
	for (size_t i = 0; i < count; i++)
		if (slots[i].slot == slot)
			return &slots[i];
	return NULL;
}

static int make_room(void)
{
	size_t more = capacity ? 2 * capacity : 16;
	struct logged_slot *bigger;

	if (count < capacity)
		return 0;
	bigger = realloc(slots, more * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	slots = bigger;
	capacity = more;
	return 0;
}

static int set_logged(const struct hvt_region *r, uint32_t slot)
{
	struct logged_slot s = { .slot = slot, .host = r->host,
		.pages = r->size / (size_t)sysconf(_SC_PAGESIZE) };
	int err = make_room();

	if (err)
		return err;
	s.dirty = calloc((s.pages + 63) / 64, sizeof(*s.dirty));
	if (!s.dirty)
		return -ENOMEM;
	err = hvt_engine->slot_set(slot, r->ipa, r->size, r->host,
			r->flags | HVT_SLOT_LOGS);
	if (err)
		free(s.dirty);
	else
		slots[count++] = s;
	return err;
}

int hvt_memory_log_set_slot(struct hvt_region *r, uint32_t slot)
{
	sigset_t mask;
	int err;

	if (!hvt_memory_is_logged || !(r->flags & HV_MEMORY_WRITE))
		return hvt_engine->slot_set(
				slot, r->ipa, r->size, r->host, r->flags);
	lock_all(&mask);
	err = set_logged(r, slot);
	unlock_all(&mask);
	return err;
}

/* Where there is no log to be had all of it may have been written. */
static void tell(const struct logged_slot *s)
{
	if (hvt_engine->slot_dirty(s->slot, s->dirty))
		for (size_t i = 0; i < s->pages; i++)
			s->dirty[i / 64] |= 1ull << i % 64;
	hvt_ram_written(s->host, s->dirty, s->pages);
}

static void drop(struct logged_slot *s)
{
	free(s->dirty);
	*s = slots[--count];
}

int hvt_memory_log_clear_slot(const struct hvt_region *r)
{
	struct logged_slot *s;
	sigset_t mask;
	int err;

	lock_all(&mask);
	s = find(r->slot);
	if (s)
		tell(s);
	err = hvt_engine->slot_clear(r->slot);
	if (s && !err)
		drop(s);
	unlock_all(&mask);
	return err;
}

/*
 * KVM lets a vCPU write to a page, and others with it, before it has that in its
 * log (kvm_s2_fault_map() of Linux 6.12 and 7.2: the page is marked behind the
 * unlock). So the others are taken out of the guest: what is in KVM then is through.
 */
void hvt_memory_log_tell(void)
{
	bool pause = hvt_ram_others_run();
	sigset_t mask;

	if (pause)
		hvt_engine->pause(0);
	lock_all(&mask);
	for (size_t i = 0; i < count; i++)
		tell(&slots[i]);
	unlock_all(&mask);
	if (pause)
		hvt_engine->resume();
}

void hvt_memory_log_reset(void)
{
	sigset_t mask;

	lock_all(&mask);
	while (count)
		drop(&slots[count - 1]);
	free(slots);
	slots = NULL;
	capacity = 0;
	unlock_all(&mask);
}
