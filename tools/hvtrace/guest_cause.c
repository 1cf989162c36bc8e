/* SPDX-License-Identifier: MIT */
#include "guest_cause.h"

#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

/* Code that reads clocks was there from the start: it is only as bad as it is. */
static void guess_level(struct guesses *g, const struct hvt_guest *guest)
{
	const struct hvt_guest_level *level = hvt_guest_level(guest);
	bool clock = strstr(level->reason, "has code that takes") ||
			strstr(level->reason, "timer");

	if (level->level)
		return;
	guesses_add(g, clock ? "clock" : "asynchronous", clock ? 60 : 70,
			"since event %" PRIu64 " the guest need not do the same "
			"again: %s", level->event, level->reason);
}

static void guess_host(struct guesses *g, const char *path)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	struct utsname now;
	const char *then;

	if (uname(&now) || hvt_trace_open(&trace, path, &e))
		return;
	then = hvt_trace_info(trace, "host_kernel");
	if (then && strcmp(then, now.release) != 0)
		guesses_add(g, "host", 40, "it was recorded on a host with kernel "
				"%s, and this one has %s", then, now.release);
	hvt_trace_close(trace);
}

/*
 * With all the same up to here: what this event has was not what came, or
 * something before it was not what went in.
 */
static void guess_edit(struct guesses *g, const struct hvt_guest_divergence *d)
{
	bool ran = d->what == HVT_DIFFERS_NO_EXIT ||
			(d->recorded.data_size == 0 && d->param == 1);

	guesses_add(g, "earlier-input", ran ? 35 : 20, "the VMM did something to the "
			"guest that the trace does not have: memory written "
			"past the CPU, or a call that was lost");
	guesses_add(g, "this-event", ran ? 20 : 30, "the recorded %s is not what the "
			"guest did, or the guest does not do the same each "
			"time (exclusives, memory nobody initialised)",
			d->what == HVT_DIFFERS_MEMORY ? "page" : "call");
}

void guest_guess(const struct hvt_guest *guest, const char *path,
		struct guesses *g)
{
	const struct hvt_guest_divergence *d = hvt_guest_divergence(guest);

	if (!d)
		return;
	guesses_add_damage(g, path);
	guess_level(g, guest);
	guess_host(g, path);
	guess_edit(g, d);
}
