/* SPDX-License-Identifier: MIT */
/* Memory as it comes and goes, and the room as a whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compounds.h"
#include "faults.h"
#include "follow.h"
#include "page.h"
#include "rehome.h"
#include "told.h"
#include "turn.h"
#include "uffd.h"

#define FEATURES                                                       \
	(UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_MISSING_SHMEM |       \
		UFFD_FEATURE_THREAD_ID | UFFD_FEATURE_EVENT_REMAP |    \
		UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP)

static int uffd = -1;

static int take(const struct hvt_mapping *m)
{
	bool private = m->kind == HVT_MAPPING_PRIVATE;
	struct hvt_two_views two;
	int err = private ? hvt_rehome(m, &two) : hvt_second_view(m, &two);
	struct hvt_home home;

	if (err)
		return err;
	home = (struct hvt_home){ .host = m->start,
		.view = two.view,
		.size = (size_t)(m->end - m->start),
		.fd = two.fd,
		.offset = two.offset,
		.prot = m->prot,
		.kind = private ? HVT_RAM_REHOMED : HVT_RAM_SHARED,
		.rehomed = private };
	err = hvt_told_init(&home, hvt_turn_ops());
	if (!err)
		err = hvt_home_add(&home);
	if (err) {
		/* It stays where it is now, and is the VMM's alone. */
		hvt_told_fini(&home);
		munmap(home.view, home.size);
		close(home.fd);
		return err;
	}
	hvt_turn_ops()->mapped(home.host, home.size, home.kind);
	if (private)
		hvt_follow_watch(&home, uffd);
	hvt_turn_adopted(hvt_home_at(m->start));
	return 0;
}

/* Could all of it be followed, as far as can be told by looking at it? */
static bool may_be_taken(const struct hvt_mapping_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].kind == HVT_MAPPING_OTHER)
			return false;
	return list->count > 0;
}

/* Between homes: *taken counts what became one. */
static int take_gap(uint8_t *start, uint8_t *end, size_t *taken)
{
	struct hvt_mapping_list list;
	int err = hvt_mappings_find(&list, start, (size_t)(end - start));

	if (err)
		return err;
	if (!may_be_taken(&list))
		err = -EOPNOTSUPP;
	for (size_t i = 0; i < list.count && !err; i++) {
		err = take(&list.at[i]);
		*taken += !err;
	}
	hvt_mappings_fini(&list);
	return err;
}

static int take_again(struct hvt_home *h)
{
	int err = hvt_follow_again(h, hvt_turn_ops());

	if (!err)
		hvt_turn_adopted(h);
	return err;
}

static int take_all(uint8_t *start, uint8_t *end, size_t *taken)
{
	int err = 0;

	while (start < end && !err) {
		struct hvt_home *h = hvt_home_from(start);
		uint8_t *next = h && h->host < end ? h->host : end;

		if (!h || next > start) {
			err = take_gap(start, next, taken);
			start = next;
			continue;
		}
		next = hvt_home_end(h);
		err = h->idle ? take_again(h) : 0;
		if (!err) {
			++*taken;
			start = next;
		}
		if (err == -ESTALE) /* A gap, by now. */
			err = 0;
	}
	return err;
}

/* Each home from there is mapped wholly, or not at all, once more or less. */
static int split_around(uint8_t *start, uint8_t *end)
{
	int err = hvt_home_split(start);

	return err ? err : hvt_home_split(end);
}

/* Without memory to split them, homes at the ends stay mapped. */
static void count_mapped(uint8_t *start, uint8_t *end, int more)
{
	struct hvt_home *h;

	for (uint8_t *at = start; at < end; at = hvt_home_end(h)) {
		h = hvt_home_from(at);
		if (!h || h->host >= end)
			break;
		if (h->host >= start && hvt_home_end(h) <= end)
			h->mapped += (unsigned)more;
	}
}

/* Has one view of all, as parts of one home have? */
static bool is_in_one_piece(uint8_t *addr, const uint8_t *end)
{
	struct hvt_home *h = hvt_home_at(addr), *next;

	for (; h && hvt_home_end(h) < end; h = next) {
		next = hvt_home_at(hvt_home_end(h));
		if (!next || next->view != h->view + h->size)
			return false;
	}
	return h;
}

static int find_view(uint8_t *addr, size_t size, uint8_t **view)
{
	struct hvt_home *h = hvt_home_at(addr);

	if (!h)
		return -EFAULT;
	if (!is_in_one_piece(addr, addr + size))
		return hvt_compound_take(addr, size, view);
	*view = h->view + (addr - h->host);
	return 0;
}

/* What the guest has nowhere any more is the VMM's alone. Was any followed? */
static bool let_go(uint8_t *start, uint8_t *end)
{
	struct hvt_home *h = hvt_home_from(start);
	bool followed = false;

	while (h && h->host < end) {
		uint8_t *next = hvt_home_end(h);

		if (!h->mapped && !h->idle)
			followed |= hvt_follow_let_go(h, uffd, hvt_turn_ops());
		h = hvt_home_from(next);
	}
	return followed;
}

static int adopt(uint8_t *addr, size_t size, uint8_t **view)
{
	size_t taken = 0;
	int err = take_all(addr, addr + size, &taken);

	*view = addr;
	if (err && err != -ENOMEM && !taken) {
		hvt_turn_ops()->mapped(addr, size, HVT_RAM_UNTRACKED);
		return 0;
	}
	if (err && err != -ENOMEM)
		err = -EOPNOTSUPP;
	if (!err)
		err = split_around(addr, addr + size);
	if (!err)
		err = find_view(addr, size, view);
	if (err)
		(void)let_go(addr, addr + size);
	else
		count_mapped(addr, addr + size, 1);
	return err;
}

int hvt_ram_adopt(void *addr, size_t size, uint8_t **view)
{
	sigset_t mask;
	int err = 0;

	*view = addr;
	hvt_ram_lock(&mask);
	if (hvt_turn_ops()) {
		hvt_faults_catch_up();
		err = adopt(addr, size, view);
	}
	hvt_ram_unlock(&mask);
	return err;
}

void hvt_ram_abandon(const uint8_t *view, size_t size)
{
	sigset_t mask;
	uint8_t *host;

	hvt_ram_lock(&mask);
	if (hvt_turn_ops())
		hvt_faults_catch_up();
	/* What it had is all in one piece. */
	host = hvt_turn_ops() ? hvt_home_host(view) : NULL;
	if (host) {
		hvt_compound_give_up(view, size);
		(void)split_around(host, host + size);
		count_mapped(host, host + size, -1);
		hvt_compounds_free(false);
		if (let_go(host, host + size))
			hvt_turn_was_one();
	}
	hvt_ram_unlock(&mask);
}

void hvt_ram_release(void *addr, size_t size)
{
	uint8_t *start = addr, *end = start + size;
	struct hvt_home *h;
	sigset_t mask;

	hvt_ram_lock(&mask);
	if (hvt_turn_ops()) {
		hvt_faults_catch_up();
		h = split_around(start, end) ? NULL : hvt_home_from(start);
		for (; h && h->host < end; h = hvt_home_from(hvt_home_end(h)))
			h->mapped = 0;
		(void)let_go(start, end);
	}
	hvt_ram_unlock(&mask);
}

uint8_t *hvt_ram_view(const void *addr, size_t size)
{
	const uint8_t *start = addr;
	struct hvt_home *h = hvt_home_at(start);

	return h && size <= (size_t)(hvt_home_end(h) - start)
			? h->view + (start - h->host)
			: NULL;
}

void hvt_ram_write(const void *addr, const uint8_t *bytes, size_t size)
{
	uint8_t *view;
	sigset_t mask;

	hvt_ram_lock(&mask);
	view = hvt_turn_ops() ? hvt_ram_view(addr, size) : NULL;
	if (view)
		memcpy(view, bytes, size);
	hvt_ram_unlock(&mask);
}

int hvt_ram_compare(const void *addr, const uint8_t *bytes, size_t size,
		size_t *offset, uint8_t *found)
{
	const uint8_t *view;
	sigset_t mask;
	int differ;

	hvt_ram_lock(&mask);
	view = hvt_turn_ops() ? hvt_ram_view(addr, size) : NULL;
	differ = view && memcmp(view, bytes, size) != 0;
	for (*offset = 0; differ && view[*offset] == bytes[*offset];)
		++*offset;
	if (differ)
		*found = view[*offset];
	hvt_ram_unlock(&mask);
	return differ;
}

static void stop_following(void)
{
	struct hvt_home *h;

	for (uint8_t *at = NULL; (h = hvt_home_from(at));) {
		at = hvt_home_end(h);
		hvt_follow_end(h, uffd);
	}
	hvt_compounds_free(true);
}

void hvt_ram_reset(void)
{
	sigset_t mask;

	hvt_ram_lock(&mask);
	if (hvt_turn_ops()) {
		hvt_turn_break(HVT_TURN_CALLED);
		hvt_faults_catch_up();
		stop_following();
	}
	hvt_ram_unlock(&mask);
}

int hvt_ram_start(const struct hvt_ram_ops *ops)
{
	sigset_t mask;
	int fd, err = hvt_uffd_open(FEATURES, &fd);

	if (err)
		return err;
	err = hvt_faults_start(fd);
	if (err) {
		close(fd);
		return err;
	}
	hvt_ram_lock(&mask);
	uffd = fd;
	hvt_turn_init(ops, fd);
	hvt_ram_unlock(&mask);
	return 0;
}

/* The homes stay: guests may be using their views to the very end. */
void hvt_ram_stop(void)
{
	sigset_t mask;

	hvt_ram_lock(&mask);
	if (uffd < 0) {
		hvt_ram_unlock(&mask);
		return;
	}
	hvt_turn_init(NULL, -1);
	uffd = -1;
	hvt_ram_unlock(&mask);
	hvt_faults_stop();
}

static sigset_t fork_mask; /* under the lock */

void hvt_ram_before_fork(void)
{
	sigset_t mask;

	hvt_ram_lock(&mask);
	fork_mask = mask;
	if (hvt_turn_ops())
		hvt_faults_catch_up();
}

void hvt_ram_after_fork(void)
{
	sigset_t mask = fork_mask;

	hvt_ram_unlock(&mask);
}

void hvt_ram_in_child(void)
{
	struct hvt_home *h;

	for (size_t i = 0; (h = hvt_home_nth(i)); i++)
		if (h->rehomed)
			hvt_follow_in_child(h);
}
