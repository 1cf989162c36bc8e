/* SPDX-License-Identifier: MIT */
/* Keyframes of a guest that is played, into its trace. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyframe_state.h"
#include "page.h"
#include "page_store.h"

struct hvt_keyframes {
	struct hvt_keyframe_writer *writer;
	struct hvt_page_store *store; /* made with the first guest */
	uint64_t told;  /* pages of the trace that the store knows */
	uint64_t *pages; /* by number of the store, less one: as in extents */
	size_t count, capacity;
};

static int says(struct hvt_error *e, int err)
{
	const char *text = strerror(-err);

	if (err == -EBUSY)
		text = "it is being written, or given keyframes by another "
		       "process";
	if (err == -EEXIST)
		text = "the file .indexing beside it is a link, or somebody "
		       "else's: remove it";
	if (err == -EAGAIN)
		text = "it was not closed: `hvtrace recover` does that";
	if (err == -EBADMSG)
		text = "it is damaged, and cannot be written anew: `hvtrace "
		       "verify` tells where";
	if (err == -EIO)
		text = "the state of the guest cannot be read on this host";
	if (err && e) {
		*e = (struct hvt_error){ .code = err };
		snprintf(e->text, sizeof(e->text), "%s", text);
	}
	return err;
}

int hvt_keyframes_open(struct hvt_keyframes **keyframes, const char *path,
		struct hvt_error *e)
{
	struct hvt_keyframes *k = calloc(1, sizeof(*k));
	int err = k ? hvt_keyframe_writer_open(&k->writer, path) : -ENOMEM;

	if (err)
		free(k);
	else
		*keyframes = k;
	return says(e, err);
}

static int keep_number(struct hvt_keyframes *k, uint64_t page)
{
	if (k->count == k->capacity) {
		size_t more = k->capacity ? 2 * k->capacity : 1024;
		uint64_t *pages = realloc(k->pages, more * sizeof(*pages));

		if (!pages)
			return -ENOMEM;
		k->pages = pages;
		k->capacity = more;
	}
	k->pages[k->count++] = page;
	return 0;
}

/* What the trace has itself by now is not stored again. */
static int learn_told(struct hvt_keyframes *k, const struct hvt_page_pool *pool)
{
	int err = 0;

	while (k->told < pool->count && !err) {
		const uint8_t *page = hvt_page_pool_get(pool, ++k->told);
		uint64_t number;

		if (hvt_page_store_number(k->store, page, &number))
			err = keep_number(k, k->told);
	}
	return err;
}

/* The page at addr, unless it is zeros; its contents, unless they are there. */
static int add_page(struct hvt_keyframes *k, struct hvt_keyframe *frame,
		uint64_t addr, const uint8_t *page, size_t size)
{
	uint64_t number, stored;
	int err = 0;

	if (hvt_page_store_number(k->store, page, &number)) {
		err = hvt_keyframe_writer_page(k->writer, page, &stored);
		if (!err)
			err = keep_number(k, stored);
	}
	return err || !number ? err
			      : hvt_keyframe_add_page(frame, addr,
					k->pages[number - 1], size);
}

static int compare_pieces(const void *a, const void *b)
{
	const struct hvt_space_piece *one = a, *other = b;

	return (one->addr > other->addr) - (one->addr < other->addr);
}

/* All memory that the guest has had, by address; the order is of no meaning. */
static int add_memory(struct hvt_keyframes *k, struct hvt_guest *g,
		struct hvt_keyframe *frame)
{
	struct hvt_space *s = &g->memory.space;
	int err = learn_told(k, &g->memory.pages);

	qsort(s->pieces, s->piece_count, sizeof(*s->pieces), compare_pieces);
	for (size_t i = 0; i < s->piece_count && !err; i++) {
		const struct hvt_space_piece *p = &s->pieces[i];
		const uint8_t *at = hvt_space_find(s, p->addr, p->size);

		for (uint64_t n = 0; n < p->size && !err; n += s->page_size)
			err = add_page(k, frame, p->addr + n, at + n,
					s->page_size);
	}
	return err;
}

int hvt_keyframes_add(struct hvt_keyframes *k, struct hvt_guest *g,
		struct hvt_error *e)
{
	struct hvt_keyframe frame = { 0 };
	int err = 0;

	if (g->diverged || g->trouble.code)
		return says(e, -EINVAL);
	if (!k->store)
		err = hvt_page_store_create(&k->store,
				g->memory.pages.page_size);
	if (!err)
		err = hvt_keyframe_take(g, &frame);
	if (!err)
		err = add_memory(k, g, &frame);
	if (!err)
		err = hvt_keyframe_writer_add(k->writer, &frame);
	hvt_keyframe_fini(&frame);
	return says(e, err);
}

int hvt_keyframes_close(struct hvt_keyframes *k, bool keep, struct hvt_error *e)
{
	int err = hvt_keyframe_writer_close(k->writer, keep);

	hvt_page_store_destroy(k->store);
	free(k->pages);
	free(k);
	return says(e, err);
}

int hvt_trace_keyframe(struct hvt_trace *trace, uint64_t *event)
{
	struct hvt_keyframe k;
	int err;

	for (unsigned skip = 0;; skip++) {
		err = hvt_keyframe_find(trace, *event, skip, &k);
		if (err != -EBADMSG)
			break;
	}
	if (!err)
		*event = k.event;
	hvt_keyframe_fini(&k);
	return err;
}

int hvt_trace_keyframe_bytes(struct hvt_trace *trace, uint64_t *count,
		uint64_t *bytes)
{
	struct hvt_keyframe_sizes sizes;
	int err = hvt_keyframe_measure(trace, &sizes);

	*count = sizes.keyframes;
	*bytes = sizes.bytes;
	return err;
}

struct comparing {
	struct hvt_guest *guest;
	uint64_t named; /* pages that the keyframe has contents of */
	bool differs;
};

static int compare_page(void *context, uint64_t addr, const uint8_t *contents)
{
	struct comparing *c = context;
	size_t size = c->guest->memory.pages.page_size;
	const uint8_t *now = hvt_space_find(&c->guest->memory.space, addr, size);

	c->named++;
	c->differs |= !now || memcmp(now, contents, size) != 0;
	return 0;
}

/* Pages that are not zeros: no more of them than the keyframe has. */
static uint64_t count_pages(const struct hvt_space *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->piece_count; i++) {
		const struct hvt_space_piece *p = &s->pieces[i];
		const uint8_t *at = hvt_space_find(s, p->addr, p->size);

		for (uint64_t n = 0; n < p->size; n += s->page_size)
			count += !hvt_is_zero(at + n, s->page_size);
	}
	return count;
}

static bool same_state(const struct hvt_keyframe *a,
		const struct hvt_keyframe *b)
{
	return a->reg_count == b->reg_count && a->gic_size == b->gic_size &&
			(!a->reg_count || !memcmp(a->regs, b->regs,
				a->reg_count * sizeof(*a->regs))) &&
			(!a->gic_size || !memcmp(a->gic, b->gic, a->gic_size));
}

int hvt_guest_is_keyframe(struct hvt_guest *g, struct hvt_error *e)
{
	struct comparing c = { .guest = g };
	struct hvt_keyframe there = { 0 }, here = { 0 };
	int err = hvt_keyframe_find(g->trace, g->status.events, 0, &there);

	if (!err && there.event != g->status.events)
		err = -ENOENT;
	if (!err)
		err = hvt_keyframe_take(g, &here);
	if (!err)
		err = hvt_keyframe_each_page(g, &there, compare_page, &c);
	if (!err && c.named != count_pages(&g->memory.space))
		c.differs = true;
	if (!err && !same_state(&here, &there))
		c.differs = true;
	hvt_keyframe_fini(&there);
	hvt_keyframe_fini(&here);
	return err ? says(e, err) : !c.differs;
}
