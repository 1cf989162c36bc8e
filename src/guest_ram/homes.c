/* SPDX-License-Identifier: MIT */
#include "homes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compounds.h"

static struct hvt_home **homes; /* by address */
static size_t count, capacity;
static _Atomic uintptr_t lowest, highest; /* all are in between */

/* The number of the first that ends behind addr. */
static size_t index_of(const uint8_t *addr)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (hvt_home_end(homes[middle]) > addr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct hvt_home *hvt_home_from(const uint8_t *addr)
{
	return hvt_home_nth(index_of(addr));
}

struct hvt_home *hvt_home_at(const uint8_t *addr)
{
	struct hvt_home *h = hvt_home_from(addr);

	return h && h->host <= addr ? h : NULL;
}

struct hvt_home *hvt_home_nth(size_t i)
{
	return i < count ? homes[i] : NULL;
}

uint8_t *hvt_home_host(const uint8_t *view)
{
	for (size_t i = 0; i < count; i++)
		if (view >= homes[i]->view &&
				view < homes[i]->view + homes[i]->size)
			return homes[i]->host + (view - homes[i]->view);
	return hvt_compound_host(view);
}

bool hvt_homes_may_hold(const void *addr, size_t size)
{
	return (uintptr_t)addr < atomic_load(&highest) &&
			(uintptr_t)addr + size > atomic_load(&lowest);
}

static void note_bounds(void)
{
	atomic_store(&lowest, count ? (uintptr_t)homes[0]->host : 0);
	atomic_store(&highest,
			count ? (uintptr_t)hvt_home_end(homes[count - 1]) : 0);
}

static int make_room(void)
{
	size_t more = capacity ? 2 * capacity : 16;
	struct hvt_home **bigger;

	if (count < capacity)
		return 0;
	bigger = realloc(homes, more * sizeof(struct hvt_home *));
	if (!bigger)
		return -ENOMEM;
	homes = bigger;
	capacity = more;
	return 0;
}

int hvt_home_add(const struct hvt_home *home)
{
	struct hvt_home *h = malloc(sizeof(*h));
	size_t at = index_of(home->host);

	if (!h || make_room()) {
		free(h);
		return -ENOMEM;
	}
	*h = *home;
	memmove(homes + at + 1, homes + at,
			(count - at) * sizeof(struct hvt_home *));
	homes[at] = h;
	count++;
	note_bounds();
	return 0;
}

static void drop(size_t at)
{
	close(homes[at]->fd);
	free(homes[at]);
	count--;
	memmove(homes + at, homes + at + 1,
			(count - at) * sizeof(struct hvt_home *));
	note_bounds();
}

/* The guest's accesses fail from now on, as they would where it has the VMM's. */
static void take_view(uint8_t *view, size_t size)
{
	(void)mmap(view, size, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
			-1, 0);
}

static void forget_told(uint8_t *told, size_t size)
{
	if (told)
		munmap(told, size);
}

/* What is behind so many bytes of it; its fd is -1 if there are no more. */
static struct hvt_home part_of(const struct hvt_home *whole, size_t skipped)
{
	struct hvt_home rest = *whole;

	rest.host += skipped;
	rest.view += skipped;
	rest.told += rest.told ? skipped : 0;
	rest.offset += skipped;
	rest.size -= skipped;
	rest.fd = fcntl(whole->fd, F_DUPFD_CLOEXEC, 0);
	return rest;
}

/* What lies behind end becomes a home of its own. */
static int add_rest(const struct hvt_home *whole, uint8_t *end)
{
	struct hvt_home rest;
	int err;

	if (end >= hvt_home_end(whole))
		return 0;
	rest = part_of(whole, (size_t)(end - whole->host));
	err = rest.fd < 0 ? -ENOMEM : hvt_home_add(&rest);
	if (err && rest.fd >= 0)
		close(rest.fd);
	if (err)
		forget_told(rest.told, rest.size);
	return err;
}

int hvt_home_split(uint8_t *at)
{
	struct hvt_home *h = hvt_home_at(at);
	struct hvt_home rest;
	size_t skipped;
	int err;

	if (!h || h->host == at)
		return 0;
	skipped = (size_t)(at - h->host);
	rest = part_of(h, skipped);
	if (rest.fd < 0)
		return -ENOMEM;
	h->size = skipped;
	err = hvt_home_add(&rest);
	if (err) {
		close(rest.fd);
		h->size += rest.size;
	}
	return err;
}

int hvt_home_cut(struct hvt_home *h, uint8_t *start, uint8_t *end)
{
	struct hvt_home whole = *h;
	size_t at = index_of(h->host);
	int err;

	if (h->idle)
		munmap(h->view + (start - h->host), (size_t)(end - start));
	else
		take_view(h->view + (start - h->host), (size_t)(end - start));
	forget_told(h->told ? h->told + (start - h->host) : NULL,
			(size_t)(end - start));
	h->size = (size_t)(start - h->host);
	err = add_rest(&whole, end);
	if (!h->size)
		drop(at);
	return err;
}

void hvt_home_remove(struct hvt_home *h)
{
	munmap(h->view, h->size);
	forget_told(h->told, h->size);
	drop(index_of(h->host));
}
