/* SPDX-License-Identifier: MIT */
/*
 * Reading: every event of a trace, forwards, backwards, of one thread, and
 * verified. One core; the file is in the page cache after the first round.
 */
#include "bench_events.h"

#define TARGET 5.0

static struct hvt_trace *open_trace(const char *path)
{
	struct hvt_trace *t;
	struct hvt_error e;

	bench_check(hvt_trace_open(&t, path, &e), path);
	return t;
}

static void forwards(void *context, uint64_t count)
{
	struct hvt_event e;

	bench_check(hvt_trace_rewind(context, NULL), "rewind");
	while (count--)
		bench_check(hvt_trace_next(context, &e, NULL) - 1, "next");
}

static void to_end(void *context)
{
	struct hvt_event e;

	while (hvt_trace_next(context, &e, NULL) == 1)
		;
}

static void backwards(void *context, uint64_t count)
{
	struct hvt_event e;

	while (count--)
		bench_check(hvt_trace_prev(context, &e, NULL) - 1, "prev");
}

static void of_thread(void *context, uint64_t count)
{
	struct hvt_event e;

	(void)count;
	bench_check(hvt_trace_rewind(context, NULL), "rewind");
	while (hvt_trace_next_of(context, 1, &e, NULL) == 1)
		;
}

static void told(const struct hvt_error *e, void *context)
{
	(void)context;
	bench_check(e->code, "verify");
}

static void verify(void *context, uint64_t count)
{
	struct hvt_verdict v;

	bench_check(hvt_trace_verify(context, &v, told, NULL), "verify");
	bench_check(v.events != count, "verify: events");
}

/* ns an event to millions of events a second. */
static void rate_row(struct bench *b, const char *what,
		const struct bench_contender *c, enum bench_bound bound)
{
	bench_row(b, what, "M events/s", 1e3 / c->best, 1e3 / c->median, bound,
			TARGET);
}

int main(int argc, char **argv)
{
	struct bench b;
	struct hvt_verdict v;
	struct hvt_trace *t;

	bench_begin(&b, "trace_read", argc, argv);
	t = open_trace(bench_trace_path(&b));
	bench_check(hvt_trace_verify(t, &v, told, NULL), "verify");
	{
		struct bench_contender c[] = {
			{ .run = forwards, .context = t },
			{ .prepare = to_end, .run = backwards, .context = t },
			{ .run = of_thread, .context = t },
			{ .run = verify, .context = t },
		};

		bench_compare(&b, c, 4, v.events);
		rate_row(&b, "forwards", &c[0], BENCH_AT_LEAST);
		rate_row(&b, "backwards", &c[1], BENCH_AT_LEAST);
		rate_row(&b, "one thread's, the others passed over", &c[2],
				BENCH_FREE);
		rate_row(&b, "verify", &c[3], BENCH_FREE);
	}
	hvt_trace_close(t);
	return bench_end(&b);
}
