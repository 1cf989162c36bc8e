/* SPDX-License-Identifier: MIT */
#include "guesses.h"

#include <hvtrace/hvtrace.h>
#include <stdarg.h>
#include <stdlib.h>

void guesses_add(struct guesses *g, const char *name, unsigned points,
		const char *format, ...)
{
	struct guess *one = &g->list[g->count];
	va_list args;

	if (g->count == GUESSES_MAX)
		return;
	g->count++;
	one->name = name;
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

void guesses_add_damage(struct guesses *g, const char *path)
{
	struct hvt_verdict verdict = { 0 };
	struct hvt_trace *trace;
	struct hvt_error e;

	if (hvt_trace_open(&trace, path, &e))
		return;
	(void)hvt_trace_verify(trace, &verdict, ignore, NULL);
	if (verdict.damaged)
		guesses_add(g, "damaged-trace", 100,
				"the trace has damaged parts, which were left "
				"out: hvtrace verify %s", path);
	hvt_trace_close(trace);
}

static int more_first(const void *a, const void *b)
{
	const struct guess *x = a, *y = b;

	return (x->points < y->points) - (x->points > y->points);
}

void guesses_put(FILE *to, struct guesses *g)
{
	qsort(g->list, g->count, sizeof(*g->list), more_first);
	fprintf(to, "What may be behind it, the likeliest first:\n");
	for (unsigned i = 0; i < g->count; i++)
		fprintf(to, "  %u. %s: %s\n", i + 1, g->list[i].name,
				g->list[i].why);
}

void guesses_put_json(FILE *to, struct guesses *g)
{
	qsort(g->list, g->count, sizeof(*g->list), more_first);
	for (unsigned i = 0; i < g->count; i++)
		fprintf(to, "%s\"%s\"", i ? "," : "", g->list[i].name);
}
