/* SPDX-License-Identifier: MIT */
/* hvtrace record: a VMM, and the trace of all it asks of the hypervisor. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cmd.h"
#include "lttng_session.h"
#include "record_keyframes.h"

struct recording {
	const char *path, *memory;
	uint64_t keyframe_interval; /* exits; 0: no keyframes */
	const char *inputs;
	bool quiet;
};

static const char help[] =
"usage: hvtrace record [OPTION...] [--] [VMM] ARG...\n"
"\n"
"Runs VMM with its arguments and records every call it makes of the\n"
"Hypervisor API. Where the first ARG is an option, or nothing, hvrun is the\n"
"VMM.\n"
"\n"
"  -o TRACE            the trace to write (hvtrace.hvt); an old one is\n"
"                      overwritten\n"
"  --memory MODE       what of guest memory is recorded: touched (the default),\n"
"                      what the VMM reads and writes of it, as a VMM with virtio\n"
"                      devices needs to be replayed, and a guest always; full,\n"
"                      and what the guest has written by each exit: memory at any\n"
"                      event is in the trace then (hvtrace dump --at); or none\n"
"  --inputs MODE       the VMM's inputs besides: clocks, random numbers, standard\n"
"                      input and what it is, and the order of its threads: all\n"
"                      (the default), or none\n"
"  --keyframe-interval EXITS\n"
"                      when the VMM has ended, the guest is run again, and a\n"
"                      keyframe added every so many exits, as hvtrace index does;\n"
"                      it takes guest memory, and a guest of level 1 (hvtrace\n"
"                      info): without, it is told why there are none\n"
"  --lttng             a session of LTTng besides, with the tracepoints\n"
"                      hvtrace:*, into the folder TRACE.lttng (for a session of\n"
"                      your own: HVT_LTTNG=1 in the environment)\n"
"  --lttng-output DIR  the same, into another folder\n"
"  -q, --quiet         show no progress; there is none anyway where the guest's\n"
"                      console is on the terminal\n"
"\n"
"Where there is no arm64 KVM this runs in the lab; the VMM must be an arm64\n"
"program then. HVT_LAB_OPTIONS holds options for scripts/lab, for example\n"
"\"--kernel 7.2 --smp 4\".\n"
"\n"
"Exit status: that of the VMM, 128+N if signal N ended it; 2 if it could not\n"
"be recorded.\n"
"\n"
"  hvtrace record -o boot.hvt -- --kernel Image --initrd initrd.cpio\n"
"  hvtrace record qemu-system-aarch64 -M virt -accel hvf -cpu host\n";

static int check_host(void)
{
	struct hvt_host_fact fact;

	if (!hvt_host_lacks(&fact))
		return 0;
	return trouble("this host cannot run guests: %s is missing (%s); "
		       "`hvtrace host` lists all", fact.name, fact.purpose);
}

/* A VMM that was killed or left by _exit() has not closed its trace. */
static int close_trace(const char *path, int status)
{
	enum hvt_trace_end how = WIFSIGNALED(status) ? HVT_END_KILLED
						     : HVT_END_LEFT;
	struct hvt_error e;
	uint64_t events;

	return hvt_trace_recover(path, how, &events, &e)
			? trouble_in_trace(path, &e)
			: EXIT_SAME;
}

static int judge(const struct session_result *r,
		const struct recording *recording, char **vmm)
{
	const char *path = recording->path;
	int code;

	if (r->failed)
		return r->error.text[0] ? trouble_in_trace(path, &r->error)
					: EXIT_TROUBLE;
	if (!r->ready)
		return trouble("%s ended without loading libhypervisor: "
			       "nothing was recorded", vmm[0]);
	code = close_trace(path, r->status);
	if (code)
		return code;
	if (WIFSIGNALED(r->status))
		remark("%s was ended by signal %d; %s holds all it did until "
		       "then", vmm[0], WTERMSIG(r->status), path);
	if (recording->keyframe_interval)
		record_keyframes(path, recording->keyframe_interval,
				recording->quiet);
	return WIFSIGNALED(r->status) ? 128 + WTERMSIG(r->status)
				      : WEXITSTATUS(r->status);
}

static int record(const struct recording *recording, int argc, char **argv)
{
	char **vmm = session_vmm(argc, argv);
	struct session_result r;
	int code;

	if (!vmm)
		return trouble("out of memory");
	code = check_host();
	if (!code)
		code = session_run(HVT_ENV_RECORD, recording->path, vmm, &r)
				? judge(&r, recording, vmm)
				: EXIT_TROUBLE;
	free(vmm);
	return code;
}

static bool is_memory_mode(const char *word)
{
	return !strcmp(word, "none") || !strcmp(word, "touched") ||
			!strcmp(word, "full");
}

/* Where they cannot be had the trace says why, and has all else. */
static void take_inputs(const char *mode)
{
	const char *why = strcmp(mode, "all") ? NULL : session_take_inputs();

	setenv(HVT_ENV_INPUTS, why ? why : mode, 1);
}

static bool is_inputs_mode(const char *word)
{
	return !strcmp(word, "all") || !strcmp(word, "none");
}

static int parse_option(struct recording *r, int c)
{
	switch (c) {
	case 'o':
		r->path = optarg;
		return EXIT_SAME;
	case 'm':
		r->memory = optarg;
		return is_memory_mode(optarg) ? EXIT_SAME
			: trouble("--memory is none, touched or full, not %s",
					optarg);
	case 'i':
		r->inputs = optarg;
		return is_inputs_mode(optarg) ? EXIT_SAME
			: trouble("--inputs is all or none, not %s", optarg);
	case 'k':
		return number_parse(optarg, &r->keyframe_interval) &&
				r->keyframe_interval ? EXIT_SAME
			: trouble("--keyframe-interval takes a number of exits");
	case 'q':
		r->quiet = true;
		session_be_quiet();
		return EXIT_SAME;
	case 'l':
	case 'L':
		lttng_session_want(c == 'L' ? optarg : NULL);
		return EXIT_SAME;
	default:
		return trouble("`hvtrace record --help` tells the options");
	}
}

int cmd_record(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "lttng", no_argument, NULL, 'l' },
		{ "memory", required_argument, NULL, 'm' },
		{ "inputs", required_argument, NULL, 'i' },
		{ "keyframe-interval", required_argument, NULL, 'k' },
		{ "lttng-output", required_argument, NULL, 'L' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct recording r = { .path = "hvtrace.hvt", .memory = "touched",
		.inputs = "all" };
	int c, code;

	/* "+": what follows the VMM's name is the VMM's. */
	while ((c = getopt_long(argc, argv, "+o:qh", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_SAME;
		}
		code = parse_option(&r, c);
		if (code)
			return code;
	}
	if (r.keyframe_interval && !strcmp(r.memory, "none"))
		return trouble("keyframes take guest memory: --memory touched "
			       "or full");
	if (lab_is_needed())
		return lab_rerun("record", argc, argv, r.path);
	setenv(HVT_ENV_MEMORY, r.memory, 1);
	take_inputs(r.inputs);
	return record(&r, argc - optind, argv + optind);
}
