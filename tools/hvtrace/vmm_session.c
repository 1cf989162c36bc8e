/* SPDX-License-Identifier: MIT */
/*
 * A VMM as our child: it is told by its environment what libhypervisor is to
 * do, and libhypervisor tells us by a pipe what came of it (src/library.c has
 * the list of messages).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "lttng_session.h"
#include "progress.h"
#include "trace_walk.h"

/* After a divergence the VMM gets errors; this long it may take to see them. */
#define GRACE_SECONDS 5

#define REPORT_MAX (1u << 20)

static volatile sig_atomic_t vmm_pid;

static bool quiet;
static struct progress progress;
static char *preload; /* takes inputs, or NULL */
static const char *recorded; /* the trace that is being written, or NULL */

void session_be_quiet(void)
{
	quiet = true;
}

/* A terminal that the guest's console is on has no room for another line. */
static void begin_progress(bool records, const char *path)
{
	progress_begin(&progress, records ? "recording" : "replaying", 0,
			quiet || isatty(STDOUT_FILENO));
	if (!progress.on)
		return;
	recorded = records ? path : NULL;
	progress.total = records ? 0 : walk_events_in(path);
	setenv(HVT_ENV_PROGRESS, "1", 1);
}

/* Ctrl-C reaches the VMM by itself; a TERM is meant for it, too. */
static void forward(int signal)
{
	if (vmm_pid > 0)
		kill(vmm_pid, signal);
}

static volatile sig_atomic_t interrupted;

/* A VMM that is replayed is told nothing by it: its end is in the trace. */
static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
	if (vmm_pid > 0)
		kill(vmm_pid, SIGKILL);
}

static void catch_signals(bool replays)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction pass = { .sa_handler = forward };
	struct sigaction stop = { .sa_handler = interrupt };

	sigaction(SIGINT, replays ? &stop : &ignore, NULL);
	sigaction(SIGQUIT, &ignore, NULL);
	sigaction(SIGTERM, &pass, NULL);
	sigaction(SIGHUP, &pass, NULL);
}

/* The folders where hvrun lies beside us: installed, and in the build tree. */
static bool find_hvrun(char *path, size_t size)
{
	static const char *const places[] = { "/hvrun", "/../hvrun/hvrun" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return false;
	self[n] = 0;
	slash = strrchr(self, '/');
	*slash = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, size, "%s%s", self, places[i]);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

char **session_vmm(int argc, char **argv)
{
	static char hvrun[PATH_MAX + 32] = "hvrun";
	bool is_default = !argc || argv[0][0] == '-';
	char **vmm = calloc((size_t)argc + 2, sizeof(*vmm));
	size_t n = 0;

	if (!vmm)
		return NULL;
	if (is_default && !find_hvrun(hvrun, sizeof(hvrun)))
		strcpy(hvrun, "hvrun");
	if (is_default)
		vmm[n++] = hvrun;
	for (int i = 0; i < argc; i++)
		vmm[n++] = argv[i];
	return vmm;
}

/* To be freed; NULL: it is not there. */
static char *beside_library(const char *file)
{
	char *library = NULL, *path = NULL;
	Dl_info found;

	if (dladdr((void *)(uintptr_t)&hvt_version, &found))
		library = realpath(found.dli_fname, NULL);
	if (library && asprintf(&path, "%.*s/%s",
				(int)(strrchr(library, '/') - library),
				library, file) < 0)
		path = NULL;
	free(library);
	if (!path || !access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

const char *session_take_inputs(void)
{
	free(preload);
	preload = beside_library(HVT_INPUTS_FILE);
	if (!preload)
		return HVT_INPUTS_FILE " is not beside libhypervisor";
	/* Its list has these between files. */
	if (!strpbrk(preload, ": \t"))
		return NULL;
	free(preload);
	preload = NULL;
	return "the folder of " HVT_INPUTS_FILE
	       " has a space or a colon in its "
	       "name, which the loader does not take";
}

/* A VMM with it must not end because something is loaded before its runtime. */
static void allow_address_sanitizer(void)
{
	static const char word[] = "verify_asan_link_order=0";
	const char *others = getenv("ASAN_OPTIONS");
	char *list;

	if (!others || !*others)
		setenv("ASAN_OPTIONS", word, 1);
	else if (asprintf(&list, "%s:%s", others, word) >= 0)
		setenv("ASAN_OPTIONS", list, 1);
}

static void set_preload(void)
{
	const char *others = getenv("LD_PRELOAD");
	char *list;

	if (!preload)
		return;
	allow_address_sanitizer();
	if (!others || !*others)
		setenv("LD_PRELOAD", preload, 1);
	else if (asprintf(&list, "%s:%s", preload, others) >= 0)
		setenv("LD_PRELOAD", list, 1);
}

static void start_vmm(char **vmm, const char *variable, const char *path,
		int status_fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", status_fd);
	fcntl(status_fd, F_SETFD, 0);
	setenv(variable, path, 1);
	setenv(HVT_ENV_STATUS_FD, number, 1);
	set_preload();
	execvp(vmm[0], vmm);
	dprintf(status_fd, "exec %d\n", errno);
	_exit(127);
}

static void show_report(FILE *in, size_t size)
{
	char *text = size < REPORT_MAX ? calloc(1, size + 1) : NULL;
	size_t n = text ? fread(text, 1, size, in) : 0;

	if (n == size && n)
		fprintf(stderr, "hvtrace: divergence at %s", text);
	free(text);
}

static void take_message(FILE *in, const char *line, char **vmm,
		struct session_result *r)
{
	uint64_t a, b, c;
	int n = 0, flag, code;
	size_t size;

	if (!strncmp(line, "ready", 5)) {
		r->ready = true;
	} else if (sscanf(line, "error %" SCNu64 " %" SCNu64 " %n", &a, &b,
				   &n) == 2 && n) {
		r->failed = true;
		r->error = (struct hvt_error){ .offset = a, .event = b };
		snprintf(r->error.text, sizeof(r->error.text), "%s", line + n);
	} else if (sscanf(line, "diverged %" SCNu64 " %zu", &a, &size) == 2) {
		r->diverged = true;
		r->diverged_at = a;
		show_report(in, size);
	} else if (!strncmp(line, "memory none ", 12)) {
		remark("the trace has nothing of guest memory: %s", line + 12);
	} else if (!strncmp(line, "memory touched ", 15)) {
		remark("the trace has nothing of what the guest writes: %s",
				line + 15);
	} else if (!strncmp(line, "inputs none ", 12)) {
		remark("the trace has no inputs of the VMM but the API: %s",
				line + 12);
	} else if (sscanf(line, "passed %" SCNu64, &a) == 1) {
		remark("signal handlers of the VMM asked for %" PRIu64 " clocks or "
		       "other inputs, which are in no trace", a);
	} else if (sscanf(line, "at %" SCNu64, &a) == 1) {
		progress_note(&progress, a, recorded);
	} else if (!strncmp(line, "over ", 5)) {
		r->over = true;
	} else if (sscanf(line, "tolerated %" SCNu64 " %" SCNu64 " %" SCNu64,
				   &a, &b, &c) == 3) {
		remark("the VMM made %" PRIu64 " reads that were not recorded, "
		       "and left out %" PRIu64 " that were; the first at event "
		       "%" PRIu64, b, c, a);
	} else if (sscanf(line, "end %" SCNu64 " %d", &a, &flag) == 2) {
		r->ended = true;
		r->consumed = a;
		r->complete = flag;
	} else if (!strncmp(line, "untraced ", 9)) {
		r->untraced = true;
		remark("there are no tracepoints for LTTng: %s", line + 9);
	} else if (sscanf(line, "exec %d", &code) == 1) {
		r->failed = true;
		trouble("cannot run %s: %s", vmm[0], strerror(code));
	}
}

/* From here on the VMM gets nothing but errors: it has to end soon. */
static bool is_hopeless(const struct session_result *r)
{
	return r->diverged || r->over || r->failed || interrupted;
}

/* Until every copy of the pipe's other end is closed, or a grace is over. */
static void follow(int fd, char **vmm, struct session_result *r)
{
	FILE *in = fdopen(fd, "r");
	char *line = NULL;
	size_t capacity = 0;
	ssize_t n;

	if (!in) {
		close(fd);
		return;
	}
	/* Unbuffered, so that poll() sees all that has not been taken. */
	setvbuf(in, NULL, _IONBF, 0);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int wait = is_hopeless(r) ? GRACE_SECONDS * 1000 : -1;
		int got = poll(&p, 1, wait);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n = getline(&line, &capacity, in);
		if (n <= 0)
			break;
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		take_message(in, line, vmm, r);
	}
	free(line);
	fclose(in);
}

/* The VMM may have had the terminal for its guest, and is not there to give it back. */
static void keep_terminal(struct termios *t, bool *is_one)
{
	*is_one = !tcgetattr(STDIN_FILENO, t);
}

static void restore_terminal(const struct termios *t, bool is_one, int status)
{
	if (!is_one || !WIFSIGNALED(status))
		return;
	/* Who is in the background would be stopped by it. */
	signal(SIGTTOU, SIG_IGN);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, t);
}

/* A VMM that takes no errors for an answer is ended. */
static void reap(struct session_result *r)
{
	time_t until = time(NULL) + GRACE_SECONDS;
	struct timespec pause = { .tv_nsec = 20000000 };

	while (is_hopeless(r) && time(NULL) <= until) {
		if (waitpid(vmm_pid, &r->status, WNOHANG) == vmm_pid) {
			vmm_pid = 0;
			return;
		}
		nanosleep(&pause, NULL);
	}
	if (is_hopeless(r))
		kill(vmm_pid, SIGKILL);
	while (waitpid(vmm_pid, &r->status, 0) < 0 && errno == EINTR)
		;
	vmm_pid = 0;
}

static bool run(const char *variable, const char *path, char **vmm,
		struct session_result *r)
{
	struct termios terminal;
	int pipe_fds[2];
	sigset_t all, old;
	bool is_terminal;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC)) {
		trouble("cannot make a pipe: %s", strerror(errno));
		return false;
	}
	keep_terminal(&terminal, &is_terminal);
	/* The VMM has the signals as we found them, and none is lost. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		start_vmm(vmm, variable, path, pipe_fds[1]);
	}
	vmm_pid = pid;
	catch_signals(!strcmp(variable, HVT_ENV_REPLAY));
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(pipe_fds[1]);
	if (pid < 0) {
		close(pipe_fds[0]);
		trouble("cannot start a process: %s", strerror(errno));
		return false;
	}
	follow(pipe_fds[0], vmm, r);
	reap(r);
	restore_terminal(&terminal, is_terminal, r->status);
	r->interrupted = interrupted;
	return true;
}

bool session_run(const char *variable, const char *path, char **vmm,
		struct session_result *r)
{
	bool ok;

	*r = (struct session_result){ 0 };
	if (!lttng_session_begin(path))
		return false;
	begin_progress(!strcmp(variable, HVT_ENV_RECORD), path);
	ok = run(variable, path, vmm, r);
	progress_end(&progress);
	lttng_session_end(r->ready && !r->untraced);
	return ok;
}
