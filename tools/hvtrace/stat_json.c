/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "stat_view.h"

static void put_number(struct out *o, const char *key, uint64_t value)
{
	out_format(o, ",\"%s\":%" PRIu64, key, value);
}

static void put_string(struct out *o, const char *key, const char *value)
{
	out_format(o, "\"%s\":", key);
	out_json_string(o, value);
}

static void put_times(struct out *o, const struct stat_view *v,
		const char *key, const struct histogram *h)
{
	static const struct {
		const char *key;
		double share;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 },
		{ "p999", 0.999 }, { "max", 1 } };

	out_format(o, ",\"%s\":{\"count\":%" PRIu64, key, h->count);
	out_format(o, ",\"sum\":%.0f", stat_ns(v->walk, (double)h->sum));
	out_format(o, ",\"min\":%.0f", stat_ns(v->walk, (double)h->min));
	out_format(o, ",\"mean\":%.0f", stat_ns(v->walk, histogram_mean(h)));
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		out_format(o, ",\"%s\":%.0f", quantiles[i].key,
				stat_ns(v->walk, (double)histogram_quantile(
						h, quantiles[i].share)));
	out_char(o, '}');
}

static void put_row(struct out *o, const struct stat_view *v,
		const struct stats_table *t, const struct stats_row *row)
{
	out_char(o, '{');
	for (unsigned p = 0; p < t->parts; p++) {
		put_string(o, stats_by_name(t->by[p]), row->label[p]);
		out_char(o, ',');
	}
	out_format(o, "\"count\":%" PRIu64, row->guest.count);
	put_number(o, "calls", row->calls);
	put_number(o, "reg_calls", row->reg_calls);
	put_times(o, v, "guest_ns", &row->guest);
	put_times(o, v, "vmm_ns", &row->vmm);
	out_char(o, '}');
}

static void put_table(struct out *o, const struct stat_view *v,
		const char *key, const struct stats_table *t)
{
	out_format(o, ",\"%s\":[", key);
	for (uint32_t i = 0; i < t->count; i++) {
		if (i)
			out_char(o, ',');
		put_row(o, v, t, t->rows[i]);
	}
	out_char(o, ']');
}

static void put_top(struct out *o, const char *key, const char *number,
		const struct stats_top *top, uint32_t n)
{
	out_format(o, ",\"%s\":[", key);
	for (uint32_t i = 0; i < n; i++) {
		out_format(o, "%s{\"%s\":%" PRIu64 ",", i ? "," : "", number,
				top[i].key);
		put_string(o, "name", top[i].label);
		put_number(o, "count", top[i].count);
		out_char(o, '}');
	}
	out_char(o, ']');
}

static void put_calls(struct out *o, const struct stat_view *v)
{
	const char *comma = "";

	out_text(o, ",\"functions\":[");
	for (uint32_t i = 0; i < STATS_CALLS; i++) {
		const struct stats_call *c = &v->stats->calls[i];

		if (!c->events)
			continue;
		out_format(o, "%s{", comma);
		put_string(o, "name", hvt_trace_call(v->walk->trace, i)->name);
		put_number(o, "events", c->events);
		put_number(o, "bytes", c->bytes);
		out_char(o, '}');
		comma = ",";
	}
	out_char(o, ']');
}

static void put_totals(struct out *o, const struct stat_view *v)
{
	const struct stats *s = v->stats;
	uint64_t ticks = s->last_tick - s->first_tick;

	out_char(o, '{');
	put_string(o, "trace", v->walk->path);
	put_number(o, "size", v->size);
	put_number(o, "uncompressed", hvt_trace_raw_bytes(v->walk->trace));
	put_number(o, "events", s->events);
	put_number(o, "calls", s->call_count);
	put_number(o, "exits", s->exits);
	put_number(o, "reg_calls", s->reg_calls);
	put_number(o, "ticks", ticks);
	if (v->walk->hz > 0)
		out_format(o, ",\"seconds\":%.9f",
				walk_seconds(v->walk, ticks));
	else
		out_text(o, ",\"seconds\":null");
	put_number(o, "stall_ns", hvt_trace_stall_ns(v->walk->trace));
	put_number(o, "damaged", v->walk->damaged);
}

void stat_json(struct out *o, const struct stat_view *v)
{
	struct stats_top top[STATS_TOP_MAX];
	uint32_t n;

	put_totals(o, v);
	put_table(o, v, "rows", &v->stats->table);
	put_table(o, v, "vcpus", &v->stats->vcpus);
	n = stats_top_pcs(v->stats, top, v->top);
	put_top(o, "pcs", "pc", top, n);
	n = stats_top_addresses(v->stats, top, v->top);
	put_top(o, "addresses", "address", top, n);
	put_calls(o, v);
	out_text(o, "}\n");
}
