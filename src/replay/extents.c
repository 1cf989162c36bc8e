/* SPDX-License-Identifier: MIT */
#include "extents.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

/* What overlaps is the same: of those in the tree no two do. */
static int compare(const void *a, const void *b)
{
	const struct hvt_extent_of *x = a, *y = b;

	if (x->last < y->start)
		return -1;
	return x->start > y->last;
}

static int insert(struct hvt_extents *e, const struct hvt_extent_of *extent)
{
	struct hvt_extent_of *copy = malloc(sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *extent;
	if (tsearch(copy, &e->root, compare))
		return 0;
	free(copy);
	return -ENOMEM;
}

static struct hvt_extent_of *overlapping(const struct hvt_extents *e,
		const struct hvt_extent_of *extent)
{
	void *const *found = tfind(extent, &e->root, compare);

	return found ? *found : NULL;
}

/* Leaves of old what is outside of extent. */
static int cut(struct hvt_extents *e, struct hvt_extent_of *old,
		const struct hvt_extent_of *extent)
{
	struct hvt_extent_of before = *old, behind = *old;
	int err = 0;

	(void)tdelete(old, &e->root, compare);
	free(old);
	if (before.start < extent->start) {
		before.last = extent->start - 1;
		err = insert(e, &before);
	}
	if (!err && behind.last > extent->last) {
		behind.start = extent->last + 1;
		err = insert(e, &behind);
	}
	return err;
}

int hvt_extents_set(struct hvt_extents *e, uint64_t start, uint64_t size,
		uint64_t value, uint64_t since)
{
	const struct hvt_extent_of extent = { start, start + (size - 1), start,
		value, since };
	struct hvt_extent_of *old;
	int err = 0;

	while (!err && (old = overlapping(e, &extent)))
		err = cut(e, old, &extent);
	return err ? err : insert(e, &extent);
}

const struct hvt_extent_of *hvt_extents_find(const struct hvt_extents *e,
		uint64_t at)
{
	const struct hvt_extent_of point = { .start = at, .last = at };

	return overlapping(e, &point);
}

struct walk {
	void (*each)(const struct hvt_extent_of *extent, void *context);
	void *context;
};

static void visit(const void *node, VISIT when, void *context)
{
	const struct walk *w = context;

	if (when == postorder || when == leaf)
		w->each(*(const struct hvt_extent_of *const *)node, w->context);
}

void hvt_extents_each(const struct hvt_extents *e,
		void (*each)(const struct hvt_extent_of *extent, void *context),
		void *context)
{
	struct walk w = { each, context };

	twalk_r(e->root, visit, &w);
}

void hvt_extents_clear(struct hvt_extents *e)
{
	tdestroy(e->root, free);
	e->root = NULL;
}
