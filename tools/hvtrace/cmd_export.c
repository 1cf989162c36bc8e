/* SPDX-License-Identifier: MIT */
/* hvtrace export: a trace in formats of other tools. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "export/export.h"
#include "guest_replay.h"
#include "look/where.h"
#include "name_options.h"

static const char help[] =
"usage: hvtrace export --to FORMAT -o OUT [OPTION]... TRACE\n"
"\n"
"Writes the events of a trace in a format of other tools:\n"
"\n"
"  ctf       a folder in the Common Trace Format 1.8, for babeltrace2 and Trace\n"
"            Compass: an event for each, with all it holds\n"
"  perfetto  for ui.perfetto.dev: each vCPU's time in the guest and in the VMM,\n"
"            calls by thread, accesses by device, interrupt lines, exits a\n"
"            second\n"
"  json      as `hvtrace dump --json`\n"
"  pcapng    for Wireshark and tcpdump: the frames of virtio-net devices, for\n"
"            which the trace has guest memory; of the whole trace, or what is\n"
"            before damage: behind it that memory is not known\n"
"\n"
"  -o, --output OUT  the file or folder to write; \"-\" is the output, but for ctf\n"
"  --where EXPR      only events of which EXPR holds (`hvtrace dump\n"
"                    --help-where`)\n"
"  --between A B     only events from A to before B: numbers of events, times\n"
"                    since the first one with a unit (2.5s, 300ms), or \"end\"\n"
NAMES_HELP
"  -q, --quiet       show no progress, and say nothing at the end\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what can be read is\n"
"written.\n"
"\n"
"  hvtrace export --to ctf -o boot.ctf boot.hvt && babeltrace2 boot.ctf\n"
"  hvtrace export --to perfetto -o boot.pftrace boot.hvt\n"
"  hvtrace export --to pcapng -o - net.hvt | tcpdump -r -\n";

struct options {
	const struct exporter *exporter;
	const char *output, *filter, *from, *to;
	bool quiet;
	struct names_options names;
};

static int parse_format(struct options *o, const char *name)
{
	static const struct exporter *const all[] = { &export_ctf,
		&export_perfetto, &export_json, &export_pcapng };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->name, name)) {
			o->exporter = all[i];
			return EXIT_SAME;
		}
	return trouble("%s is no format to export to; `hvtrace export --help` "
		       "lists them", name);
}

static int parse_option(struct options *o, int c, int argc, char **argv)
{
	switch (c) {
	case 't':
		return parse_format(o, optarg);
	case 'o':
		o->output = optarg;
		return EXIT_SAME;
	case 'w':
		o->filter = optarg;
		return EXIT_SAME;
	case 'r':
		return walk_option(argc, argv, &o->from, &o->to);
	case 'q':
		o->quiet = true;
		return EXIT_SAME;
	}
	if (names_option(&o->names, c, optarg))
		return EXIT_SAME;
	return trouble("`hvtrace export --help` tells the options");
}

static int open_output(const struct options *o, struct out *out)
{
	int fd;

	out_init(out, -1);
	if (o->exporter->makes_folder)
		return EXIT_SAME;
	fd = !strcmp(o->output, "-")
			? dup(STDOUT_FILENO)
			: open(o->output,
				O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return trouble("cannot write %s: %s", o->output,
				strerror(errno));
	out_init(out, fd);
	return EXIT_SAME;
}

static int copy_event(struct export *x, const struct hvt_event *event,
		bool wanted)
{
	const struct exporter *to = x->exporter;

	if (!wanted)
		return to->passed ? to->passed(x, event) : 0;
	x->exported += !to->makes_frames;
	return to->event(x, event);
}

static int copy(struct export *x, struct walk *w, const struct where *where)
{
	struct where_event what = { .trace = w->trace,
		.devices = &x->names->devices, .first_tick = w->first_tick,
		.hz = w->hz };
	struct hvt_event event;
	int err = x->exporter->begin(x), ended;

	while (!err && walk_next(w, &event)) {
		if (walk_gap(w) && x->exporter->gap)
			x->exporter->gap(x);
		device_map_learn(&x->names->devices, &event);
		err = copy_event(x, &event,
				!where || where_holds(where, &what, &event));
	}
	ended = x->exporter->end(x);
	progress_end(&w->progress);
	where_event_fini(&what);
	return err ? err : ended;
}

static int write_export(const struct options *o, struct walk *w,
		struct stats_names *names, const struct where *where)
{
	static struct out out; /* large */
	struct export x = { .exporter = o->exporter, .walk = w, .names = names,
		.path = o->output, .out = &out };
	int code = open_output(o, &out), err;

	if (code)
		return code;
	err = copy(&x, w, where);
	if (o->exporter->makes_frames && err && !out.err) {
		/* What is wrong with the trace it has told. */
		close(out.fd);
		return EXIT_TROUBLE;
	}
	if (out.fd >= 0 && close(out.fd) && !err)
		err = -errno;
	if (err)
		return trouble("cannot write %s: %s", o->output,
				strerror(-err));
	if (!o->quiet && strcmp(o->output, "-") != 0)
		remark("%s: %" PRIu64 " %s", o->output, x.exported,
				o->exporter->makes_frames ? "frames" : "events");
	return w->code;
}

static int export_trace(const struct options *o, struct walk *w)
{
	static struct stats_names names; /* large */
	struct where_error e;
	struct where *where = NULL;
	int code;

	if (o->exporter->makes_frames && !guest_has_memory(w->trace))
		return trouble("%s was recorded without guest memory, which is "
			       "where frames are", w->path);
	code = names_init(&names, &o->names, w->trace);

	if (!code && o->from)
		code = walk_between(w, o->from, o->to);
	if (!code && o->filter) {
		where = where_compile(o->filter, w->trace, &e);
		if (!where)
			code = where_trouble(o->filter, &e);
	}
	if (!code)
		code = write_export(o, w, &names, where);
	where_free(where);
	names_fini(&names);
	return code;
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },
		{ "output", required_argument, NULL, 'o' },
		{ "where", required_argument, NULL, 'w' },
		{ "between", required_argument, NULL, 'r' },
		{ "quiet", no_argument, NULL, 'q' },
		NAMES_LONG_OPTIONS,
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options o = { 0 };
	struct walk walk;
	int c, code;

	while ((c = getopt_long(argc, argv, "o:qh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		code = parse_option(&o, c, argc, argv);
		if (code)
			return code;
	}
	if (argc - optind != 1 || !o.exporter || !o.output)
		return trouble("export takes --to FORMAT, -o OUT and one "
			       "trace; `hvtrace export --help`");
	if (o.exporter->makes_frames && (o.filter || o.from))
		return trouble("pcapng takes the whole trace: no --where and no "
			       "--between");
	code = walk_open(&walk, argv[optind], o.quiet);
	if (code)
		return code;
	walk.progress.what = "exporting";
	code = export_trace(&o, &walk);
	walk_close(&walk);
	return code;
}
