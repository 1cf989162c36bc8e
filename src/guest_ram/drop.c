/* SPDX-License-Identifier: MIT */
/*
 * A drop takes a message of the kernel's, which it waits for: what is near to each
 * other is dropped together, with nothing in between. Meanwhile the VMM goes on. What
 * it has unmapped by then is told of by messages; but where it splits a mapping, or
 * makes a hole, kernels leave pages behind (Linux 6.12), so they are looked for.
 */
#include "drop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faults.h"
#include "homes.h"
#include "page.h"

#ifndef MADV_DONTNEED_LOCKED /* Linux 5.18 */
#define MADV_DONTNEED_LOCKED 24
#endif

#define TRIES_MAX 8u
#define SPAN_MAX (16u << 20)	      /* bytes that are dropped together */
#define PAGEMAP_MAX (SPAN_MAX / 4096) /* pages of that, at most */
#define PAGEMAP_MAPPED (UINT64_C(3) << 62) /* or being moved elsewhere */

static _Atomic uint64_t drop_start, drop_end;

bool hvt_drop_is_ours(uint64_t start, uint64_t end)
{
	return start >= atomic_load(&drop_start) && end <= atomic_load(&drop_end);
}

/*
 * The kernel tells of each mapping in the range on its own. Locked memory is asked
 * for in words of its own, which do for all, but not on older kernels.
 */
bool hvt_drop(uint8_t *start, uint8_t *end)
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

static uint8_t *end_of(const struct hvt_granted *page)
{
	return page->addr + hvt_page_size();
}

/* How many of them, from the first on, are in the same home and near enough. */
static size_t group(const struct hvt_granted *at, size_t count)
{
	const struct hvt_home *h = at->addr ? hvt_home_at(at->addr) : NULL;
	size_t n = 1;

	if (!h)
		return 0;
	while (n < count && at[n].addr < hvt_home_end(h) &&
			at[n].addr - end_of(&at[n - 1]) <= HVT_DROP_GAP &&
			end_of(&at[n]) - at->addr <= SPAN_MAX)
		n++;
	return n;
}

/*
 * Are there no pages from start to end? See proc(5), of pagemap; where it cannot be
 * read there may be some.
 */
static bool is_all_gone(const uint8_t *start, const uint8_t *end)
{
	static uint64_t entries[PAGEMAP_MAX];
	size_t pages = (size_t)(end - start) / hvt_page_size();
	size_t size = pages * sizeof(*entries);
	off_t at = (off_t)((uintptr_t)start / hvt_page_size() * sizeof(*entries));
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool gone = fd >= 0 && pread(fd, entries, size, at) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	for (size_t i = 0; i < pages && gone; i++)
		gone = !(entries[i] & PAGEMAP_MAPPED);
	return gone;
}

/* Again, if not all is gone: unless it is the VMM's own by now. */
static bool drop_rest(uint8_t *start, uint8_t *end)
{
	for (unsigned tries = 0; tries < TRIES_MAX; tries++)
		if (is_all_gone(start, end))
			return true;
		else if (hvt_faults_took(start, end) || !hvt_drop(start, end))
			return false;
	return false;
}

bool hvt_drop_whole(uint8_t *start, uint8_t *end)
{
	bool done = hvt_drop(start, end);

	for (uint8_t *at = start, *to; done && at < end; at = to) {
		to = end - at > SPAN_MAX ? at + SPAN_MAX : end;
		done = drop_rest(at, to);
	}
	return done;
}

/* True: there is nothing left to be done. */
static bool drop_together(const struct hvt_granted *at, size_t count,
		void (*lost)(uint8_t *start, uint8_t *end))
{
	uint8_t *start = at->addr, *end = end_of(&at[count - 1]);

	if (hvt_faults_took(start, end))
		return false;
	if (!hvt_drop(start, end)) {
		lost(start, end);
		return true;
	}
	return is_all_gone(start, end);
}

static void drop_one(uint8_t *page, void (*lost)(uint8_t *start, uint8_t *end))
{
	uint8_t *end = page + hvt_page_size();

	if (!hvt_faults_took(page, end) && !hvt_drop(page, end))
		lost(page, end);
}

void hvt_drop_granted(const struct hvt_granted *at, size_t count,
		void (*lost)(uint8_t *start, uint8_t *end))
{
	for (size_t i = 0, n; i < count; i += n ? n : 1) {
		n = group(at + i, count - i);
		if (n > 1 && drop_together(at + i, n, lost))
			continue;
		for (size_t j = 0; j < n; j++)
			drop_one(at[i + j].addr, lost);
	}
}
