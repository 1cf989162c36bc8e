/* SPDX-License-Identifier: MIT */
/* hvtrace info: what a trace is, and what it holds, counted. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "guest_replay.h"
#include "out.h"
#include "trace_counts.h"
#include "trace_walk.h"

static const char help[] =
"usage: hvtrace info [--json] [--quiet] TRACE\n"
"\n"
"Shows where and how the trace was recorded, how large it is, at which level\n"
"its guest can be replayed, and how often each function was called.\n"
"\n"
"  --json  one JSON object on one line:\n"
"            format        version of the format\n"
"            state         closed, live (being written) or open (its recorder\n"
"                          died)\n"
"            size          bytes of the file\n"
"            uncompressed  bytes of its events, uncompressed\n"
"            threads       how many there were: the highest number and 1\n"
"            first_event   number of the first event; null: there is none\n"
"            events        how many there are\n"
"            calls         events but for those of calls that returned\n"
"            exits         how often hv_vcpu_run returned\n"
"            ticks         from the first event to the last\n"
"            seconds       the same in seconds; null: the rate is not known\n"
"            damaged       stretches that cannot be read\n"
"            level         1: its guest can be replayed exactly; 0: it need not be\n"
"                          the same; null: too damaged to know\n"
"            level_reason  of level 0: why it is no more\n"
"            keyframes     how many there are (`hvtrace index`)\n"
"            keyframe_exits  exits from one to the next, on average; null: there\n"
"                          are none\n"
"            keyframe_bytes  of the file, that they take\n"
"            facts         an object: what was noted when it was recorded\n"
"            functions     an object: the number of calls by function\n"
"            bytes         an object: the bytes that these carried, as of memory\n"
"          Keys are never taken away; more may come.\n"
"  --quiet show no progress\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what can be read\n"
"is counted.\n";

struct found {
	struct trace_counts counts;
	uint64_t keyframes, keyframe_bytes;
	char level[256]; /* empty: it is not known */
};

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

static const char *state_name(const struct hvt_trace *trace)
{
	switch (hvt_trace_state(trace)) {
	case HVT_TRACE_CLOSED:
		return "closed";
	case HVT_TRACE_LIVE:
		return "live";
	case HVT_TRACE_OPEN:
		return "open";
	}
	return "";
}

static void show_facts(struct out *o, const struct hvt_trace *trace)
{
	const char *key, *value;

	for (size_t i = 0; hvt_trace_info_at(trace, i, &key, &value); i++) {
		out_format(o, "%-14s ", key);
		out_text(o, value);
		out_char(o, '\n');
	}
}

static void show_keyframes(struct out *o, const struct found *f)
{
	if (!f->keyframes)
		return;
	out_format(o, "%-14s %" PRIu64 ", one in %" PRIu64 " exits, %" PRIu64
		      " bytes\n", "keyframes", f->keyframes,
			f->counts.exits / f->keyframes, f->keyframe_bytes);
}

static void show(struct out *o, const struct walk *w, const struct found *f)
{
	const struct trace_counts *c = &f->counts;
	uint64_t ticks = c->last_tick - c->first_tick;

	out_format(o, "%-14s %" PRIu32 "\n", "format",
			hvt_trace_version(w->trace));
	out_format(o, "%-14s %s\n", "state", state_name(w->trace));
	show_facts(o, w->trace);
	if (w->hz > 0)
		out_format(o, "%-14s %.6f s\n", "duration",
				walk_seconds(w, ticks));
	out_format(o, "%-14s %" PRIu64 " bytes, %" PRIu64 " uncompressed\n",
			"size", file_size(w->path),
			hvt_trace_raw_bytes(w->trace));
	out_format(o, "%-14s %s\n", "level",
			f->level[0] ? f->level : "not known: it is damaged");
	show_keyframes(o, f);
	out_format(o, "%-14s %" PRIu32 "\n", "threads", c->threads);
	out_format(o, "%-14s %" PRIu64 "\n", "events", c->events);
	out_format(o, "%-14s %" PRIu64 "\n", "calls", c->calls);
	for (uint32_t i = 0; i < TRACE_COUNTS_CALLS; i++) {
		if (!c->calls_of[i])
			continue;
		out_format(o, "  %10" PRIu64 " %s", c->calls_of[i],
				hvt_trace_call(w->trace, i)->name);
		if (c->bytes_of[i])
			out_format(o, " (%" PRIu64 " bytes)", c->bytes_of[i]);
		out_char(o, '\n');
	}
}

static void put_number(struct out *o, const char *key, uint64_t value)
{
	out_format(o, ",\"%s\":%" PRIu64, key, value);
}

static void put_level(struct out *o, const char *level)
{
	if (!level[0]) {
		out_text(o, ",\"level\":null");
		return;
	}
	out_format(o, ",\"level\":%c", level[0]);
	if (level[1]) {
		out_text(o, ",\"level_reason\":");
		out_json_string(o, level + strlen("0: "));
	}
}

static void put_facts(struct out *o, const struct hvt_trace *trace)
{
	const char *key, *value;

	out_text(o, ",\"facts\":{");
	for (size_t i = 0; hvt_trace_info_at(trace, i, &key, &value); i++) {
		if (i)
			out_char(o, ',');
		out_json_string(o, key);
		out_char(o, ':');
		out_json_string(o, value);
	}
	out_char(o, '}');
}

/* Of each function one number, where it is not 0. */
static void put_functions(struct out *o, const struct hvt_trace *trace,
		const char *key, const uint64_t *numbers)
{
	const char *comma = "";

	out_format(o, ",\"%s\":{", key);
	for (uint32_t i = 0; i < TRACE_COUNTS_CALLS; i++) {
		if (!numbers[i])
			continue;
		out_text(o, comma);
		out_json_string(o, hvt_trace_call(trace, i)->name);
		out_format(o, ":%" PRIu64, numbers[i]);
		comma = ",";
	}
	out_char(o, '}');
}

static void show_json(struct out *o, const struct walk *w,
		const struct found *f)
{
	const struct trace_counts *c = &f->counts;
	uint64_t ticks = c->last_tick - c->first_tick;

	out_format(o, "{\"format\":%" PRIu32 ",\"state\":\"%s\"",
			hvt_trace_version(w->trace), state_name(w->trace));
	put_number(o, "size", file_size(w->path));
	put_number(o, "uncompressed", hvt_trace_raw_bytes(w->trace));
	put_number(o, "threads", c->threads);
	if (c->events)
		put_number(o, "first_event", c->first);
	else
		out_text(o, ",\"first_event\":null");
	put_number(o, "events", c->events);
	put_number(o, "calls", c->calls);
	put_number(o, "exits", c->exits);
	put_number(o, "ticks", ticks);
	if (w->hz > 0)
		out_format(o, ",\"seconds\":%.6f", walk_seconds(w, ticks));
	else
		out_text(o, ",\"seconds\":null");
	put_number(o, "damaged", w->damaged);
	put_level(o, f->level);
	put_number(o, "keyframes", f->keyframes);
	if (f->keyframes)
		put_number(o, "keyframe_exits", c->exits / f->keyframes);
	else
		out_text(o, ",\"keyframe_exits\":null");
	put_number(o, "keyframe_bytes", f->keyframe_bytes);
	put_facts(o, w->trace);
	put_functions(o, w->trace, "functions", c->calls_of);
	put_functions(o, w->trace, "bytes", c->bytes_of);
	out_text(o, "}\n");
}

/* What can be read, past the damage that is told. */
static int find(struct walk *w, struct found *f)
{
	struct hvt_level *level;

	if (trace_counts_init(&f->counts) || hvt_level_create(&level, w->trace))
		return trouble("out of memory");
	if (trace_counts_walk(&f->counts, w, level)) {
		hvt_level_destroy(level);
		return trouble("out of memory");
	}
	/* What is behind damage that came before may have settled nothing. */
	if (!w->is_damaged || f->counts.is_settled)
		guest_level_text(w->trace, hvt_level_found(level), f->level,
				sizeof(f->level));
	hvt_level_destroy(level);
	(void)hvt_trace_keyframe_bytes(
			w->trace, &f->keyframes, &f->keyframe_bytes);
	return EXIT_SAME;
}

static int info(struct walk *w, bool json)
{
	struct found f = { 0 };
	struct out out;
	int code = find(w, &f);

	progress_end(&w->progress);
	out_init(&out, STDOUT_FILENO);
	if (!code && json)
		show_json(&out, w, &f);
	else if (!code)
		show(&out, w, &f);
	trace_counts_fini(&f.counts);
	if (code)
		return code;
	return out_flush(&out) ? trouble("cannot write the output") : w->code;
}

int cmd_info(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool json = false, quiet = false;
	struct walk walk;
	int c, code;

	while ((c = getopt_long(argc, argv, "jqh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		if (c != 'j' && c != 'q')
			return trouble("`hvtrace info --help` tells the "
				       "options");
		json |= c == 'j';
		quiet |= c == 'q';
	}
	if (argc - optind != 1)
		return trouble("info takes one trace; `hvtrace info --help`");
	code = walk_open(&walk, argv[optind], quiet);
	if (code)
		return code;
	code = info(&walk, json);
	walk_close(&walk);
	return code;
}
