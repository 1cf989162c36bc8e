/* SPDX-License-Identifier: MIT */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "granted.h"
#include "mappings.h"
#include "page.h"
#include "told.h"
#include "turn.h"
#include "uffd.h"

/* Is what is mapped there the file of h, at its offset? */
static bool is_part_of(const struct hvt_home *h, const struct hvt_mapping *m)
{
	struct stat st;

	return !fstat(h->fd, &st) && m->inode == st.st_ino &&
			m->kind == HVT_MAPPING_SHARED &&
			m->major == major(st.st_dev) &&
			m->minor == minor(st.st_dev) &&
			m->offset == h->offset + (uint64_t)(m->start - h->host);
}

static bool is_mapped_still(const struct hvt_home *h)
{
	struct hvt_mapping_list list;
	bool same = true;

	if (hvt_mappings_find(&list, h->host, h->size))
		return false;
	for (size_t i = 0; i < list.count; i++)
		same = same && is_part_of(h, &list.at[i]);
	hvt_mappings_fini(&list);
	return same;
}

/* As the VMM has protected it by now. */
void hvt_follow_in_child(const struct hvt_home *h)
{
	struct hvt_mapping_list list;

	if (hvt_mappings_find(&list, h->host, h->size))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct hvt_mapping *m = &list.at[i];

		if (is_part_of(h, m))
			(void)mmap(m->start, (size_t)(m->end - m->start),
					m->prot, MAP_PRIVATE | MAP_FIXED, h->fd,
					(off_t)m->offset);
	}
	hvt_mappings_fini(&list);
}

/* Calls told for each page between from and to that the file has. */
static void each_page(const struct hvt_home *h, size_t from, size_t to,
		void (*told)(uint8_t *addr, const uint8_t *page, void *context),
		void *context)
{
	off_t at = (off_t)(h->offset + from), end = (off_t)(h->offset + to);

	while (at < end) {
		off_t data = lseek(h->fd, at, SEEK_DATA);
		off_t hole = data < 0 ? -1 : lseek(h->fd, data, SEEK_HOLE);

		if (data < 0 || hole < 0 || data >= end)
			return;
		for (at = data; at < hole && at < end;
				at += (off_t)hvt_page_size()) {
			size_t offset = (size_t)at - h->offset;

			told(h->host + offset, h->view + offset, context);
		}
	}
}

static void tell_content(uint8_t *addr, const uint8_t *page, void *context)
{
	const struct hvt_ram_ops *ops = context;

	if (!hvt_page_is_zero(page))
		hvt_tell_changed(ops, addr, NULL, page);
}

void hvt_follow_no_more(struct hvt_home *h, int uffd,
		const struct hvt_ram_ops *ops)
{
	(void)hvt_uffd_unregister(uffd, h->host, h->size);
	h->followed = false;
	h->kind = HVT_RAM_UNTRACKED;
	ops->mapped(h->host, h->size, h->kind);
}

void hvt_follow(struct hvt_home *h, int uffd, const struct hvt_ram_ops *ops,
		bool (*drop)(uint8_t *start, uint8_t *end))
{
	h->followed = is_mapped_still(h) &&
			!hvt_uffd_register(uffd, h->host, h->size,
					UFFDIO_REGISTER_MODE_MISSING |
					UFFDIO_REGISTER_MODE_MINOR) &&
			drop(h->host, hvt_home_end(h));
	if (!h->followed) {
		hvt_follow_no_more(h, uffd, ops);
		return;
	}
	/* Or MADV_COLLAPSE would map all at once, and unseen. */
	(void)madvise(h->host, h->size, MADV_NOHUGEPAGE);
	each_page(h, 0, h->size, tell_content, (void *)(uintptr_t)ops);
}

static void tell_touched(uint8_t *addr, const uint8_t *page, void *context)
{
	const struct hvt_ram_ops *ops = context;

	if (!hvt_granted_find(addr))
		hvt_tell_touched(ops, addr,
				hvt_page_is_zero(page) ? NULL : page);
}

void hvt_follow_watch(const struct hvt_home *h, int uffd)
{
	(void)hvt_uffd_register(uffd, h->host, h->size,
			UFFDIO_REGISTER_MODE_MINOR);
}

void hvt_follow_end(struct hvt_home *h, int uffd)
{
	hvt_told_fini(h);
	h->mapped = 0;
	if (h->rehomed && (h->kind == HVT_RAM_REHOMED || is_mapped_still(h))) {
		hvt_follow_watch(h, uffd);
		h->followed = false;
		h->idle = true;
		return;
	}
	if (h->followed)
		(void)hvt_uffd_unregister(uffd, h->host, h->size);
	hvt_home_remove(h);
}

bool hvt_follow_let_go(struct hvt_home *h, int uffd,
		const struct hvt_ram_ops *ops)
{
	bool followed = h->followed;

	if (followed)
		each_page(h, 0, h->size, tell_touched,
				(void *)(uintptr_t)ops);
	hvt_turn_forget(h->host, hvt_home_end(h));
	ops->mapped(h->host, h->size, HVT_RAM_GONE);
	hvt_follow_end(h, uffd);
	return followed;
}

int hvt_follow_again(struct hvt_home *h, const struct hvt_ram_ops *ops)
{
	int err = is_mapped_still(h) ? hvt_told_init(h, ops) : -ESTALE;

	if (err == -ESTALE)
		hvt_home_remove(h);
	if (err)
		return err;
	h->idle = false;
	h->kind = HVT_RAM_REHOMED;
	ops->mapped(h->host, h->size, h->kind);
	return 0;
}

static void tell_zeros(uint8_t *addr, const uint8_t *page, void *context)
{
	const struct hvt_ram_ops *ops = context;
	struct hvt_granted *granted = hvt_granted_find(addr);

	if (!hvt_page_is_zero(page))
		hvt_tell_changed(ops, addr, page, NULL);
	if (granted) {
		free(granted->before);
		granted->before = NULL;
	}
}

static void discard(struct hvt_home *h, size_t from, size_t to,
		const struct hvt_ram_ops *ops)
{
	if (h->followed)
		each_page(h, from, to, tell_zeros, (void *)(uintptr_t)ops);
	(void)fallocate(h->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			(off_t)(h->offset + from), (off_t)(to - from));
}

void hvt_follow_lost(uint8_t *start, uint8_t *end,
		const struct hvt_ram_ops *ops)
{
	struct hvt_home *h = hvt_home_from(start);

	while (h && h->host < end) {
		uint8_t *from = h->host < start ? start : h->host;
		uint8_t *to = hvt_home_end(h) < end ? hvt_home_end(h) : end;

		uint8_t *rest = hvt_home_end(h);
		bool idle = h->idle;

		hvt_turn_forget(from, to);
		if (!idle)
			ops->mapped(from, (size_t)(to - from), HVT_RAM_GONE);
		if (hvt_home_cut(h, from, to) && !idle)
			ops->mapped(to, (size_t)(rest - to), HVT_RAM_UNTRACKED);
		h = hvt_home_from(to);
	}
}

void hvt_follow_discard(uint8_t *start, uint8_t *end,
		const struct hvt_ram_ops *ops)
{
	struct hvt_home *h = hvt_home_from(start);

	while (h && h->host < end) {
		uint8_t *from = h->host < start ? start : h->host;
		uint8_t *to = hvt_home_end(h) < end ? hvt_home_end(h) : end;

		if (h->rehomed)
			discard(h, (size_t)(from - h->host),
					(size_t)(to - h->host), ops);
		h = hvt_home_from(hvt_home_end(h));
	}
}
