/* SPDX-License-Identifier: MIT */
#include "dump_line.h"

#include <Hypervisor/Hypervisor.h>
#include <inttypes.h>
#include <string.h>

#include "color.h"
#include "look/describe.h"
#include "look/known.h"

/* Runs and exits stand out, errors more so; register calls step back. */
static const char *color_of(const struct hvt_event *e)
{
	const struct known_calls *known = known_calls();

	if (e->kind != HVT_EVENT_ENTER && e->result < 0)
		return COLOR_RED;
	if (e->call == known->run)
		return e->kind == HVT_EVENT_LEAVE ? COLOR_CYAN : "";
	return e->call == known->get_reg || e->call == known->set_reg ? COLOR_DIM
								     : "";
}

/* A value of PC, or of LR, that the VMM has asked for or has set. */
static bool is_pc(const struct hvt_event *e)
{
	const struct known_calls *known = known_calls();

	return (e->call == known->get_reg || e->call == known->set_reg) &&
			!e->result && (e->values[REG_REG] == HV_REG_PC ||
					e->values[REG_REG] == HV_REG_LR);
}

void dump_line(struct out *o, const struct dump_style *style,
		const struct walk *w, const struct stats_names *names,
		const struct hvt_event *e)
{
	uint64_t value = e->values[REG_VALUE];
	char text[1024], more[128];
	const char *color = style->color ? color_of(e) : "";

	hvt_event_format(e, text, sizeof(text));
	describe_event(&names->devices, w->trace, e, more, sizeof(more));
	if (!*more && is_pc(e) && symbols_find(&names->symbols, value))
		symbols_format(&names->symbols, value, more, sizeof(more));
	out_format(o, "%9" PRIu64 " %12.6f  t%-3" PRIu32 " ", e->number,
			(double)(e->tick - w->first_tick) /
					(w->hz > 0 ? w->hz : 1),
			e->thread);
	out_text(o, color);
	out_text(o, text);
	if (*color)
		out_text(o, COLOR_NONE);
	if (*more) {
		out_text(o, style->color ? COLOR_GREEN "  -- " : "  -- ");
		out_text(o, more);
		if (style->color)
			out_text(o, COLOR_NONE);
	}
	out_char(o, '\n');
}
