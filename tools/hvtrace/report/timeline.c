/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <string.h>

void timeline_init(struct timeline *t, uint64_t first, uint64_t last)
{
	uint64_t ticks = last > first ? last - first : 0;

	memset(t, 0, sizeof(*t));
	t->first = first;
	t->width = ticks / TIMELINE_COLUMNS + 1;
}

unsigned timeline_lane(uint64_t vcpu)
{
	return vcpu < TIMELINE_LANES ? (unsigned)vcpu : TIMELINE_LANES - 1;
}

static unsigned column(const struct timeline *t, uint64_t tick)
{
	uint64_t c = tick > t->first ? (tick - t->first) / t->width : 0;

	return c < TIMELINE_COLUMNS ? (unsigned)c : TIMELINE_COLUMNS - 1;
}

/* Each column gets what of the time from a to b lies in it. */
static void spread(const struct timeline *t, uint64_t *columns, uint64_t a,
		uint64_t b)
{
	unsigned c = column(t, a);

	while (a < b && c < TIMELINE_COLUMNS) {
		uint64_t end = t->first + (c + 1) * t->width;

		if (end > b || c == TIMELINE_COLUMNS - 1)
			end = b;
		columns[c++] += end > a ? end - a : 0;
		a = end > a ? end : a;
	}
}

void timeline_add(struct timeline *t, const struct exit *x)
{
	struct timeline_lane *lane = &t->lanes[timeline_lane(x->vcpu)];

	t->exits[column(t, x->left)][x->class]++;
	if (x->vcpu == EXIT_VCPU_UNKNOWN)
		return;
	lane->used = true;
	spread(t, lane->guest, x->entered, x->left);
	if (x->back)
		spread(t, lane->vmm, x->left, x->back);
}
