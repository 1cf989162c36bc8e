/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stat_view.h"

#define LABEL_WIDTH 30

double stat_ns(const struct walk *w, double ticks)
{
	return w->hz > 0 ? ticks * 1e9 / w->hz : ticks;
}

/* Three digits that count, in seven columns: "1.23us". */
static void put_ns(struct out *o, double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned unit = 0;
	char text[32];

	while (ns >= 999.5 && unit < 3) {
		ns /= 1000;
		unit++;
	}
	snprintf(text, sizeof(text), "%.*f%s",
			ns < 9.995 && unit ? 2 : ns < 99.95 && unit ? 1 : 0,
			ns, units[unit]);
	out_format(o, " %8s", text);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static uint64_t sum_of(const struct stats_table *t, bool vmm)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < t->count; i++)
		sum += vmm ? t->rows[i]->vmm.sum : t->rows[i]->guest.sum;
	return sum;
}

static void put_totals(struct out *o, const struct stat_view *v)
{
	const struct stats *s = v->stats;
	double seconds = walk_seconds(v->walk, s->last_tick - s->first_tick);
	double exits = s->exits ? (double)s->exits : 1;
	uint32_t vcpus = stats_vcpus(s);
	double guest = (double)sum_of(&s->vcpus, false);
	double vmm = (double)sum_of(&s->vcpus, true);

	out_format(o, "%-10s %s, %.6f s\n", "trace", v->walk->path, seconds);
	out_format(o, "%-10s %" PRIu64 " of %" PRIu32 " vCPU%s", "exits",
			s->exits, vcpus, vcpus == 1 ? "" : "s");
	if (seconds > 0)
		out_format(o, ", %.0f a second", (double)s->exits / seconds);
	out_format(o, "\n%-10s %" PRIu64 " events, %" PRIu64 " calls\n",
			"recorded", s->events, s->call_count);
	out_format(o, "%-10s %.2f calls an exit, %.2f of them for registers\n",
			"handling", (double)s->exit_calls / exits,
			(double)s->reg_calls / exits);
	out_format(o, "%-10s %.1f %% of the vCPUs' time in the guest, %.1f %% "
		      "in the VMM\n", "time", percent(guest, guest + vmm),
			percent(vmm, guest + vmm));
	if (v->brief)
		return;
	out_format(o, "%-10s %" PRIu64 " bytes", "file", v->size);
	if (!v->part)
		out_format(o, ", %" PRIu64 " uncompressed",
				hvt_trace_raw_bytes(v->walk->trace));
	if (!v->part && s->exits)
		out_format(o, "; %.2f an exit", (double)v->size / exits);
	out_char(o, '\n');
	out_format(o, "%-10s threads waited %.6f s for it\n", "recorder",
			(double)hvt_trace_stall_ns(v->walk->trace) / 1e9);
}

static void put_label(struct out *o, const struct stats_row *row, unsigned parts)
{
	char text[STATS_PARTS_MAX * STATS_LABEL_MAX];
	size_t used = 0;

	for (unsigned p = 0; p < parts; p++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
				"%s%s", p ? ", " : "", row->label[p]);
	out_format(o, "%-*s", LABEL_WIDTH, text);
}

static void put_head(struct out *o, const struct stats_table *t,
		const char *columns)
{
	char text[64] = "";

	for (unsigned p = 0; p < t->parts; p++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "%s%s",
				p ? ", " : "", stats_by_name(t->by[p]));
	}
	out_format(o, "\n%-*s%s\n", LABEL_WIDTH, text, columns);
}

static void put_counts(struct out *o, const struct stat_view *v,
		const struct stats_table *t, uint32_t rows)
{
	double guest = (double)sum_of(t, false), vmm = (double)sum_of(t, true);

	put_head(o, t, "     exits  share    guest      vmm calls  regs");
	for (uint32_t i = 0; i < rows; i++) {
		const struct stats_row *row = t->rows[i];
		double n = (double)row->guest.count;

		put_label(o, row, t->parts);
		out_format(o, "%10" PRIu64 " %5.1f%% %7.1f%% %7.1f%% %5.1f %5.1f"
			      "\n", row->guest.count,
				percent(n, (double)v->stats->exits),
				percent((double)row->guest.sum, guest),
				percent((double)row->vmm.sum, vmm),
				(double)row->calls / n,
				(double)row->reg_calls / n);
	}
}

/* The last exit of a vCPU has no run behind it: of none there is no time. */
static void put_quantile(struct out *o, const struct stat_view *v,
		const struct histogram *h, double share)
{
	if (h->count)
		put_ns(o, stat_ns(v->walk, (double)histogram_quantile(h, share)));
	else
		out_format(o, " %8s", "-");
}

static void put_times(struct out *o, const struct stat_view *v,
		const struct stats_table *t, uint32_t rows, bool vmm)
{
	static const double shares[] = { 0.5, 0.9, 0.99, 0.999, 1 };

	out_text(o, vmm ? "\nTime in the VMM until the next run:"
			: "\nTime in the guest until the exit:");
	put_head(o, t, "      p50      p90      p99    p99.9      max");
	for (uint32_t i = 0; i < rows; i++) {
		const struct stats_row *row = t->rows[i];
		const struct histogram *h = vmm ? &row->vmm : &row->guest;

		put_label(o, row, t->parts);
		for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++)
			put_quantile(o, v, h, shares[k]);
		out_char(o, '\n');
	}
}

static void put_table(struct out *o, const struct stat_view *v,
		const struct stats_table *t)
{
	uint32_t rows = t->count < v->top ? t->count : v->top;

	put_counts(o, v, t, rows);
	if (rows < t->count)
		out_format(o, "%" PRIu32 " more; --top shows them\n",
				t->count - rows);
	put_times(o, v, t, rows, false);
	put_times(o, v, t, rows, true);
}

static void put_top(struct out *o, const struct stat_view *v, const char *what,
		const struct tally *tally, const struct stats_top *top,
		uint32_t n)
{
	if (!n)
		return;
	out_format(o, "\n%-40s%10s  share\n", what, "exits");
	for (uint32_t i = 0; i < n; i++) {
		char text[STATS_LABEL_MAX + 24];

		snprintf(text, sizeof(text), "0x%" PRIx64 " %s", top[i].key,
				strncmp(top[i].label, "0x", 2) ? top[i].label
							       : "");
		out_format(o, "%-40s%10" PRIu64 " %5.1f%%\n", text,
				top[i].count,
				percent((double)top[i].count,
						(double)v->stats->exits));
	}
	if (tally->error)
		out_format(o, "there were very many: counts are too low by up "
			      "to %" PRIu64 "\n", tally->error);
}

void stat_text(struct out *o, const struct stat_view *v)
{
	const struct stats *s = v->stats;
	struct stats_top top[STATS_TOP_MAX];

	put_totals(o, v);
	if (!s->exits)
		return;
	if (v->brief) {
		put_counts(o, v, &s->table, s->table.count < v->top
				? s->table.count : v->top);
		return;
	}
	put_table(o, v, &s->table);
	if (s->table.by[0] != BY_VCPU)
		put_counts(o, v, &s->vcpus, s->vcpus.count < v->top
				? s->vcpus.count : v->top);
	put_top(o, v, "address", &s->addresses, top,
			stats_top_addresses(s, top, v->top));
	put_top(o, v, "pc", &s->pcs, top, stats_top_pcs(s, top, v->top));
}
