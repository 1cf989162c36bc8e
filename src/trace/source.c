/* SPDX-License-Identifier: MIT */
/*
 * A closed trace is found by its end: three reads reach any event (the end,
 * an index, the segment). One that was not closed is walked once, head by
 * head, when it is opened.
 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log_tail.h"

/* A full index is hardly larger, packed. */
#define INDEX_SIZE 32768u

int hvt_source_find_begin(const struct hvt_source *s, uint64_t end,
		uint64_t *begin)
{
	uint8_t tail[HVT_TAIL_SIZE];
	uint64_t length;
	ssize_t n;

	if (end < s->begin + HVT_HEAD_SIZE + HVT_TAIL_SIZE)
		return -ENODATA;
	n = hvt_file_read(s->fd, tail, sizeof(tail), end - sizeof(tail));
	if (n < 0)
		return (int)n;
	if (n < (ssize_t)sizeof(tail) || hvt_get32(tail) != HVT_TAIL_FRAME)
		return -ENODATA;
	length = hvt_get64(tail + 8);
	if (length > end - s->begin)
		return -ENODATA;
	*begin = end - length;
	return 0;
}

/* The facts stand before the end; a trace without them is none the worse. */
static int find_facts(struct hvt_source *s, uint64_t end)
{
	struct hvt_head head;
	uint64_t at;
	int err = hvt_source_find_begin(s, end, &at);

	if (!err)
		err = hvt_scan_head(s->fd, at, &head);
	if (!err && head.type == HVT_SEGMENT_FACTS)
		s->facts_at = at;
	return err == -ENODATA || hvt_scan_is_damage(err) ? 0 : err;
}

static int load_end(struct hvt_source *s, uint64_t size)
{
	struct hvt_head head;
	uint64_t at;
	int err = hvt_source_find_begin(s, size, &at);

	if (err)
		return err;
	err = hvt_scan_head(s->fd, at, &head);
	if (!err)
		err = hvt_scan_segment(s->fd, at, &head, &s->buffer);
	if (!err && head.type != HVT_SEGMENT_END)
		err = -ENODATA;
	if (!err)
		err = hvt_index_decode(&s->root, s->buffer.raw, head.raw);
	if (err) {
		hvt_index_fini(&s->root);
		return hvt_scan_is_damage(err) ? -ENODATA : err;
	}
	s->end = size;
	s->next = head.first;
	s->last_tick = head.last_tick;
	s->by_index = true;
	s->state = HVT_TRACE_CLOSED;
	return find_facts(s, at);
}

static int note(struct hvt_source *s, const struct hvt_head *h, uint64_t offset)
{
	struct hvt_index_entry e = { .offset = offset, .first = h->first,
		.exits = h->exits, .first_tick = h->first_tick,
		.threads = h->threads };

	if (h->type == HVT_SEGMENT_END)
		s->state = HVT_TRACE_CLOSED;
	if (h->type == HVT_SEGMENT_FACTS)
		s->facts_at = offset;
	if (h->type != HVT_SEGMENT_EVENTS)
		return 0;
	s->next = h->first + h->count;
	s->last_tick = h->last_tick;
	return hvt_index_add(&s->segments, &e);
}

/* Heads from s->end on; damaged stretches are passed over. */
static int walk(struct hvt_source *s, uint64_t size)
{
	struct hvt_head head;
	uint64_t offset;
	int err = 0;

	while (s->end < size) {
		offset = s->end;
		err = hvt_scan_head(s->fd, offset, &head);
		if (!err && memcmp(head.id, s->id, sizeof(head.id)) != 0)
			err = -EBADMSG;
		if (hvt_scan_is_damage(err))
			err = hvt_scan_find(s->fd, s->id, offset + 1, &offset, &head);
		if (err || offset > size ||
				hvt_segment_size(&head) > size - offset)
			break;
		err = note(s, &head, offset);
		if (err)
			break;
		s->end = offset + hvt_segment_size(&head);
	}
	return err == -ENODATA ? 0 : err;
}

static uint64_t file_size(const struct hvt_source *s)
{
	struct stat st;

	return fstat(s->fd, &st) || st.st_size < 0 ? 0 : (uint64_t)st.st_size;
}

int hvt_source_refresh(struct hvt_source *s)
{
	uint64_t before = s->end, events = s->tail.count;
	bool live;
	int err;

	if (s->state == HVT_TRACE_CLOSED)
		return 0;
	live = hvt_log_tail_ask(s);
	s->state = live ? HVT_TRACE_LIVE : HVT_TRACE_OPEN;
	s->tail.count = 0;
	err = walk(s, file_size(s));
	if (!err && s->state == HVT_TRACE_OPEN)
		err = hvt_log_tail_load(s);
	if (err)
		return err;
	return s->end != before || s->tail.count != events;
}

int hvt_source_open(struct hvt_source *s, int fd, const char *path,
		const struct hvt_head *meta, const struct hvt_calls_text *calls)
{
	uint64_t begin = hvt_segment_size(meta);
	int err;

	*s = (struct hvt_source){ .fd = fd, .begin = begin, .end = begin,
		.next = meta->first, .state = HVT_TRACE_OPEN, .calls = calls };
	memcpy(s->id, meta->id, sizeof(s->id));
	s->path = strdup(path);
	if (!s->path)
		return -ENOMEM;
	err = load_end(s, file_size(s));
	if (err == -ENODATA)
		err = hvt_source_refresh(s);
	if (err < 0)
		hvt_source_close(s);
	return err < 0 ? err : 0;
}

void hvt_source_close(struct hvt_source *s)
{
	hvt_index_fini(&s->segments);
	hvt_index_fini(&s->root);
	hvt_index_fini(&s->leaf);
	hvt_decoded_fini(&s->tail);
	free(s->tail_data);
	hvt_segment_buffer_fini(&s->buffer);
	free(s->path);
}

/* Is the entry at or before what is sought? For exits: does it end before? */
static bool is_before(const struct hvt_index_entry *e, enum hvt_seek by,
		uint64_t value)
{
	switch (by) {
	case HVT_SEEK_EVENT:
		return e->first <= value;
	case HVT_SEEK_EXIT:
		return e->exits <= value;
	case HVT_SEEK_TICK:
		return e->first_tick < value;
	}
	return false;
}

/* The entry to go to, or -ERANGE. */
static int search(const struct hvt_index *index, enum hvt_seek by,
		uint64_t value, size_t *at)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (is_before(&index->entries[middle], by, value))
			low = middle + 1;
		else
			high = middle;
	}
	/* Exits: the first that goes further; else the last that does not. */
	if (by == HVT_SEEK_EXIT) {
		*at = low;
		return low == index->count ? -ERANGE : 0;
	}
	*at = low ? low - 1 : 0;
	return index->count ? 0 : -ERANGE;
}

static int load_leaf(struct hvt_source *s, uint64_t offset)
{
	uint64_t left = s->end > offset ? s->end - offset : 0;
	struct hvt_head head;
	int err;

	if (s->leaf_at == offset)
		return 0;
	s->leaf.count = 0;
	s->leaf_at = 0;
	err = hvt_scan_whole(s->fd, offset, left < INDEX_SIZE ? left : INDEX_SIZE,
			&head, &s->buffer);
	if (!err && head.type != HVT_SEGMENT_INDEX)
		err = -EBADMSG;
	if (!err)
		err = hvt_index_decode(&s->leaf, s->buffer.raw, head.raw);
	if (!err)
		s->leaf_at = offset;
	return err;
}

/* Where the index is damaged the heads tell the same, with more reading. */
static int do_without_index(struct hvt_source *s)
{
	uint64_t end = s->end;
	int err;

	s->end = s->begin;
	s->segments.count = 0;
	err = walk(s, end);
	s->end = end;
	s->by_index = err != 0;
	return err;
}

int hvt_source_find(struct hvt_source *s, enum hvt_seek by, uint64_t value,
		struct hvt_index_entry *entry)
{
	const struct hvt_index *index = &s->segments;
	size_t at;
	int err;

	if (s->by_index) {
		err = search(&s->root, by, value, &at);
		if (!err)
			err = load_leaf(s, s->root.entries[at].offset);
		if (hvt_scan_is_damage(err) || err == -ENODATA)
			err = do_without_index(s);
		if (err)
			return err;
		if (s->by_index)
			index = &s->leaf;
	}
	err = search(index, by, value, &at);
	if (!err)
		*entry = index->entries[at];
	return err;
}
