/* SPDX-License-Identifier: MIT */
/* hvtrace: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "record", cmd_record, "run a VMM and record every call it makes" },
	{ "replay", cmd_replay, "run a VMM again, its calls answered by a trace" },
	{ "dump", cmd_dump, "show the calls in a trace" },
	{ "info", cmd_info, "show what a trace is and holds" },
	{ "stat", cmd_stat, "count and time the exits in a trace" },
	{ "top", cmd_top, "the same of a trace that is being written" },
	{ "diff", cmd_diff, "compare two traces" },
	{ "export", cmd_export, "write a trace in formats of other tools" },
	{ "report", cmd_report, "write a page about a trace" },
	{ "verify", cmd_verify, "check every checksum of a trace" },
	{ "recover", cmd_recover, "close the trace of a VMM that was killed" },
	{ "cut", cmd_cut, "write part of a trace as a trace" },
	{ "index", cmd_index, "give a trace keyframes, for quick looks at its guest" },
	{ "host", cmd_host, "show what this machine offers to run guests" },
};

static int usage(FILE *out, int code)
{
	fprintf(out, "usage: hvtrace COMMAND [ARG...]\n"
		     "       hvtrace help [COMMAND]\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-8s%s\n", commands[i].name, commands[i].help);
	fprintf(out, "\n`hvtrace help COMMAND` tells more. Exit status: 0 done"
		     " or same, 1 a replay\ndiverged or traces differ, 2 "
		     "trouble.\n");
	return code;
}

/* getopt() begins its messages with argv[0]. */
static int run(size_t command, int argc, char **argv)
{
	char title[32];

	snprintf(title, sizeof(title), "hvtrace %s", commands[command].name);
	argv[0] = title;
	return commands[command].run(argc, argv);
}

/* The command of that name, or a negative number (told). */
static int find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return (int)i;
	trouble("%s: no such command; `hvtrace --help` lists them", name);
	return -1;
}

/* "hvtrace help COMMAND" is "hvtrace COMMAND --help". */
static int help(int argc, char **argv)
{
	char option[] = "--help", *of_command[] = { NULL, option, NULL };
	int command;

	if (argc < 2)
		return usage(stdout, EXIT_SAME);
	command = find(argv[1]);
	return command < 0 ? EXIT_TROUBLE : run((size_t)command, 2, of_command);
}

int main(int argc, char **argv)
{
	int command;

	if (argc < 2)
		return usage(stderr, EXIT_TROUBLE);
	if (!strcmp(argv[1], "--help"))
		return usage(stdout, EXIT_SAME);
	if (!strcmp(argv[1], "help"))
		return help(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version")) {
		printf("hvtrace %s\n", hvt_version());
		return EXIT_SAME;
	}
	command = find(argv[1]);
	return command < 0 ? EXIT_TROUBLE
			   : run((size_t)command, argc - 1, argv + 1);
}
