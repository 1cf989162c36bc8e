/* SPDX-License-Identifier: MIT */
/* Buffers of system calls: all of their pages are granted before the call. */
#include <time.h>

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

void hvt_ram_will_touch(const void *addr, size_t size)
{
	uint8_t *at = down((uintptr_t)addr), *end;
	sigset_t mask;
	bool done;

	if (size > HVT_RAM_BUFFER_MAX)
		size = HVT_RAM_BUFFER_MAX;
	end = down((uintptr_t)addr + size + hvt_page_size() - 1);
	done = !size || !hvt_homes_may_hold(addr, size);
	while (!done) {
		hvt_ram_lock(&mask);
		done = !hvt_turn_ops() || grant(&at, end);
		hvt_ram_unlock(&mask);
		if (!done)
			nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
	}
}
