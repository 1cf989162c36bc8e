/* SPDX-License-Identifier: MIT */
/* The subcommands, and what they share. */
#ifndef HVTRACE_CMD_H
#define HVTRACE_CMD_H

#include <hvtrace/hvtrace.h>

/* Exit codes. record returns the VMM's own, unless recording failed. */
enum {
	EXIT_SAME = 0,    /* done; a replay: same as recorded */
	EXIT_DIFFERS = 1, /* a replay diverged; traces differ */
	EXIT_TROUBLE = 2, /* wrong usage, no trace, no hypervisor, ... */
};

/* Each gets its own name as argv[0]. */
int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_host(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_cut(int argc, char **argv);
int cmd_index(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_report(int argc, char **argv);

/* message.c: one line to stderr, "hvtrace: ..."; always EXIT_TROUBLE. */
__attribute__((format(printf, 1, 2)))
int trouble(const char *format, ...);
/* The same for what a trace function said about the trace at path. */
int trouble_in_trace(const char *path, const struct hvt_error *e);
/* The same of an expression, with the place where it goes wrong. */
struct where_error;
int where_trouble(const char *expression, const struct where_error *e);
/* A remark. */
__attribute__((format(printf, 1, 2)))
void remark(const char *format, ...);

/* number.c: the whole text as a number, as in C; false if it is none. */
bool number_parse(const char *text, uint64_t *number);

/* lab.c: can this machine run guests by itself? */
bool lab_is_needed(void);
/*
 * Runs the command of that name with its arguments in the lab, files that they name
 * visible there. Does not return unless it fails: EXIT_TROUBLE.
 */
int lab_rerun(const char *command, int argc, char **argv, const char *trace);

/* vmm_session.c: a VMM under our eyes. */
struct session_result {
	bool ready;    /* the VMM loaded libhypervisor, which took up its task */
	bool failed;   /* something went wrong: */
	struct hvt_error error; /* with the trace; empty text: said already */
	bool diverged; /* said already, at this event: */
	uint64_t diverged_at;
	bool over;     /* a replay reached where its trace is cut short */
	bool interrupted; /* a replay was, by Ctrl-C */
	bool untraced; /* LTTng has no tracepoints: said already */
	bool ended;    /* a replay's account came in: */
	uint64_t consumed;
	bool complete;
	int status; /* as from waitpid() */
};

/*
 * Runs the VMM with the environment variable set to path, and follows it to
 * its end. False: it could not be started (said already).
 */
bool session_run(const char *variable, const char *path, char **vmm,
		struct session_result *result);

/*
 * The VMM's other inputs than the API are taken, too. NULL, or why that cannot be.
 */
const char *session_take_inputs(void);

/* No progress is shown of it. */
void session_be_quiet(void);

/*
 * The VMM's command line out of what follows the options: hvrun where it is
 * left out. To be freed as a whole; NULL out of memory.
 */
char **session_vmm(int argc, char **argv);

#endif
