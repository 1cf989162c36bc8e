/* SPDX-License-Identifier: MIT */
/*
 * Keyframes of a trace: from its facts backwards, segment by segment. What they
 * say is hostile like all of a trace.
 */
#include <errno.h>
#include <stdlib.h>

#include "file.h"
#include "keyframe.h"

static bool is_of_keyframes(uint32_t type)
{
	return type == HVT_SEGMENT_PAGES || type == HVT_SEGMENT_KEYFRAME;
}

/* The segment that ends at *at, which goes to where it begins: 1, 0 none. */
static int step_back(const struct hvt_source *s, uint64_t *at,
		struct hvt_head *head)
{
	uint64_t begin;
	int err = hvt_source_find_begin(s, *at, &begin);

	if (!err)
		err = hvt_scan_head(s->fd, begin, head);
	if (!err && hvt_segment_size(head) != *at - begin)
		err = -EBADMSG;
	if (err)
		return err == -ENODATA || hvt_scan_is_damage(err) ? 0 : err;
	*at = begin;
	return is_of_keyframes(head->type);
}

static void turn_round(struct hvt_index *index)
{
	for (size_t i = 0; i < index->count / 2; i++) {
		struct hvt_index_entry *a = &index->entries[i];
		struct hvt_index_entry *b =
				&index->entries[index->count - 1 - i];
		struct hvt_index_entry swapped = *a;

		*a = *b;
		*b = swapped;
	}
}

int hvt_keyframe_segments(struct hvt_source *s, struct hvt_index *segments)
{
	uint64_t at = s->facts_at;
	struct hvt_head head;
	int got = at ? 1 : 0;

	while (got > 0) {
		got = step_back(s, &at, &head);
		if (got > 0) {
			struct hvt_index_entry e = { .offset = at,
				.first = head.type };

			got = hvt_index_add(segments, &e) ? -ENOMEM : 1;
		}
	}
	turn_round(segments);
	return got;
}

/* The payload of the segment at that offset is in s->buffer then. */
static int load(struct hvt_source *s, uint64_t offset, struct hvt_head *head)
{
	int err = hvt_scan_head(s->fd, offset, head);

	if (!err)
		err = hvt_scan_segment(s->fd, offset, head, &s->buffer);
	return err == -ENODATA || hvt_scan_is_damage(err) ? -EBADMSG : err;
}

/* Is the keyframe there at or before event? One that is damaged counts. */
static int try_keyframe(struct hvt_source *s, uint64_t offset, uint64_t event,
		struct hvt_keyframe *k)
{
	struct hvt_head head;
	int err = load(s, offset, &head);

	if (!err)
		err = hvt_keyframe_decode(k, s->buffer.raw, head.raw);
	if (!err && k->event > event)
		err = -ENOENT;
	if (err)
		hvt_keyframe_fini(k);
	return err;
}

int hvt_keyframe_find(struct hvt_trace *trace, uint64_t event, unsigned skip,
		struct hvt_keyframe *k)
{
	struct hvt_source *s = hvt_trace_source(trace);
	struct hvt_index segments = { 0 };
	int err = hvt_keyframe_segments(s, &segments);

	*k = (struct hvt_keyframe){ 0 };
	for (size_t i = segments.count; i-- > 0 && !err;) {
		if (segments.entries[i].first != HVT_SEGMENT_KEYFRAME)
			continue;
		err = try_keyframe(s, segments.entries[i].offset, event, k);
		if (err != -ENOENT && !skip)
			goto out;
		if (err != -ENOENT)
			skip--;
		hvt_keyframe_fini(k);
		err = err == -ENOENT || err == -EBADMSG ? 0 : err;
	}
	err = err ? err : -ENOENT;
out:
	hvt_index_fini(&segments);
	return err;
}

/*
 * Extents in the order of their first pages: those of this segment of pages, or of
 * one before it and this, then those of later ones from next on.
 */
struct putting {
	const struct hvt_keyframe_extent **extents;
	size_t count, begun, next;
	size_t page_size;
	int (*put)(void *context, uint64_t addr, const uint8_t *contents);
	void *context;
	uint64_t done; /* pages that were there */
};

static uint64_t page_number(const struct hvt_keyframe_extent *e)
{
	return e->page & ~HVT_KEYFRAME_PAGE;
}

/* What is both in the extent and in count pages from first, at contents. */
static int put_extent(struct putting *p, const struct hvt_keyframe_extent *e,
		uint64_t first, uint64_t count, const uint8_t *contents)
{
	uint64_t page = page_number(e);
	uint64_t at = page > first ? page : first;
	uint64_t end = page + e->count < first + count ? page + e->count
						       : first + count;
	int err = 0;

	for (; at < end && !err; at++, p->done++)
		err = p->put(p->context, e->addr + (at - page) * p->page_size,
				contents + (at - first) * p->page_size);
	return err;
}

/*
 * Count pages from first on are at contents. What has begun and not ended has some of
 * them: so no extent is looked at more often than it has pages, and once.
 */
static int put_pages(struct putting *p, uint64_t first, uint64_t count,
		const uint8_t *contents)
{
	size_t kept = 0;
	int err = 0;

	while (p->next < p->count &&
			page_number(p->extents[p->next]) < first + count)
		p->extents[p->begun++] = p->extents[p->next++];
	for (size_t i = 0; i < p->begun && !err; i++) {
		const struct hvt_keyframe_extent *e = p->extents[i];

		err = put_extent(p, e, first, count, contents);
		if (page_number(e) + e->count > first + count)
			p->extents[kept++] = e;
	}
	p->begun = kept;
	return err;
}

static int put_segment(struct putting *p, const uint8_t *payload, size_t size,
		uint64_t *last)
{
	uint64_t first = size < HVT_PAGES_HEAD ? 0 : hvt_get64(payload);
	uint64_t count;

	/* Numbers follow one another: none is there twice. */
	if (first != *last + 1 || (size - HVT_PAGES_HEAD) % p->page_size)
		return -EBADMSG;
	count = (size - HVT_PAGES_HEAD) / p->page_size;
	if (!count)
		return -EBADMSG;
	*last += count;
	return put_pages(p, first, count, payload + HVT_PAGES_HEAD);
}

static int compare_extents(const void *a, const void *b)
{
	uint64_t one = page_number(*(const struct hvt_keyframe_extent *const *)a);
	uint64_t other = page_number(*(const struct hvt_keyframe_extent *const *)b);

	return (one > other) - (one < other);
}

/*
 * The extents whose pages are stored for keyframes: how many pages that are, and
 * the highest number of them. -ENOMEM.
 */
static int sort_extents(struct putting *p, const struct hvt_keyframe *k,
		uint64_t *pages, uint64_t *highest)
{
	const size_t size = sizeof(const struct hvt_keyframe_extent *);

	*pages = *highest = 0;
	p->extents = malloc((k->extent_count + 1) * size);
	if (!p->extents)
		return -ENOMEM;
	for (size_t i = 0; i < k->extent_count; i++) {
		const struct hvt_keyframe_extent *e = &k->extents[i];
		uint64_t end = page_number(e) + e->count - 1;

		if (!(e->page & HVT_KEYFRAME_PAGE))
			continue;
		p->extents[p->count++] = e;
		*pages += e->count;
		*highest = end > *highest ? end : *highest;
	}
	qsort(p->extents, p->count, size, compare_extents);
	return 0;
}

int hvt_keyframe_pages(struct hvt_trace *trace, const struct hvt_keyframe *k,
		size_t page_size, int (*put)(void *context, uint64_t addr,
				const uint8_t *contents), void *context)
{
	struct hvt_source *s = hvt_trace_source(trace);
	struct putting p = { .page_size = page_size, .put = put,
		.context = context };
	struct hvt_index segments = { 0 };
	uint64_t highest, count, last = 0;
	int err = sort_extents(&p, k, &count, &highest);

	if (!err)
		err = hvt_keyframe_segments(s, &segments);
	for (size_t i = 0; i < segments.count && !err && last < highest; i++) {
		struct hvt_head head;

		if (segments.entries[i].first != HVT_SEGMENT_PAGES)
			continue;
		err = load(s, segments.entries[i].offset, &head);
		if (!err)
			err = put_segment(&p, s->buffer.raw, head.raw, &last);
	}
	hvt_index_fini(&segments);
	free(p.extents);
	return err || p.done == count ? err : -EBADMSG;
}

int hvt_keyframe_measure(struct hvt_trace *trace, struct hvt_keyframe_sizes *s)
{
	struct hvt_source *source = hvt_trace_source(trace);
	struct hvt_index segments = { 0 };
	int err = hvt_keyframe_segments(source, &segments);

	*s = (struct hvt_keyframe_sizes){ 0 };
	for (size_t i = 0; i < segments.count; i++)
		s->keyframes += segments.entries[i].first ==
				HVT_SEGMENT_KEYFRAME;
	if (segments.count)
		s->bytes = source->facts_at - segments.entries[0].offset;
	hvt_index_fini(&segments);
	return err;
}
