/* SPDX-License-Identifier: MIT */
/*
 * Every byte of a trace: each segment is read and decoded, its place in the
 * chain checked, and indexes held to the segments they are of.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "source.h"

struct check {
	struct hvt_source *source;
	struct hvt_verdict *verdict;
	void (*told)(const struct hvt_error *e, void *context);
	void *context;
	struct hvt_decoded events;
	struct hvt_segment_buffer buffer;
	struct hvt_index leaf, root; /* as they should be */
	struct hvt_head before;      /* of the segment before */
	uint64_t offset;
	bool behind_damage; /* numbers may jump, and indexes cannot be told */
	bool lost_some;
};

static void tell(struct check *c, int code, const char *text)
{
	struct hvt_error e = { .code = code, .offset = c->offset,
		.event = c->before.first + c->before.count };

	snprintf(e.text, sizeof(e.text), "%s", text);
	c->verdict->damaged++;
	c->told(&e, c->context);
}

static void tell_events(const struct check *c, const struct hvt_decoded *d)
{
	if (c->source->seen && d->count)
		c->source->seen(d->events, d->count, c->source->seen_context);
}

static uint64_t exits_in(const struct hvt_decoded *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->count; i++)
		n += d->events[i].kind == HVT_EVENT_LEAVE &&
				d->events[i].call == HVT_CALL_HV_VCPU_RUN;
	return n;
}

/* Does the segment follow the one before it? */
static bool is_linked(const struct check *c, const struct hvt_head *h)
{
	const struct hvt_head *b = &c->before;

	if (c->behind_damage)
		return true;
	if (!c->offset)
		return !h->ordinal && !h->chain;
	return h->ordinal == b->ordinal + 1 && h->chain == b->hash &&
			h->first == b->first + b->count &&
			b->type != HVT_SEGMENT_END;
}

/* Is the payload of an index what the segments since the last one make? */
static int check_index(struct check *c, const struct hvt_head *h,
		struct hvt_index *want)
{
	size_t size;
	uint8_t *payload;
	bool same;

	/* A segment that cannot be read has an entry nevertheless. */
	if (c->lost_some)
		return 0;
	payload = hvt_index_encode(want, &size);
	if (!payload)
		return -ENOMEM;
	same = size == h->raw && !memcmp(payload, c->buffer.raw, size);
	free(payload);
	return same ? 0 : -EBADMSG;
}

static int end_leaf(struct check *c, const struct hvt_head *h)
{
	int err = check_index(c, h, &c->leaf);
	struct hvt_index_entry e;

	if (err || !c->leaf.count)
		return err;
	e = hvt_index_whole(&c->leaf, c->offset);
	c->leaf.count = 0;
	return hvt_index_add(&c->root, &e);
}

static int check_events(struct check *c, const struct hvt_head *h)
{
	struct hvt_index_entry e = { .offset = c->offset, .first = h->first,
		.exits = h->exits, .first_tick = h->first_tick,
		.threads = h->threads };
	int err = hvt_columns_decode(&c->events, c->buffer.raw, h->raw,
			(uint32_t)h->count, h->first, h->first_tick);
	uint64_t exits = exits_in(&c->events);

	if (!err)
		err = hvt_index_add(&c->leaf, &e);
	if (err)
		return err;
	c->verdict->events += h->count;
	if (c->source->progress)
		c->source->progress(c->verdict->events,
				c->source->progress_context);
	c->verdict->exits += exits;
	tell_events(c, &c->events);
	return !c->behind_damage && h->exits != c->before.exits + exits
			? -EBADMSG : 0;
}

/* The whole segment at the offset: 0, -errno. */
static int check_segment(struct check *c, struct hvt_head *h)
{
	int err = hvt_scan_head(c->source->fd, c->offset, h);

	if (!err)
		err = hvt_scan_segment(c->source->fd, c->offset, h, &c->buffer);
	if (!err && memcmp(h->id, c->source->id, sizeof(h->id)) != 0)
		err = -EBADMSG;
	if (!err && h->type == HVT_SEGMENT_EVENTS)
		err = check_events(c, h);
	else if (!err && h->type == HVT_SEGMENT_INDEX)
		err = end_leaf(c, h);
	else if (!err && h->type == HVT_SEGMENT_END)
		err = check_index(c, h, &c->root);
	return err;
}

static int check_next(struct check *c, uint64_t size)
{
	struct hvt_head h;
	uint64_t offset;
	int err = check_segment(c, &h);

	if (!err) {
		if (!is_linked(c, &h))
			tell(c, -EBADMSG, "something is missing before this "
					"segment");
		c->before = h;
		c->behind_damage = false;
		c->verdict->segments++;
		if (h.stall > c->verdict->stall_ns)
			c->verdict->stall_ns = h.stall;
		c->offset += hvt_segment_size(&h);
		return 0;
	}
	if (!hvt_scan_is_damage(err))
		return err;
	tell(c, -EBADMSG, "a segment is damaged");
	c->behind_damage = c->lost_some = true;
	err = hvt_scan_find(c->source->fd, c->source->id, c->offset + 1, &offset, &h);
	c->offset = err ? size : offset;
	return err == -ENODATA ? 0 : err;
}

/* What is in the log only, or should be. */
static int check_tail(struct check *c, int err)
{
	const struct hvt_source *s = c->source;

	if (err && err != -ENODATA)
		return err;
	if (err && c->before.type == HVT_SEGMENT_END)
		tell(c, -EBADMSG, "something follows the end");
	if (s->log_damaged)
		tell(c, -EBADMSG, "its write-ahead log (.wal) is damaged");
	c->verdict->events += s->tail.count;
	c->verdict->exits += exits_in(&s->tail);
	tell_events(c, &s->tail);
	if (c->verdict->damaged)
		return -EBADMSG;
	if (s->state == HVT_TRACE_LIVE || s->has_log ||
			c->before.type == HVT_SEGMENT_END)
		return 0;
	tell(c, -ENODATA, "the trace has no end");
	return -ENODATA;
}

int hvt_trace_verify(struct hvt_trace *t, struct hvt_verdict *v,
		void (*told)(const struct hvt_error *e, void *context),
		void *context)
{
	struct check c = { .source = hvt_trace_source(t), .verdict = v,
		.told = told, .context = context,
		.events.calls = hvt_trace_calls(t) };
	struct stat st;
	uint64_t size;
	int err = 0;

	*v = (struct hvt_verdict){ 0 };
	if (fstat(c.source->fd, &st))
		return -errno;
	/* A living recorder may have written more meanwhile. */
	size = c.source->state == HVT_TRACE_LIVE ? c.source->end
						 : (uint64_t)st.st_size;
	while (!err && c.offset < size)
		err = check_next(&c, size);
	err = check_tail(&c, err);
	hvt_decoded_fini(&c.events);
	hvt_segment_buffer_fini(&c.buffer);
	hvt_index_fini(&c.leaf);
	hvt_index_fini(&c.root);
	return err;
}
