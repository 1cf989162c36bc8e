/* SPDX-License-Identifier: MIT */
#include "lttng_session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"

#define SAID_MAX 4096

static struct {
	bool wanted, begun;
	const char *given;
	char *folder; /* absolute */
	char name[32];
	char said[SAID_MAX]; /* by the last command */
} session;

void lttng_session_want(const char *folder)
{
	session.wanted = true;
	if (folder)
		session.given = folder;
}

static void take_what_was_said(int fd)
{
	ssize_t n = pread(fd, session.said, sizeof(session.said) - 1, 0);

	session.said[n > 0 ? n : 0] = 0;
}

/*
 * In a group of its own, which Ctrl-C is not for, and with the signals that we
 * have blocked: a daemon that the command starts has all of that from us.
 */
static int start(pid_t *pid, int fd, char *const *words)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int err;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes,
			POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
			O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, fd, STDERR_FILENO);
	err = posix_spawnp(pid, words[0], &files, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return err;
}

/* errno, or -1 if the command failed and said why. */
static int run_into(int fd, char *const *words)
{
	int err, status = 0;
	pid_t pid;

	err = start(&pid, fd, words);
	if (err)
		return err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

static int run(const char *const *words)
{
	int fd = memfd_create("lttng", MFD_CLOEXEC), err;

	session.said[0] = 0;
	if (fd < 0)
		return errno;
	err = run_into(fd, (char *const *)words);
	take_what_was_said(fd);
	close(fd);
	return err;
}

/* What lttng says is some lines; the first "Error: " of them is the reason. */
static void tell_why(const char *command, int err)
{
	static const char mark[] = "Error: ";
	char *why = strstr(session.said, mark);

	if (err == ENOENT) {
		trouble("--lttng needs the command lttng, which is not there: "
			"install lttng-tools");
		return;
	}
	why = why ? why + strlen(mark) : session.said;
	why[strcspn(why, "\n")] = 0;
	trouble("no session of LTTng: `lttng %s`: %s", command,
			err > 0 ? strerror(err) : *why ? why : "failed");
}

static bool name_folder(const char *trace)
{
	char *name = NULL, *here = NULL;

	if (session.given)
		name = strdup(session.given);
	else if (asprintf(&name, "%s.lttng", trace) < 0)
		name = NULL;
	if (name && *name != '/') {
		here = getcwd(NULL, 0);
		if (!here || asprintf(&session.folder, "%s/%s", here, name) < 0)
			session.folder = NULL;
		free(here);
		free(name);
	} else {
		session.folder = name;
	}
	if (!session.folder)
		trouble("out of memory");
	return session.folder != NULL;
}

/* LTTng would write a second trace between the files of the first. */
static bool folder_is_free(void)
{
	if (!rmdir(session.folder) || errno == ENOENT)
		return true;
	trouble("--lttng: %s is there already; remove it, or name another with "
		"--lttng-output", session.folder);
	return false;
}

static void destroy(void)
{
	const char *const words[] = { "lttng", "destroy", session.name, NULL };

	(void)run(words);
	session.begun = false;
}

/*
 * A burst of exits must fit into the buffers. The first command starts LTTng's
 * daemon where there is none yet.
 */
static bool set_up(void)
{
	const char *const steps[][9] = {
		{ "lttng", "create", session.name, "--output", session.folder },
		{ "lttng", "enable-channel", "-u", "-s", session.name,
			"--subbuf-size=1M", "--num-subbuf=8", "hvtrace" },
		{ "lttng", "enable-event", "-u", "-s", session.name, "-c",
			"hvtrace", "hvtrace:*" },
		{ "lttng", "add-context", "-u", "-s", session.name, "-t",
			"vpid", "-t", "vtid" },
		{ "lttng", "start", session.name },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const char *words[10] = { NULL };
		int err;

		memcpy(words, steps[i], sizeof(steps[i]));
		err = run(words);
		if (!err) {
			session.begun = true;
			continue;
		}
		tell_why(words[1], err);
		if (session.begun)
			destroy();
		return false;
	}
	return true;
}

/* Of the signals that the terminal or an operator sends. */
static bool is_to_end(void)
{
	static const int deadly[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (sigismember(&pending, deadly[i]))
			return true;
	return false;
}

bool lttng_session_begin(const char *trace)
{
	sigset_t all, old;
	bool ok;

	if (!session.wanted)
		return true;
	snprintf(session.name, sizeof(session.name), "hvtrace-%ld",
			(long)getpid());
	if (!name_folder(trace) || !folder_is_free())
		return false;
	setenv(HVT_ENV_LTTNG, "1", 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	ok = set_up();
	if (ok && is_to_end())
		destroy();
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ok;
}

/* lttng list has a line for each channel. */
static unsigned long long discarded(void)
{
	static const char mark[] = "Discarded events:";
	const char *const words[] = { "lttng", "list", session.name, NULL };
	char *at = run(words) ? NULL : strstr(session.said, mark);

	return at ? strtoull(at + strlen(mark), NULL, 10) : 0;
}

void lttng_session_end(bool has_tracepoints)
{
	const char *const stop[] = { "lttng", "stop", session.name, NULL };
	unsigned long long lost;
	int err;

	if (!session.begun)
		return;
	err = run(stop);
	if (err)
		tell_why("stop", err);
	lost = discarded();
	destroy();
	if (has_tracepoints)
		remark("LTTng's events are in %s", session.folder);
	if (lost)
		remark("LTTng lost %llu events: its buffers were full", lost);
	free(session.folder);
}
