/* SPDX-License-Identifier: MIT */
/* hvtrace report: what a trace is about, as a page to look at and to keep. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "diff.h"
#include "name_options.h"
#include "report/page.h"
#include "stats_walk.h"

static const char help[] =
"usage: hvtrace report -o FILE.html [OPTION]... TRACE\n"
"\n"
"Writes a page about a trace: what each vCPU did over time, exits a second, what\n"
"they were and how long they took, hottest addresses and PCs. The page is one\n"
"file and needs no network.\n"
"\n"
"  -o, --output FILE the page to write; an old one is overwritten\n"
"  --against OTHER   show where this trace begins to differ from another one, as\n"
"                    `hvtrace diff` does\n"
NAMES_HELP
"  -q, --quiet       show no progress\n"
"\n"
"Exit status: 0, or 2 if the trace is damaged or cut short; what can be read is\n"
"in the page.\n"
"\n"
"  hvtrace report -o boot.html --symbols System.map boot.hvt\n";

struct options {
	const char *output, *against;
	bool quiet;
	struct names_options names;
};

/* The timeline needs to know where it ends before it is drawn. */
static uint64_t last_tick(struct hvt_trace *trace)
{
	struct hvt_event event = { 0 };

	hvt_trace_seek(trace, HVT_SEEK_EVENT, UINT64_MAX, NULL);
	if (hvt_trace_prev(trace, &event, NULL) != 1)
		event.tick = 0;
	hvt_trace_rewind(trace, NULL);
	return event.tick;
}

static void add_to_timeline(const struct exit *exit, void *timeline)
{
	timeline_add(timeline, exit);
}

static int collect(struct report *r, struct walk *w, struct stats_names *names)
{
	static const enum stats_by by = BY_EXIT;
	int err = stats_init(&r->stats, names, &by, 1);

	timeline_init(&r->timeline, w->first_tick, last_tick(w->trace));
	r->stats.told = add_to_timeline;
	r->stats.context = &r->timeline;
	if (!err)
		err = stats_walk(&r->stats, w, 0);
	if (!err)
		err = stats_end(&r->stats);
	progress_end(&w->progress);
	return err ? trouble("out of memory") : EXIT_SAME;
}

/* What `hvtrace diff` says, as text. NULL: said why not. */
static char *compare(const struct options *o, const char *path)
{
	struct diff_options d = { .context = 5, .quiet = o->quiet };
	int fd = memfd_create("hvtrace-diff", MFD_CLOEXEC);
	char *text = NULL;
	off_t size;

	if (fd < 0 || diff_traces(&d, path, o->against, fd) == EXIT_TROUBLE)
		goto out;
	size = lseek(fd, 0, SEEK_END);
	text = calloc(1, (size_t)size + 1);
	if (text && pread(fd, text, (size_t)size, 0) != size) {
		free(text);
		text = NULL;
	}
out:
	if (fd >= 0)
		close(fd);
	return text;
}

static int write_page(const struct options *o, const struct report *r)
{
	static struct out out; /* large */
	int fd = open(o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return trouble("cannot write %s: %s", o->output,
				strerror(errno));
	out_init(&out, fd);
	page_write(&out, r);
	err = out_flush(&out);
	if (close(fd) && !err)
		err = -errno;
	return err ? trouble("cannot write %s: %s", o->output, strerror(-err))
		   : r->walk->code;
}

static int report(const struct options *o, struct walk *w)
{
	static struct report r; /* large */
	static struct stats_names names;
	const char *slash = strrchr(w->path, '/');
	char *difference = NULL;
	struct stat st;
	int code = names_init(&names, &o->names, w->trace);

	r.walk = w;
	r.title = slash ? slash + 1 : w->path;
	r.view.size = stat(w->path, &st) ? 0 : (uint64_t)st.st_size;
	if (!code)
		code = collect(&r, w, &names);
	if (!code && o->against) {
		difference = compare(o, w->path);
		code = difference ? EXIT_SAME : EXIT_TROUBLE;
		r.other = o->against;
		r.difference = difference;
	}
	if (!code)
		code = write_page(o, &r);
	free(difference);
	stats_fini(&r.stats);
	names_fini(&names);
	return code;
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "against", required_argument, NULL, 'a' },
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
		if (c == 'o')
			o.output = optarg;
		else if (c == 'a')
			o.against = optarg;
		else if (c == 'q')
			o.quiet = true;
		else if (!names_option(&o.names, c, optarg))
			return trouble("`hvtrace report --help` tells the "
				       "options");
	}
	if (argc - optind != 1 || !o.output)
		return trouble("report takes -o FILE and one trace; `hvtrace "
			       "report --help`");
	code = walk_open(&walk, argv[optind], o.quiet);
	if (code)
		return code;
	code = report(&o, &walk);
	walk_close(&walk);
	return code;
}
