/* SPDX-License-Identifier: MIT */
/* Pictures of the report. Colours are classes, which the page's style knows. */
#include <inttypes.h>
#include <stdio.h>

#include "page.h"

#define LEFT	    64u /* of the picture, for labels */
#define LANE_HEIGHT 34u
#define LANE_GAP    8u
#define RATE_HEIGHT 160u
#define STEP	    2u /* pixels of a column */
#define WIDTH	    (TIMELINE_COLUMNS * STEP)

/* As wide as the page, but never so narrow that its text cannot be read. */
static void begin_svg(struct out *o, unsigned height, const char *what)
{
	out_format(o, "<div class=\"wide\"><svg class=\"chart\" "
			"viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"%s\">"
		      "\n", LEFT + WIDTH + 8, height, what);
}

/* Seconds below a picture whose columns end at y. */
static void put_axis(struct out *o, const struct report *r, unsigned y)
{
	for (unsigned i = 0; i <= 8; i++) {
		unsigned x = LEFT + WIDTH * i / 8;
		double s = walk_seconds(r->walk, r->timeline.width *
				TIMELINE_COLUMNS * i / 8);

		out_format(o, "<line class=\"grid\" x1=\"%u\" y1=\"0\" x2=\"%u\""
			      " y2=\"%u\"/><text x=\"%u\" y=\"%u\" class=\"axis"
			      "\" text-anchor=\"%s\">%.3g s</text>\n", x, x, y,
				x, y + 16, i == 8 ? "end" : "middle", s);
	}
}

/* The area between two rows of heights, columns from left to right. */
static void put_area(struct out *o, const char *class, unsigned base,
		const double *low, const double *high)
{
	out_format(o, "<path class=\"%s\" d=\"M%u %.1f", class, LEFT,
			base - low[0]);
	for (unsigned c = 0; c < TIMELINE_COLUMNS; c++)
		out_format(o, "V%.1fh%u", base - high[c], STEP);
	for (unsigned c = TIMELINE_COLUMNS; c-- > 0;)
		out_format(o, "V%.1fh-%u", base - low[c], STEP);
	out_text(o, "Z\"/>\n");
}

static void put_lane(struct out *o, const struct report *r, unsigned i,
		unsigned y)
{
	const struct timeline_lane *lane = &r->timeline.lanes[i];
	double none[TIMELINE_COLUMNS] = { 0 }, guest[TIMELINE_COLUMNS];
	double both[TIMELINE_COLUMNS], width = (double)r->timeline.width;

	for (unsigned c = 0; c < TIMELINE_COLUMNS; c++) {
		double g = (double)lane->guest[c] / width;
		double v = (double)lane->vmm[c] / width;

		guest[c] = LANE_HEIGHT * (g < 1 ? g : 1);
		both[c] = LANE_HEIGHT * (g + v < 1 ? g + v : 1);
	}
	out_format(o, "<text x=\"%u\" y=\"%u\" class=\"axis\" text-anchor=\"end"
		      "\">vCPU %u%s</text>\n", LEFT - 8, y + LANE_HEIGHT / 2 + 4,
			i, i == TIMELINE_LANES - 1 ? "+" : "");
	out_format(o, "<rect class=\"idle\" x=\"%u\" y=\"%u\" width=\"%u\" "
		      "height=\"%u\"/>\n", LEFT, y, WIDTH, LANE_HEIGHT);
	put_area(o, "guest", y + LANE_HEIGHT, none, guest);
	put_area(o, "vmm", y + LANE_HEIGHT, guest, both);
}

void chart_lanes(struct out *o, const struct report *r)
{
	unsigned lanes = 0, y = 0;

	for (unsigned i = 0; i < TIMELINE_LANES; i++)
		lanes += r->timeline.lanes[i].used;
	begin_svg(o, lanes * (LANE_HEIGHT + LANE_GAP) + 20,
			"what each vCPU did over time");
	for (unsigned i = 0; i < TIMELINE_LANES; i++) {
		if (!r->timeline.lanes[i].used)
			continue;
		put_lane(o, r, i, y);
		y += LANE_HEIGHT + LANE_GAP;
	}
	put_axis(o, r, y);
	out_text(o, "</svg></div>\n");
}

static uint64_t exits_in(const struct timeline *t, unsigned column)
{
	uint64_t n = 0;

	for (unsigned c = 0; c < EXIT_CLASSES; c++)
		n += t->exits[column][c];
	return n;
}

/* One class of exits on top of those before it, whose heights are in low. */
static void put_class(struct out *o, const struct report *r, unsigned class,
		double scale, double *low)
{
	double high[TIMELINE_COLUMNS];
	bool any = false;
	char name[16];

	for (unsigned c = 0; c < TIMELINE_COLUMNS; c++) {
		uint64_t n = r->timeline.exits[c][class];

		any |= n != 0;
		high[c] = low[c] + (double)n * scale;
	}
	if (!any)
		return;
	snprintf(name, sizeof(name), "c%u", class);
	put_area(o, name, RATE_HEIGHT, low, high);
	for (unsigned c = 0; c < TIMELINE_COLUMNS; c++)
		low[c] = high[c];
}

static void put_legend(struct out *o, const struct report *r)
{
	out_text(o, "<p class=\"legend\">");
	for (unsigned class = 0; class < EXIT_CLASSES; class++) {
		uint64_t n = 0;

		for (unsigned c = 0; c < TIMELINE_COLUMNS; c++)
			n += r->timeline.exits[c][class];
		if (n)
			out_format(o, "<span><i class=\"c%u\"></i>%s</span>",
					class, exit_class_name(
						(enum exit_class)class));
	}
	out_text(o, "</p>\n");
}

void chart_rates(struct out *o, const struct report *r)
{
	double low[TIMELINE_COLUMNS] = { 0 };
	double seconds = walk_seconds(r->walk, r->timeline.width);
	uint64_t most = 1;

	for (unsigned c = 0; c < TIMELINE_COLUMNS; c++)
		if (exits_in(&r->timeline, c) > most)
			most = exits_in(&r->timeline, c);
	put_legend(o, r);
	begin_svg(o, RATE_HEIGHT + 20, "exits a second by class");
	for (unsigned class = 0; class < EXIT_CLASSES; class++)
		put_class(o, r, class, (RATE_HEIGHT - 12.0) / (double)most, low);
	out_format(o, "<text x=\"%u\" y=\"14\" class=\"axis\" text-anchor=\"end"
		      "\">%.0f/s</text>\n", LEFT - 8,
			seconds > 0 ? (double)most / seconds : 0);
	put_axis(o, r, RATE_HEIGHT);
	out_text(o, "</svg></div>\n");
}

/* Bars of a histogram: a quarter of a power of two each. */
#define BAR_STEPS 4u
#define BARS	  (HISTOGRAM_BUCKETS / BAR_STEPS)
#define BARS_MIN  16u
#define BAR_HIGH  70u
#define BAR_WIDE  460u

static uint64_t bar(const struct histogram *h, unsigned i)
{
	uint64_t n = 0;

	for (unsigned k = 0; k < BAR_STEPS; k++)
		n += h->buckets[i * BAR_STEPS + k];
	return n;
}

struct bars {
	unsigned first, last; /* with anything in them, of both */
	uint64_t most;
};

static struct bars find_bars(const struct stats_row *row)
{
	struct bars b = { BARS, 0, 1 };

	for (unsigned i = 0; i < BARS; i++) {
		uint64_t guest = bar(&row->guest, i), vmm = bar(&row->vmm, i);

		if (!guest && !vmm)
			continue;
		b.first = i < b.first ? i : b.first;
		b.last = i;
		b.most = guest > b.most ? guest : b.most;
		b.most = vmm > b.most ? vmm : b.most;
	}
	/* A few bars are not to look like walls. */
	if (b.last - b.first < BARS_MIN - 1)
		b.last = b.first + BARS_MIN - 1;
	if (b.last >= BARS)
		b.last = BARS - 1;
	return b;
}

static void put_bars(struct out *o, const struct histogram *h,
		const struct bars *b, const char *class, int direction)
{
	double wide = (double)BAR_WIDE / (b->last - b->first + 1);

	for (unsigned i = b->first; i <= b->last; i++) {
		double high = (double)bar(h, i) * BAR_HIGH / (double)b->most;

		/* What is rare can be seen, too. */
		if (bar(h, i) && high < 1)
			high = 1;
		if (high > 0)
			out_format(o, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\""
				      " width=\"%.1f\" height=\"%.1f\"/>\n",
					class, (i - b->first) * wide,
					direction > 0 ? BAR_HIGH - high
						      : BAR_HIGH + 1.0,
					wide > 2 ? wide - 1 : wide, high);
	}
}

void chart_times(struct out *o, const struct report *r,
		const struct stats_row *row)
{
	struct bars b = find_bars(row);

	out_text(o, "<figure><figcaption>");
	page_text(o, row->label[0]);
	out_format(o, " <small>%" PRIu64 "</small></figcaption>\n",
			row->guest.count);
	out_format(o, "<svg viewBox=\"0 0 %u %u\" role=\"img\">\n", BAR_WIDE,
			2 * BAR_HIGH + 18);
	put_bars(o, &row->guest, &b, "guest", 1);
	put_bars(o, &row->vmm, &b, "vmm", -1);
	out_format(o, "<line class=\"grid\" x1=\"0\" y1=\"%u\" x2=\"%u\" y2=\"%u"
		      "\"/>", BAR_HIGH, BAR_WIDE, BAR_HIGH);
	for (unsigned i = 0; i <= 4; i++) {
		unsigned at = b.first + (b.last + 1 - b.first) * i / 4;

		out_format(o, "<text class=\"axis\" x=\"%u\" y=\"%u\" "
			      "text-anchor=\"%s\">", BAR_WIDE * i / 4,
				2 * BAR_HIGH + 14,
				!i ? "start" : i == 4 ? "end" : "middle");
		page_ns(o, stat_ns(r->walk,
				(double)histogram_low(at * BAR_STEPS)));
		out_text(o, "</text>");
	}
	out_text(o, "</svg></figure>\n");
}
