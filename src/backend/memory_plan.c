/* SPDX-License-Identifier: MIT */
#include "memory_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "memory_log.h"
#include "memory_slots.h"

/* KVM_MEM_MAX_NR_PAGES is 2^31 - 1: stay below, with pages of any size. */
#define SLOT_SIZE_MAX (1ull << 42)

/* So often is the engine asked to take back what it had. */
#define UNDO_TRIES 64

static int push(struct hvt_region_list *list, struct hvt_region *r)
{
	size_t more = list->capacity ? 2 * list->capacity : 8;
	struct hvt_region **at = list->at;

	if (list->count == list->capacity) {
		at = realloc(at, more * sizeof(void *));
		if (!at)
			return -ENOMEM;
		list->at = at;
		list->capacity = more;
	}
	at[list->count++] = r;
	return 0;
}

/* The host memory that will be at c->start, or just before c->end. */
static const uint8_t *host_at(const struct hvt_region_map *map,
	const struct hvt_change *c, uint64_t ipa)
{
	const struct hvt_region *r = hvt_region_find(map, ipa);

	return c->what == HVT_CHANGE_MAP ? c->host + (ipa - c->start)
					 : r->host + (ipa - r->ipa);
}

/* Will r, which ends where the change starts, be one with what is there? */
static bool will_join_start(const struct hvt_region_map *map,
	const struct hvt_change *c, const struct hvt_region *r)
{
	return c->what == HVT_CHANGE_JOIN ||
		(c->what != HVT_CHANGE_UNMAP && r->flags == c->flags &&
			r->host + r->size == host_at(map, c, c->start));
}

static bool will_join_end(const struct hvt_region_map *map,
	const struct hvt_change *c, const struct hvt_region *r)
{
	return c->what == HVT_CHANGE_JOIN ||
		(c->what != HVT_CHANGE_UNMAP && r->flags == c->flags &&
			r->host - 1 == host_at(map, c, c->end - 1));
}

/* Where that begins which the change touches. */
static uint64_t first_touched(
	const struct hvt_region_map *map, const struct hvt_change *c)
{
	struct hvt_region *r = hvt_region_before(map, c->start), *previous;

	if (!r || hvt_region_end(r) < c->start ||
		(hvt_region_end(r) == c->start && !will_join_start(map, c, r)))
		return c->start;
	while (previous = hvt_region_before(map, r->ipa),
		hvt_region_joins(previous, r))
		r = previous;
	return r->ipa;
}

/* And where it ends. */
static uint64_t last_touched(
	const struct hvt_region_map *map, const struct hvt_change *c)
{
	struct hvt_region *r = hvt_region_find(map, c->end), *next;

	if (!r || r->ipa > c->end ||
		(r->ipa == c->end && !will_join_end(map, c, r)))
		return c->end;
	while (next = hvt_region_find(map, hvt_region_end(r)),
		hvt_region_joins(r, next))
		r = next;
	return hvt_region_end(r);
}

static int collect_old(struct hvt_plan *p, const struct hvt_region_map *map,
	const struct hvt_change *c)
{
	uint64_t start = first_touched(map, c), end = last_touched(map, c);
	struct hvt_region *r = hvt_region_find(map, start);
	int err = 0;

	while (r && r->ipa < end && !err) {
		r->kept = false;
		err = push(&p->old, r);
		r = hvt_region_find(map, hvt_region_end(r));
	}
	return err;
}

/* A stretch of what will be there, not yet cut into regions. */
struct stretch {
	uint64_t start, end;
	uint8_t *host;
	hv_memory_flags_t flags;
};

struct builder {
	struct hvt_plan *plan;
	enum hvt_plan_way way;
	struct stretch last; /* may still grow; empty at first */
	int err;
};

static void add_region(struct builder *b, uint64_t start, uint64_t end)
{
	const struct stretch *s = &b->last;

	while (start < end && !b->err) {
		uint64_t size = end - start;
		struct hvt_region *r = calloc(1, sizeof(*r));

		if (size > SLOT_SIZE_MAX)
			size = SLOT_SIZE_MAX;
		if (r) {
			r->ipa = start;
			r->size = size;
			r->host = s->host + (start - s->start);
			r->flags = s->flags;
			r->slot = HVT_NO_SLOT;
		}
		b->err = r ? push(&b->plan->new, r) : -ENOMEM;
		if (b->err)
			free(r);
		start += size;
	}
}

/* What one block of stage 2 maps, where a page is not enough. */
static uint64_t chunk_size(void)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return page / sizeof(uint64_t) * page;
}

static void flush(struct builder *b)
{
	uint64_t start = b->last.start, end = b->last.end;
	uint64_t chunk = chunk_size(), first, last;

	if (b->way != HVT_PLAN_FINE || end - start <= chunk ||
		!hvt_slot_is_due(b->last.flags)) {
		add_region(b, start, end);
		return;
	}
	first = (start + chunk - 1) / chunk * chunk;
	last = end / chunk * chunk;
	add_region(b, start, first);
	add_region(b, first, last);
	add_region(b, last, end);
}

static void emit(struct builder *b, uint64_t start, uint64_t end, uint8_t *host,
	hv_memory_flags_t flags)
{
	struct stretch *s = &b->last;

	if (start >= end)
		return;
	if (s->start < s->end && s->end == start && s->flags == flags &&
		s->host + (start - s->start) == host) {
		s->end = end;
		return;
	}
	flush(b);
	*s = (struct stretch){ start, end, host, flags };
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* What becomes of one region: before, within, and behind the change. */
static void emit_changed(struct builder *b, const struct hvt_change *c,
	const struct hvt_region *r)
{
	uint64_t end = hvt_region_end(r);
	uint64_t from = max(r->ipa, c->start), to = max(r->ipa, c->end);

	emit(b, r->ipa, min(end, c->start), r->host, r->flags);
	if (c->what != HVT_CHANGE_UNMAP)
		emit(b, from, min(end, c->end), r->host + (from - r->ipa),
			c->what == HVT_CHANGE_PROTECT ? c->flags : r->flags);
	emit(b, to, end, r->host + (to - r->ipa), r->flags);
}

static int build_new(
	struct hvt_plan *p, const struct hvt_change *c, enum hvt_plan_way way)
{
	struct builder b = { .plan = p, .way = way };
	size_t i = 0;

	while (c->what == HVT_CHANGE_MAP && i < p->old.count &&
		p->old.at[i]->ipa < c->start)
		emit_changed(&b, c, p->old.at[i++]);
	if (c->what == HVT_CHANGE_MAP)
		emit(&b, c->start, c->end, c->host, c->flags);
	while (i < p->old.count)
		emit_changed(&b, c, p->old.at[i++]);
	flush(&b);
	return b.err;
}

static bool same(const struct hvt_region *a, const struct hvt_region *b)
{
	return a->ipa == b->ipa && a->size == b->size && a->host == b->host &&
		a->flags == b->flags;
}

/* Finds what stays as it is, and counts what does not. */
static void compare(struct hvt_plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->old.count; i++) {
		struct hvt_region *r = p->old.at[i];

		while (n < p->new.count && p->new.at[n]->ipa < r->ipa)
			n++;
		r->kept = n < p->new.count &&same(r, p->new.at[n]);
		if (r->kept)
			p->new.at[n]->kept = true;
		else
			p->freed += r->slot != HVT_NO_SLOT;
	}
	for (n = 0; n < p->new.count; n++)
		p->made += !p->new.at[n]->kept &&hvt_slot_is_due(
			p->new.at[n]->flags);
}

int hvt_plan_make(struct hvt_plan *p, const struct hvt_region_map *map,
	const struct hvt_change *c, enum hvt_plan_way way)
{
	int err = 0;

	*p = (struct hvt_plan){ 0 };
	if (way != HVT_PLAN_ADD)
		err = collect_old(p, map, c);
	if (!err)
		err = build_new(p, c, way);
	if (!err)
		compare(p);
	return err;
}

void hvt_plan_fini(struct hvt_plan *p)
{
	for (size_t i = 0; i < p->new.count; i++)
		free(p->new.at[i]);
	free(p->new.at);
	free(p->old.at);
	*p = (struct hvt_plan){ 0 };
}

bool hvt_plan_fits(const struct hvt_plan *p)
{
	return p->made <= p->freed + hvt_slots_free();
}

bool hvt_plan_needs_pause(const struct hvt_plan *p)
{
	/* Nor may it write between the end of a log and that of its slot. */
	return p->freed && (p->made || hvt_memory_is_logged);
}

/* One try; how many regions are not as they were. */
static size_t put_back(struct hvt_plan *p)
{
	size_t wrong = 0;

	for (size_t i = 0; i < p->new.count; i++)
		wrong += hvt_slot_detach(p->new.at[i]) != 0;
	for (size_t i = 0; i < p->old.count; i++)
		if (p->old.at[i]->slot == HVT_NO_SLOT)
			wrong += hvt_slot_attach(p->old.at[i]) != 0;
	return wrong;
}

/*
 * The engine had all that a moment ago: if it has no memory for it now, it
 * will in another moment.
 */
static size_t undo(struct hvt_plan *p)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	size_t wrong = put_back(p);

	for (unsigned i = 1; i < UNDO_TRIES && wrong; i++) {
		nanosleep(&moment, NULL);
		wrong = put_back(p);
	}
	return wrong;
}

int hvt_plan_carry_out(struct hvt_plan *p, size_t *lost)
{
	int err = 0;

	for (size_t i = 0; i < p->old.count && !err; i++)
		if (!p->old.at[i]->kept)
			err = hvt_slot_detach(p->old.at[i]);
	for (size_t i = 0; i < p->new.count && !err; i++)
		if (!p->new.at[i]->kept)
			err = hvt_slot_attach(p->new.at[i]);
	*lost = err ? undo(p) : 0;
	return err;
}

void hvt_plan_publish(struct hvt_plan *p, struct hvt_region_map *map)
{
	for (size_t i = 0; i < p->old.count; i++) {
		if (p->old.at[i]->kept)
			continue;
		hvt_region_erase(map, p->old.at[i]);
		free(p->old.at[i]);
	}
	for (size_t i = 0; i < p->new.count; i++) {
		if (p->new.at[i]->kept)
			continue;
		hvt_region_insert(map, p->new.at[i]);
		p->new.at[i] = NULL;
	}
	p->old.count = 0;
}
