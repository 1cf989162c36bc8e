/* SPDX-License-Identifier: MIT */
/* The rows of stats.h, by key. */
#ifndef HVTRACE_STATS_TABLE_H
#define HVTRACE_STATS_TABLE_H

#include "stats.h"

int stats_table_init(struct stats_table *t, const enum stats_by *by,
		unsigned parts);
void stats_table_fini(struct stats_table *t);

/* The row that the exit belongs to, a new one perhaps; NULL: no memory. */
struct stats_row *stats_table_row(struct stats_table *t,
		const struct stats_names *names, const struct exit *exit);

/* The rows by count, the highest first. Their index is of no use then. */
void stats_table_sort(struct stats_table *t);

#endif
