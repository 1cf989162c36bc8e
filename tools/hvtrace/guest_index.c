/* SPDX-License-Identifier: MIT */
/*
 * hvtrace index, on a host that can run the guest: keyframes of all it comes
 * by, and whether those that there are lead from one to the other.
 */
#include "guest_index.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "cmd.h"
#include "guest_replay.h"
#include "progress.h"
#include "trace_walk.h"

#define BY_LENGTH 16u /* keyframes, where nobody says how many */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* The guest's thread goes on with what it does: the flag is looked at. */
static void heed_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_interrupt,
		.sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

struct indexing {
	const char *path;
	const struct index_options *options;
	struct progress progress;
	struct hvt_keyframes *keyframes;
	struct hvt_guest *guest;
	uint64_t events; /* in the trace */
	uint64_t count, bytes;
	uint64_t last; /* event of the last one */
	uint64_t next; /* exits, or events, at which the next one is due */
	struct hvt_error error;
};

/* At the return of a run: where no guest runs, and the most is to be saved. */
static bool is_due(struct indexing *x, uint64_t exits_before)
{
	struct hvt_guest_status s = hvt_guest_status(x->guest);
	uint64_t step = x->options->interval;
	uint64_t at = step ? s.exits : s.events;

	if (!step)
		step = x->events / BY_LENGTH + 1;
	if (!x->next)
		x->next = step;
	if (s.exits == exits_before || at < x->next)
		return false;
	x->next = at + step;
	return true;
}

/* As hvt_guest_play(); 2: interrupted. */
static int play(struct indexing *x)
{
	int got = 0;

	while (!got) {
		struct hvt_guest_status s = hvt_guest_status(x->guest);

		if (interrupted)
			return 2;
		got = hvt_guest_play(x->guest, s.events + 1, &x->error);
		if (!got && hvt_guest_status(x->guest).events == s.events)
			return 0;
		progress_note(&x->progress, s.events, NULL);
		if (got || !is_due(x, s.exits))
			continue;
		got = hvt_keyframes_add(x->keyframes, x->guest, &x->error);
		x->last = s.events + 1;
		x->count += !got;
	}
	return got;
}

static void measure(struct indexing *x)
{
	struct hvt_trace *trace;

	if (hvt_trace_open(&trace, x->path, NULL))
		return;
	(void)hvt_trace_keyframe_bytes(trace, &x->count, &x->bytes);
	hvt_trace_close(trace);
}

static void tell(const struct indexing *x, int got)
{
	struct hvt_guest_status s = hvt_guest_status(x->guest);

	if (x->options->json) {
		printf("{\"same\":%s,\"keyframes\":%" PRIu64 ",\"bytes\":%" PRIu64
		       ",\"events\":%" PRIu64 ",\"exits\":%" PRIu64 "}\n",
		       got == 1 ? "false" : "true", x->count, x->bytes,
		       s.events, s.exits);
		return;
	}
	if (x->options->recording) {
		remark("%s has %" PRIu64 " keyframe%s, of %" PRIu64 " bytes",
				x->path, x->count, x->count == 1 ? "" : "s",
				x->bytes);
		return;
	}
	printf("%s: %" PRIu64 " keyframe%s of %" PRIu64 " events, %" PRIu64
	       " bytes\n", x->path, x->count, x->count == 1 ? "" : "s",
	       s.events, x->bytes);
}

/* What the replay came to: the keyframes before that are good ones. */
static int finish(struct indexing *x, int got)
{
	int code = EXIT_SAME;
	struct hvt_error e;

	progress_end(&x->progress);
	if (hvt_keyframes_close(x->keyframes, !got || x->count, &e)) {
		x->keyframes = NULL;
		return trouble_in_trace(x->path, &e);
	}
	x->keyframes = NULL;
	measure(x);
	if (got < 0)
		code = trouble_in_trace(x->path, &x->error);
	if (got == 1) {
		guest_report(stderr, x->guest, x->path);
		remark("no keyframes behind that: there are %" PRIu64, x->count);
		code = EXIT_DIFFERS;
	}
	if (got == 2)
		code = trouble("interrupted: %" PRIu64 " keyframes, up to event "
			       "%" PRIu64, x->count, x->last);
	if (got >= 0)
		tell(x, got);
	return code;
}

static int count_events(struct indexing *x)
{
	struct hvt_trace *trace;
	struct hvt_error e;

	if (hvt_trace_open(&trace, x->path, &e))
		return trouble_in_trace(x->path, &e);
	x->events = walk_number_behind_last(trace);
	hvt_trace_close(trace);
	return EXIT_SAME;
}

int guest_index(const char *path, const struct index_options *o)
{
	struct indexing x = { .path = path, .options = o };
	struct hvt_error e;
	int code = count_events(&x);

	if (code)
		return code;
	if (hvt_keyframes_open(&x.keyframes, path, &e))
		return trouble_in_trace(path, &e);
	heed_interrupts();
	if (hvt_guest_open(&x.guest, path, &e)) {
		(void)hvt_keyframes_close(x.keyframes, false, NULL);
		return trouble_in_trace(path, &e);
	}
	progress_begin(&x.progress, "running the guest", x.events, o->quiet);
	code = finish(&x, play(&x));
	hvt_guest_close(x.guest);
	return code;
}
