/* SPDX-License-Identifier: MIT */
/* hvtrace replay: a VMM again, with its hypervisor's answers from a trace. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd.h"
#include "guest_replay.h"
#include "lttng_session.h"
#include "vmm_cause.h"

static const char help[] =
"usage: hvtrace replay [OPTION...] TRACE -- [VMM] ARG...\n"
"       hvtrace replay [--json] [--from EVENT] TRACE\n"
"\n"
"With a VMM: runs it again, with the arguments it was recorded with: every call\n"
"it makes of the Hypervisor API is compared with the trace and answered from it.\n"
"No hypervisor is needed, and the host may be an x86-64 one, with the VMM built\n"
"for it. Where the first ARG is an option hvrun is the VMM. A trace that has\n"
"guest memory takes userfaultfd: root, or vm.unprivileged_userfaultfd=1.\n"
"\n"
"Without one: runs the guest again on this host's KVM, or in the lab, and the\n"
"trace plays the VMM; every exit, and all that the VMM looked at, is compared.\n"
"The trace needs guest memory (not hvtrace record --memory none).\n"
"\n"
"  --keep-going        tolerates a VMM that reads more or less of registers and\n"
"                      the GIC than it did, where the answer is in the trace, and\n"
"                      tells how often that was so\n"
"  --inputs MODE       all (the default): what the trace has of clocks, random\n"
"                      numbers and standard input the VMM gets from there; none: it\n"
"                      has what is real now\n"
"  --json              the outcome of a guest's replay on stdout, as one object\n"
"  --from EVENT        a guest's replay begins at the last keyframe at or before\n"
"                      that event (hvtrace index)\n"
"  --lttng             a session of LTTng about the VMM, into the folder\n"
"                      TRACE.lttng\n"
"  --lttng-output DIR  the same, into another folder\n"
"  -q, --quiet         show no progress; there is none anyway where the guest's\n"
"                      console is on the terminal\n"
"\n"
"Exit status: 0 all was the same, 1 the VMM or the guest diverged (told on\n"
"stderr, with both sides), 2 trouble.\n"
"\n"
"HVT_STALL_MS (10000): how long a thread of the VMM may keep the others\n"
"waiting before that counts as a divergence.\n"
"\n"
"  hvtrace replay boot.hvt -- --kernel Image --initrd initrd.cpio\n";

/*
 * So that a trace that cannot be read is said before anything is started;
 * *end: how it ends.
 */
static int check_trace(
	const char *path, bool ignores_inputs, enum hvt_trace_end *end)
{
	struct hvt_trace *trace;
	struct hvt_error e;
	const char *inputs, *why;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	*end = hvt_trace_ended(trace);
	inputs = hvt_trace_info(trace, "inputs");
	why = !ignores_inputs && inputs && !strcmp(inputs, "all")
		? session_take_inputs()
		: NULL;
	hvt_trace_close(trace);
	if (why)
		return trouble("%s has inputs of its VMM, which cannot be given "
			       "back: %s (--inputs none goes without them)",
				path, why);
	return 0;
}

/* Where a replay of a trace that breaks off comes to its end. */
static const char *breaking_off(enum hvt_trace_end end)
{
	switch (end) {
	case HVT_END_KILLED:
		return "its VMM was killed";
	case HVT_END_DIED:
		return "its recorder died";
	case HVT_END_TORN:
		return "the trace was torn";
	case HVT_END_UNKNOWN:
	case HVT_END_FINISHED:
	case HVT_END_LEFT:
	case HVT_END_CUT:
		break;
	}
	return "the trace is cut short";
}

static int differs(const struct session_result *r, const char *path, char **vmm)
{
	struct guesses guesses = { 0 };

	vmm_guess(path, vmm, r->diverged_at, &guesses);
	guesses_put(stderr, &guesses);
	return EXIT_DIFFERS;
}

static int judge(const struct session_result *r, const char *path,
		enum hvt_trace_end end, char **vmm)
{
	if (r->diverged)
		return differs(r, path, vmm);
	if (r->interrupted && !r->ended)
		return trouble("interrupted before its replay was complete");
	if (r->failed)
		return r->error.text[0] ? trouble_in_trace(path, &r->error)
					: EXIT_TROUBLE;
	if (!r->ready)
		return trouble("%s ended without loading libhypervisor: "
			       "nothing was replayed", vmm[0]);
	if (r->over && !r->ended) {
		remark("same as recorded up to where %s; the VMM did not end "
		       "by itself", breaking_off(end));
		return EXIT_SAME;
	}
	if (!r->ended && WIFSIGNALED(r->status))
		return trouble("%s was ended by signal %d before its replay "
			       "was complete", vmm[0], WTERMSIG(r->status));
	if (!r->ended)
		return trouble("%s ended by _exit(): whether its replay was "
			       "complete is not known", vmm[0]);
	if (!r->complete && !r->consumed)
		return trouble("%s: nothing in it can be replayed", path);
	if (!r->complete)
		remark("same as recorded up to event %" PRIu64 ", where %s",
				r->consumed, breaking_off(end));
	else
		remark("same as recorded: %" PRIu64 " events", r->consumed);
	return EXIT_SAME;
}

static int replay(const char *path, bool ignores_inputs, int argc, char **argv)
{
	char **vmm = session_vmm(argc, argv);
	enum hvt_trace_end end = HVT_END_UNKNOWN;
	struct session_result r;
	int code;

	if (!vmm)
		return trouble("out of memory");
	code = check_trace(path, ignores_inputs, &end);
	if (!code)
		code = session_run(HVT_ENV_REPLAY, path, vmm, &r)
				? judge(&r, path, end, vmm)
				: EXIT_TROUBLE;
	free(vmm);
	return code;
}

struct options {
	bool json, keep_going, ignores_inputs, lttng, quiet, has_from;
	uint64_t from;
};

/* EXIT_SAME, or EXIT_TROUBLE (said), or -1: help was shown. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "keep-going", no_argument, NULL, 'k' },
		{ "inputs", required_argument, NULL, 'i' },
		{ "lttng", no_argument, NULL, 'l' },
		{ "lttng-output", required_argument, NULL, 'L' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "from", required_argument, NULL, 'f' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "+qhj", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(help, stdout);
			return -1;
		case 'q':
			o->quiet = true;
			session_be_quiet();
			break;
		case 'j':
			o->json = true;
			break;
		case 'k':
			o->keep_going = true;
			break;
		case 'i':
			o->ignores_inputs = !strcmp(optarg, "none");
			if (!o->ignores_inputs && strcmp(optarg, "all") != 0)
				return trouble(
					"--inputs is all or none, not %s",
					optarg);
			break;
		case 'f':
			o->has_from = true;
			if (!number_parse(optarg, &o->from))
				return trouble("--from takes the number of an "
					       "event");
			break;
		case 'l':
		case 'L':
			o->lttng = true;
			lttng_session_want(c == 'L' ? optarg : NULL);
			break;
		default:
			return trouble("`hvtrace replay --help` tells the "
				       "options");
		}
	}
	return EXIT_SAME;
}

static int replay_guest(int argc, char **argv, const struct options *o)
{
	const char *path = argv[optind];
	int code;

	if (o->lttng)
		return trouble("--lttng is for the replay of a VMM, which has "
			       "the tracepoints");
	if (o->keep_going)
		return trouble("--keep-going is for the replay of a VMM: a "
			       "guest that differs is another guest");
	if (o->ignores_inputs)
		return trouble("--inputs is for the replay of a VMM: a guest "
			       "has none of them");
	code = guest_check(path);
	if (code)
		return code;
	if (lab_is_needed())
		return lab_rerun("replay", argc, argv, path);
	return guest_replay(path, o->from, o->json, o->quiet);
}

int cmd_replay(int argc, char **argv)
{
	struct options o = { 0 };
	int code = parse_options(argc, argv, &o), first;

	if (code)
		return code < 0 ? EXIT_SAME : code;
	if (optind >= argc)
		return trouble("replay which trace? `hvtrace replay --help`");
	first = optind + 1;
	if (first < argc && !strcmp(argv[first], "--"))
		first++;
	if (first >= argc)
		return replay_guest(argc, argv, &o);
	if (o.json || o.has_from)
		return trouble("--json and --from are for the replay of a guest "
			       "alone");
	if (o.keep_going)
		setenv(HVT_ENV_KEEP_GOING, "1", 1);
	if (o.ignores_inputs)
		setenv(HVT_ENV_INPUTS, "none", 1);
	return replay(
		argv[optind], o.ignores_inputs, argc - first, argv + first);
}
