/* SPDX-License-Identifier: MIT */
/* hvtrace replay: a VMM again, with its hypervisor's answers from a trace. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd.h"
#include "lttng_session.h"

static const char help[] =
"usage: hvtrace replay [OPTION...] TRACE -- [VMM] ARG...\n"
"\n"
"Runs VMM again, with the arguments it was recorded with: every call it makes\n"
"of the Hypervisor API is compared with the trace and answered from it. No\n"
"hypervisor is needed, and the host may be an x86-64 one, with the VMM built\n"
"for it. Where the first ARG is an option hvrun is the VMM.\n"
"\n"
"  --lttng             a session of LTTng about it, into the folder TRACE.lttng\n"
"  --lttng-output DIR  the same, into another folder\n"
"  -q, --quiet         show no progress; there is none anyway where the guest's\n"
"                      console is on the terminal\n"
"\n"
"Exit status: 0 every call was the same, 1 the VMM diverged (told on stderr,\n"
"with both sides), 2 trouble.\n"
"\n"
"HVT_STALL_MS (10000): how long a thread of the VMM may keep the others\n"
"waiting before that counts as a divergence.\n"
"\n"
"  hvtrace replay boot.hvt -- --kernel Image --initrd initrd.cpio\n";

/*
 * So that a trace that cannot be read is said before anything is started;
 * *end: how it ends.
 */
static int check_trace(const char *path, enum hvt_trace_end *end)
{
	struct hvt_trace *trace;
	struct hvt_error e;

	if (hvt_trace_open(&trace, path, &e))
		return trouble_in_trace(path, &e);
	*end = hvt_trace_ended(trace);
	hvt_trace_close(trace);
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

static int judge(const struct session_result *r, const char *path,
		enum hvt_trace_end end, char **vmm)
{
	if (r->diverged)
		return EXIT_DIFFERS;
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

static int replay(const char *path, int argc, char **argv)
{
	char **vmm = session_vmm(argc, argv);
	enum hvt_trace_end end = HVT_END_UNKNOWN;
	struct session_result r;
	int code;

	if (!vmm)
		return trouble("out of memory");
	code = check_trace(path, &end);
	if (!code)
		code = session_run(HVT_ENV_REPLAY, path, vmm, &r)
				? judge(&r, path, end, vmm)
				: EXIT_TROUBLE;
	free(vmm);
	return code;
}

int cmd_replay(int argc, char **argv)
{
	static const struct option options[] = {
		{ "lttng", no_argument, NULL, 'l' },
		{ "lttng-output", required_argument, NULL, 'L' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, first;

	while ((c = getopt_long(argc, argv, "+qh", options, NULL)) != -1) {
		if (c == 'q') {
			session_be_quiet();
			continue;
		}
		if (c == 'l' || c == 'L') {
			lttng_session_want(c == 'L' ? optarg : NULL);
			continue;
		}
		if (c != 'h')
			return trouble("`hvtrace replay --help` tells the "
				       "options");
		fputs(help, stdout);
		return EXIT_SAME;
	}
	if (optind >= argc)
		return trouble("replay which trace? `hvtrace replay --help`");
	first = optind + 1;
	if (first < argc && !strcmp(argv[first], "--"))
		first++;
	if (first >= argc)
		return trouble("which VMM made %s? Give it behind `--`; "
			       "replaying the guest without its VMM is not "
			       "there yet", argv[optind]);
	return replay(argv[optind], argc - first, argv + first);
}
