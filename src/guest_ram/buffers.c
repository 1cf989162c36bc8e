/* SPDX-License-Identifier: MIT */
/* Buffers of system calls: all of their pages are granted before the call. */
#include <stdatomic.h>

#include "guest_ram.h"
#include "holders.h"
#include "homes.h"
#include "page.h"
#include "turn.h"

static uint8_t *down(uintptr_t addr)
{
	return (uint8_t *)(addr & ~((uintptr_t)hvt_page_size() - 1));
}

/* Under the lock. False: it is to be done again, from *at on. */
static bool grant(uint8_t **at, uint8_t *end)
{
	const struct hvt_home *h;

	while (*at < end && (h = hvt_home_from(*at)) && h->host < end) {
		uint8_t *from = h->host > *at ? h->host : *at;
		uint8_t *to = hvt_home_end(h) < end ? hvt_home_end(h) : end;

		*at = h->followed ? hvt_turn_grant_all(h, from, to, hvt_thread_id())
				  : to;
		if (*at < to)
			return false;
	}
	return true;
}

static atomic_uint threads; /* that have been granted a buffer, and use it still */
static _Thread_local bool is_one;

static void note_use(bool uses)
{
	if (uses && !is_one)
		atomic_fetch_add(&threads, 1);
	else if (!uses && is_one)
		atomic_fetch_sub(&threads, 1);
	is_one = uses;
}

/*
 * Under the lock. All in one turn: where another one has begun while a part was
 * waited for, all is asked for again.
 */
static void grant_whole(uint8_t *start, uint8_t *end)
{
	uint64_t turn = hvt_turn_number();
	uint8_t *at = start;

	while (hvt_turn_ops() && !grant(&at, end)) {
		hvt_turn_wait();
		if (hvt_turn_number() != turn)
			at = start;
		turn = hvt_turn_number();
	}
}

bool hvt_ram_may_hold(const void *addr, size_t size)
{
	return size && hvt_homes_may_hold(addr, size);
}

void hvt_ram_will_touch(const void *addr, size_t size)
{
	sigset_t mask;

	if (size > HVT_RAM_BUFFER_MAX)
		size = HVT_RAM_BUFFER_MAX;
	if (!hvt_ram_may_hold(addr, size))
		return;
	hvt_ram_lock(&mask);
	grant_whole(down((uintptr_t)addr),
			down((uintptr_t)addr + size + hvt_page_size() - 1));
	note_use(true);
	hvt_ram_unlock(&mask);
}

void hvt_ram_has_touched(void)
{
	note_use(false);
}

bool hvt_ram_is_being_touched(void)
{
	return atomic_load(&threads);
}
