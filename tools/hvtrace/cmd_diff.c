/* SPDX-License-Identifier: MIT */
/* hvtrace diff: where two recordings of the same thing begin to differ. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "diff.h"

static const char help[] =
"usage: hvtrace diff [OPTION]... A B\n"
"\n"
"Compares two traces: the events of each thread in A, one after the other, with\n"
"those of the same thread in B. Shows the first difference with what is around\n"
"it, which threads differ, and of what there is more in one of them. Times, host\n"
"addresses, what mach_absolute_time() returned, and the syndrome and addresses of\n"
"exits that are no exceptions are not compared.\n"
"\n"
"  --where EXPR      compare only events of which EXPR holds (`hvtrace dump\n"
"                    --help-where`)\n"
"  --ignore NAME,... do not compare parameters of these names; \"result\" and\n"
"                    \"bytes\" can be named, too\n"
"  --exact           compare these, but for times of events\n"
"  -U, --context N   events to show before and behind the difference (5)\n"
"  --brief           say only whether they differ\n"
"  --color WHEN      auto (the default: on a terminal), always or never\n"
"  -q, --quiet       show no progress\n"
"\n"
"Exit status: 0 they are the same, 1 they differ, 2 trouble.\n"
"\n"
"  hvtrace diff --where kind=exit --ignore virtual_address old.hvt new.hvt\n";

static int parse_context(struct diff_options *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > DIFF_CONTEXT_MAX)
		return trouble("--context is a number up to %u, not %s",
				DIFF_CONTEXT_MAX, text);
	o->context = (unsigned)n;
	return EXIT_SAME;
}

static int parse_option(struct diff_options *o, int c)
{
	switch (c) {
	case 'w':
		o->filter = optarg;
		return EXIT_SAME;
	case 'i':
		if (digest_rules_ignore(&o->rules, optarg))
			return EXIT_SAME;
		return trouble("--ignore takes up to %u names, not %s",
				DIGEST_IGNORED_MAX, optarg);
	case 'e':
		o->rules.exact = true;
		return EXIT_SAME;
	case 'U':
		return parse_context(o, optarg);
	case 'b':
		o->brief = true;
		return EXIT_SAME;
	case 'c':
		return color_parse(optarg, false, &o->color);
	case 'q':
		o->quiet = true;
		return EXIT_SAME;
	}
	return trouble("`hvtrace diff --help` tells the options");
}

int cmd_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{ "where", required_argument, NULL, 'w' },
		{ "ignore", required_argument, NULL, 'i' },
		{ "exact", no_argument, NULL, 'e' },
		{ "context", required_argument, NULL, 'U' },
		{ "brief", no_argument, NULL, 'b' },
		{ "color", required_argument, NULL, 'c' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct diff_options o = { .context = 5 };
	int c, code;

	color_parse("auto", false, &o.color);
	while ((c = getopt_long(argc, argv, "U:qh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		code = parse_option(&o, c);
		if (code)
			return code;
	}
	if (argc - optind != 2)
		return trouble("diff takes two traces; `hvtrace diff --help`");
	return diff_traces(&o, argv[optind], argv[optind + 1], STDOUT_FILENO);
}
