/* SPDX-License-Identifier: MIT */
#include "guest_cause.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

struct guesses {
	struct guest_guess *list;
	unsigned count;
};

const char *guest_cause_name(enum guest_cause cause)
{
	static const char *const names[] = {
		[CAUSE_DAMAGE] = "damaged-trace", [CAUSE_CLOCK] = "clock",
		[CAUSE_PLACE] = "asynchronous", [CAUSE_HOST] = "host",
		[CAUSE_EARLIER] = "earlier-input", [CAUSE_EVENT] = "this-event",
	};

	return names[cause];
}

__attribute__((format(printf, 4, 5)))
static void guess(struct guesses *g, enum guest_cause cause, unsigned points,
		const char *format, ...)
{
	struct guest_guess *one = &g->list[g->count++];
	va_list args;

	one->cause = cause;
	one->points = points;
	va_start(args, format);
	vsnprintf(one->why, sizeof(one->why), format, args);
	va_end(args);
}

static void ignore(const struct hvt_error *e, void *context)
{
	(void)e;
	(void)context;
}

static void guess_damage(struct guesses *g, const char *path)
{
	struct hvt_verdict verdict = { 0 };
	struct hvt_trace *trace;
	struct hvt_error e;

	if (hvt_trace_open(&trace, path, &e))
		return;
	(void)hvt_trace_verify(trace, &verdict, ignore, NULL);
	if (verdict.damaged)
		guess(g, CAUSE_DAMAGE, 100, "the trace has damaged parts, which "
				"were left out: hvtrace verify %s", path);
	hvt_trace_close(trace);
}

/* Code that reads clocks was there from the start: it is only as bad as it is. */
static void guess_level(struct guesses *g, const struct hvt_guest *guest)
{
	const struct hvt_guest_level *level = hvt_guest_level(guest);
	bool clock = strstr(level->reason, "has code that takes") ||
			strstr(level->reason, "timer");

	if (level->level)
		return;
	guess(g, clock ? CAUSE_CLOCK : CAUSE_PLACE, clock ? 60 : 70,
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
		guess(g, CAUSE_HOST, 40, "it was recorded on a host with kernel "
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

	guess(g, CAUSE_EARLIER, ran ? 35 : 20, "the VMM did something to the "
			"guest that the trace does not have: memory written "
			"past the CPU, or a call that was lost");
	guess(g, CAUSE_EVENT, ran ? 20 : 30, "the recorded %s is not what the "
			"guest did, or the guest does not do the same each "
			"time (exclusives, memory nobody initialised)",
			d->what == HVT_DIFFERS_MEMORY ? "page" : "call");
}

static int more_first(const void *a, const void *b)
{
	const struct guest_guess *x = a, *y = b;

	return (x->points < y->points) - (x->points > y->points);
}

unsigned guest_guess(const struct hvt_guest *guest, const char *path,
		struct guest_guess *list)
{
	const struct hvt_guest_divergence *d = hvt_guest_divergence(guest);
	struct guesses g = { list, 0 };

	if (!d)
		return 0;
	guess_damage(&g, path);
	guess_level(&g, guest);
	guess_host(&g, path);
	guess_edit(&g, d);
	qsort(list, g.count, sizeof(*list), more_first);
	return g.count;
}
