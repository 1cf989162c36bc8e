/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "style.h"

#define ROWS_SHOWN   24u
#define CHARTS_SHOWN 6u
#define TOP_SHOWN    16u

void page_text(struct out *o, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '<')
			out_text(o, "&lt;");
		else if (*p == '>')
			out_text(o, "&gt;");
		else if (*p == '&')
			out_text(o, "&amp;");
		else if (*p == '"')
			out_text(o, "&quot;");
		else if ((*p < 0x20 && *p != '\n' && *p != '\t') || *p > 0x7e)
			out_format(o, "&#%u;", *p < 0x20 ? 0xfffd : *p);
		else
			out_char(o, (char)*p);
	}
}

void page_ns(struct out *o, double ns)
{
	static const char *const units[] = { "ns", "&micro;s", "ms", "s" };
	unsigned unit = 0;

	while (ns >= 999.5 && unit < 3) {
		ns /= 1000;
		unit++;
	}
	out_format(o, "%.3g %s", ns, units[unit]);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

/* Digits in threes. */
static void put_number(struct out *o, uint64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, value);

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			out_text(o, "&#8239;");
		out_char(o, digits[i]);
	}
}

static void begin_card(struct out *o)
{
	out_text(o, "<div><b>");
}

static void end_card(struct out *o, const char *what)
{
	out_format(o, "</b><span>%s</span></div>\n", what);
}

static void put_cards(struct out *o, const struct report *r)
{
	const struct stats *s = &r->stats;
	double seconds = walk_seconds(r->walk, s->last_tick - s->first_tick);
	double guest = 0, vmm = 0, exits = s->exits ? (double)s->exits : 1;

	for (uint32_t i = 0; i < s->vcpus.count; i++) {
		guest += (double)s->vcpus.rows[i]->guest.sum;
		vmm += (double)s->vcpus.rows[i]->vmm.sum;
	}
	out_text(o, "<div class=\"cards\">\n");
	begin_card(o);
	put_number(o, s->exits);
	end_card(o, "exits");
	begin_card(o);
	out_format(o, "%.3f s", seconds);
	end_card(o, "recorded");
	begin_card(o);
	out_format(o, "%.4g", seconds > 0 ? (double)s->exits / seconds : 0);
	end_card(o, "exits a second");
	begin_card(o);
	out_format(o, "%" PRIu32, stats_vcpus(s));
	end_card(o, "vCPUs");
	begin_card(o);
	out_format(o, "%.1f %%", percent(guest, guest + vmm));
	end_card(o, "of their time in the guest");
	begin_card(o);
	out_format(o, "%.2f", (double)s->exit_calls / exits);
	end_card(o, "calls of the VMM an exit");
	begin_card(o);
	put_number(o, r->view.size);
	end_card(o, "bytes of trace");
	out_text(o, "</div>\n");
}

static void put_times(struct out *o, const struct report *r,
		const struct histogram *h)
{
	static const double shares[] = { 0.5, 0.99, 1 };

	for (unsigned i = 0; i < 3; i++) {
		out_text(o, "<td>");
		if (h->count)
			page_ns(o, stat_ns(r->walk, (double)histogram_quantile(
							    h, shares[i])));
		out_text(o, "</td>");
	}
}

static void put_bar_cell(struct out *o, double share, const char *format)
{
	out_format(o, "<td class=\"bar\" style=\"--w:%.1f%%\">", share);
	out_format(o, "%.1f %s</td>", share, format);
}

static void put_mix(struct out *o, const struct report *r)
{
	const struct stats_table *t = &r->stats.table;
	double vmm = 0;

	for (uint32_t i = 0; i < t->count; i++)
		vmm += (double)t->rows[i]->vmm.sum;
	out_text(o, "<div class=\"wide\"><table><tr><th>exit</th><th>count</th>"
		    "<th>share</th><th>of the VMM's time</th><th>guest p50</th>"
		    "<th>p99</th><th>max</th><th>VMM p50</th><th>p99</th>"
		    "<th>max</th></tr>\n");
	for (uint32_t i = 0; i < t->count && i < ROWS_SHOWN; i++) {
		const struct stats_row *row = t->rows[i];

		out_text(o, "<tr><td>");
		page_text(o, row->label[0]);
		out_text(o, "</td><td>");
		put_number(o, row->guest.count);
		out_text(o, "</td>");
		put_bar_cell(o, percent((double)row->guest.count,
				(double)r->stats.exits), "%");
		put_bar_cell(o, percent((double)row->vmm.sum, vmm), "%");
		put_times(o, r, &row->guest);
		put_times(o, r, &row->vmm);
		out_text(o, "</tr>\n");
	}
	out_text(o, "</table></div>\n");
	if (t->count > ROWS_SHOWN)
		out_format(o, "<p class=\"soft\">%" PRIu32 " more: hvtrace stat "
			      "shows all</p>\n", t->count - ROWS_SHOWN);
}

static void put_top(struct out *o, const struct report *r, const char *what,
		const struct stats_top *top, uint32_t n)
{
	out_format(o, "<div class=\"wide\"><table><tr><th>%s</th><th>exits</th>"
		      "<th>share</th></tr>\n", what);
	for (uint32_t i = 0; i < n; i++) {
		out_format(o, "<tr><td><code>0x%" PRIx64 "</code> ",
				top[i].key);
		if (strncmp(top[i].label, "0x", 2) != 0)
			page_text(o, top[i].label);
		out_text(o, "</td><td>");
		put_number(o, top[i].count);
		out_text(o, "</td>");
		put_bar_cell(o, percent((double)top[i].count,
				(double)r->stats.exits), "%");
		out_text(o, "</tr>\n");
	}
	out_text(o, "</table></div>\n");
}

static void put_hottest(struct out *o, const struct report *r)
{
	struct stats_top top[TOP_SHOWN];
	uint32_t n;

	out_text(o, "<h2>Hottest</h2>\n<div class=\"pair\">\n");
	n = stats_top_addresses(&r->stats, top, TOP_SHOWN);
	put_top(o, r, "address", top, n);
	n = stats_top_pcs(&r->stats, top, TOP_SHOWN);
	put_top(o, r, "guest PC", top, n);
	out_text(o, "</div>\n");
}

static void put_facts(struct out *o, const struct report *r)
{
	const char *key, *value;

	out_text(o, "<h2>The recording</h2>\n<table class=\"facts\">\n");
	for (size_t i = 0; hvt_trace_info_at(r->walk->trace, i, &key, &value);
			i++) {
		out_text(o, "<tr><td>");
		page_text(o, key);
		out_text(o, "</td><td>");
		page_text(o, value);
		out_text(o, "</td></tr>\n");
	}
	out_format(o, "<tr><td>events</td><td>%" PRIu64 "</td></tr>\n</table>\n",
			r->stats.events);
}

/* Lines of `hvtrace diff`, coloured by how they begin. */
static void put_difference(struct out *o, const struct report *r)
{
	out_text(o, "<h2>Against ");
	page_text(o, r->other);
	out_text(o, "</h2>\n");
	if (!*r->difference) {
		out_text(o, "<p>The two are the same, but for times and host "
			    "addresses.</p>\n");
		return;
	}
	out_text(o, "<pre>");
	for (const char *p = r->difference; *p;) {
		size_t n = strcspn(p, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s",
				(int)(n < sizeof(line) ? n : sizeof(line) - 1), p);
		out_text(o, *p == '-' ? "<span class=\"del\">"
			    : *p == '+' ? "<span class=\"add\">" : "<span>");
		page_text(o, line);
		out_text(o, "</span>\n");
		p += n + (p[n] == '\n');
	}
	out_text(o, "</pre>\n");
}

static void put_head(struct out *o, const struct report *r)
{
	const char *command = hvt_trace_info(r->walk->trace, "command");

	out_text(o, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset="
		    "\"utf-8\"><meta name=\"viewport\" content=\"width="
		    "device-width\">\n<title>");
	page_text(o, r->title);
	out_text(o, " - hvtrace</title>\n<style>\n");
	out_text(o, page_style);
	out_text(o, "</style></head><body>\n<h1>");
	page_text(o, r->title);
	out_text(o, "</h1>\n<p class=\"soft\">");
	page_text(o, command ? command : "");
	out_text(o, "</p>\n");
}

static void put_charts(struct out *o, const struct report *r)
{
	const struct stats_table *t = &r->stats.table;

	out_text(o, "<h2>What each vCPU did</h2>\n<p class=\"legend\"><span><i "
		    "class=\"guest\"></i>in the guest</span><span><i class="
		    "\"vmm\"></i>in the VMM</span></p>\n");
	chart_lanes(o, r);
	out_text(o, "<h2>Exits a second</h2>\n");
	chart_rates(o, r);
	out_text(o, "<h2>Exits</h2>\n");
	put_mix(o, r);
	out_text(o, "<h2>How long</h2>\n<p class=\"legend\"><span><i class="
		    "\"guest\"></i>in the guest before the exit</span><span><i "
		    "class=\"vmm\"></i>in the VMM behind it</span></p>\n<div "
		    "class=\"pair\">\n");
	for (uint32_t i = 0; i < t->count && i < CHARTS_SHOWN; i++)
		chart_times(o, r, t->rows[i]);
	out_text(o, "</div>\n");
	put_hottest(o, r);
}

void page_write(struct out *o, const struct report *r)
{
	put_head(o, r);
	put_cards(o, r);
	if (r->stats.exits)
		put_charts(o, r);
	else
		out_text(o, "<p>No vCPU of this trace has ever run.</p>\n");
	if (r->other)
		put_difference(o, r);
	put_facts(o, r);
	out_text(o, "</body></html>\n");
}
