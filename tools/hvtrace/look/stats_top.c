/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats.h"

static uint32_t take(const struct tally *t, struct stats_top *top, uint32_t max)
{
	struct tally_entry entries[STATS_TOP_MAX];
	uint32_t n = tally_top(
			t, entries, max < STATS_TOP_MAX ? max : STATS_TOP_MAX);

	for (uint32_t i = 0; i < n; i++)
		top[i] = (struct stats_top){ entries[i].key, entries[i].count,
			"" };
	return n;
}

uint32_t stats_top_pcs(
		const struct stats *s, struct stats_top *top, uint32_t max)
{
	uint32_t n = take(&s->pcs, top, max);

	for (uint32_t i = 0; i < n; i++)
		symbols_format(&s->names->symbols, top[i].key, top[i].label,
				STATS_LABEL_MAX);
	return n;
}

uint32_t stats_top_addresses(
		const struct stats *s, struct stats_top *top, uint32_t max)
{
	uint32_t n = take(&s->addresses, top, max);

	for (uint32_t i = 0; i < n; i++) {
		const struct device *d = device_map_find(
				&s->names->devices, top[i].key);
		char name[40] = "";

		if (d)
			device_register_name(d, top[i].key, name, sizeof(name));
		if (d)
			snprintf(top[i].label, STATS_LABEL_MAX, "%s%s%s",
					d->name, *name ? " " : "", name);
	}
	return n;
}
