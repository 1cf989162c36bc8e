/* SPDX-License-Identifier: MIT */
/*
 * What was told of a home is a copy beside it, which has pages only where these
 * were told to be other than zeros.
 *
 * A page of the VMM's turn needs no telling of the guest's part: all vCPUs were
 * out of the guest when it was granted, and what they had written to it by then
 * was told as what the VMM found.
 */
#include "told.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "granted.h"
#include "page.h"
#include "turn.h"

#define PAGE_MAX 65536u

int hvt_told_init(struct hvt_home *h, const struct hvt_ram_ops *ops)
{
	struct stat st;
	uint8_t *told;

	h->told = NULL;
	if (!ops->written)
		return 0;
	if (fstat(h->fd, &st))
		return -errno;
	h->device = st.st_dev;
	h->inode = st.st_ino;
	told = mmap(NULL, h->size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (told == MAP_FAILED)
		return -ENOMEM;
	(void)madvise(told, h->size, MADV_NOHUGEPAGE);
	h->told = told;
	return 0;
}

void hvt_told_fini(struct hvt_home *h)
{
	if (h->told)
		munmap(h->told, h->size);
	h->told = NULL;
}

static void set_told(const struct hvt_home *h, const uint8_t *addr,
		const uint8_t *page)
{
	uint8_t *told = h && h->told ? h->told + (addr - h->host) : NULL;

	if (told && page)
		memcpy(told, page, hvt_page_size());
	else if (told && !hvt_page_is_zero(told))
		memset(told, 0, hvt_page_size());
}

void hvt_tell_touched(const struct hvt_ram_ops *ops, uint8_t *addr,
		const uint8_t *page)
{
	ops->touched(addr, page);
	set_told(hvt_home_at(addr), addr, page);
}

/*
 * Shared memory may be mapped in the guest from elsewhere in the VMM, too.
 * Calls told for each such place.
 */
static void each_alias(const struct hvt_home *of, size_t offset,
		const uint8_t *now,
		void (*tell)(const struct hvt_home *h, size_t offset,
				const uint8_t *now))
{
	uint64_t place = of->offset + offset;
	struct hvt_home *h;

	for (size_t i = 0; (h = hvt_home_nth(i)); i++)
		if (h != of && h->told && h->inode == of->inode &&
				h->device == of->device &&
				place - h->offset < h->size)
			tell(h, (size_t)(place - h->offset), now);
}

static void tell_same(const struct hvt_home *h, size_t offset,
		const uint8_t *now)
{
	uint8_t *told = h->told + offset;

	if (!h->followed || !memcmp(told, now, hvt_page_size()))
		return;
	hvt_turn_ops()->changed(h->host + offset, told, now);
	memcpy(told, now, hvt_page_size());
}

void hvt_tell_changed(const struct hvt_ram_ops *ops, uint8_t *addr,
		const uint8_t *before, const uint8_t *after)
{
	const struct hvt_home *h = hvt_home_at(addr);

	ops->changed(addr, before, after);
	set_told(h, addr, after);
	if (h && h->told && h->kind == HVT_RAM_SHARED && after)
		each_alias(h, (size_t)(addr - h->host), after, tell_same);
}

static void tell_written(const struct hvt_home *h, size_t offset,
		const uint8_t *now)
{
	uint8_t *told = h->told + offset;

	if (!h->followed || hvt_granted_find(h->host + offset) ||
			!memcmp(told, now, hvt_page_size()))
		return;
	hvt_turn_ops()->written(h->host + offset, told, now);
	memcpy(told, now, hvt_page_size());
}

/* vCPUs may be writing there: what is compared is what is told. */
static void tell_page(const uint8_t *view)
{
	static uint8_t now[PAGE_MAX];
	uint8_t *addr = hvt_home_host(view);
	struct hvt_home *h = addr ? hvt_home_at(addr) : NULL;

	if (!h || !h->told)
		return;
	memcpy(now, view, hvt_page_size());
	tell_written(h, (size_t)(addr - h->host), now);
	if (h->kind == HVT_RAM_SHARED)
		each_alias(h, (size_t)(addr - h->host), now, tell_written);
}

void hvt_ram_written(const uint8_t *view, const uint64_t *dirty, size_t pages)
{
	sigset_t mask;

	hvt_ram_lock(&mask);
	for (size_t i = 0; i < pages && hvt_turn_ops(); i++) {
		if (!dirty[i / 64])
			i |= 63;
		else if (dirty[i / 64] >> i % 64 & 1)
			tell_page(view + i * hvt_page_size());
	}
	hvt_ram_unlock(&mask);
}
