/* SPDX-License-Identifier: MIT */
/*
 * Where the library is put together: the one place that knows every room. It
 * chooses the engine of this build and, from the environment that hvtrace
 * gives a VMM, who listens at the tap. It never prints: what hvtrace has to
 * know goes down the status descriptor, one message per line:
 *
 *	ready record|replay
 *	memory none|touched TEXT     so much of guest memory is recorded, for that reason
 *	inputs none TEXT             no other inputs than the API are, for that reason
 *	passed N                     so many inputs were not taken, as signal
 *	                             handlers asked for them
 *	error OFFSET EVENT TEXT      the trace cannot be used or written
 *	diverged EVENT LENGTH\nTEXT  LENGTH bytes of report
 *	over EVENT                   a replay reached where its trace is cut
 *	tolerated EVENT MORE FEWER   reads of a VMM that were, or were not, in the
 *	                             trace; the first at EVENT
 *	end CONSUMED COMPLETE        a replay came to the end of the process
 *	at EVENTS                    how far it is: told if that was asked for
 *	untraced TEXT                there are no tracepoints, and why
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "guest_ram.h"
#include "lttng.h"
#include "replay.h"

#define STALL_MS_DEFAULT 10000u

static int status_fd = -1;
static bool recording, replaying;

__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	struct timespec now = { 0 };
	sigset_t pipe, old;
	va_list args;

	if (status_fd < 0)
		return;
	/* A hvtrace that is gone is no reason for the VMM to die. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &old);
	va_start(args, format);
	if (vdprintf(status_fd, format, args) < 0 && errno == EPIPE)
		(void)sigtimedwait(&pipe, NULL, &now);
	va_end(args);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Taken and removed: a program that the VMM starts must not write this trace. */
static char *take_env(const char *name)
{
	/* Not for a VMM with more rights than who starts it. */
	const char *value = secure_getenv(name);
	char *copy = value && *value ? strdup(value) : NULL;

	unsetenv(name);
	return copy;
}

static long take_number(const char *name, long otherwise)
{
	char *text = take_env(name), *end;
	long value;

	if (!text)
		return otherwise;
	value = strtol(text, &end, 10);
	if (*end || value < 0)
		value = otherwise;
	free(text);
	return value;
}

static void on_divergence(uint64_t event, const char *text)
{
	say("diverged %" PRIu64 " %zu\n%s", event, strlen(text), text);
}

static void on_damage(const struct hvt_error *e)
{
	say("error %" PRIu64 " %" PRIu64 " %s\n", e->offset, e->event,
			e->text);
}

static void on_end_of_cut(uint64_t event)
{
	say("over %" PRIu64 "\n", event);
}

static struct hvt_replay_listener listener = { on_divergence, on_damage,
	on_end_of_cut, NULL };

/* Never waits: a hvtrace that is stopped must not stop the VMM. */
static void on_progress(uint64_t events)
{
	struct pollfd p = { .fd = status_fd, .events = POLLOUT };

	if (status_fd >= 0 && poll(&p, 1, 0) == 1 && p.revents == POLLOUT)
		say("at %" PRIu64 "\n", events);
}

/* Everything fails from here on: a VMM must not run unrecorded, or live. */
static bool refuse(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	hvt_backend_refuse(event);
	return false;
}

static const struct hvt_tap refusal = { .enter = refuse };

/* The file of the provider, beside the library: to be freed. */
static char *provider_beside_us(void)
{
	char *library = NULL, *path = NULL;
	Dl_info self;

	if (dladdr((void *)(uintptr_t)&on_divergence, &self))
		library = realpath(self.dli_fname, NULL);
	if (library && asprintf(&path, "%.*s/" HVT_LTTNG_FILE,
				       (int)(strrchr(library, '/') - library),
				       library) < 0)
		path = NULL;
	free(library);
	return path;
}

static void on_no_provider(const char *why)
{
	say("untraced %s\n", why);
}

/*
 * It stays in the environment: hvtrace has this library too, and must hand it
 * on, and what a VMM starts may be traced as well.
 */
static void start_probes(void)
{
	const char *value = secure_getenv(HVT_ENV_LTTNG);
	char *path = NULL;

	if (value && *value == '/')
		path = strdup(value);
	else if (value && !strcmp(value, "1"))
		path = provider_beside_us();
	else
		return;
	if (!path || hvt_probes_start(path, on_no_provider))
		on_no_provider("out of memory");
	free(path);
}

static void in_child(void)
{
	hvt_probes_disown();
	hvt_inputs_stop();
	/* The parent goes on with trace and VM; neither is the child's. */
	if (recording)
		hvt_recording_disown();
	if (replaying)
		hvt_replay_in_child();
	hvt_ram_after_fork();
	if (recording || replaying || hvt_backend_has_vm())
		hvt_backend_set_tap(&refusal);
	recording = replaying = false;
	/* hvtrace waits for the last copy of it to be closed. */
	if (status_fd >= 0)
		close(status_fd);
	status_fd = -1;
}

static void take_status_fd(void)
{
	status_fd = (int)take_number(HVT_ENV_STATUS_FD, -1);
	if (status_fd >= 0 && fcntl(status_fd, F_SETFD, FD_CLOEXEC))
		status_fd = -1;
}

static atomic_bool failure_told;

static void on_failure(int err)
{
	if (!atomic_exchange(&failure_told, true))
		say("error 0 0 the recording failed: %s\n", strerror(-err));
}

static enum hvt_memory_mode memory_mode(const char *word)
{
	if (word && !strcmp(word, "full"))
		return HVT_MEMORY_FULL;
	return word && !strcmp(word, "touched") ? HVT_MEMORY_TOUCHED
						: HVT_MEMORY_NONE;
}

static void start_recording(
	const char *path, const char *memory, const char *inputs)
{
	int memory_error, err;
	const char *why;

	hvt_inputs_ask_for(inputs);
	err = hvt_recording_start(path, memory_mode(memory), &memory_error);
	recording = !err;
	hvt_recording_on_failure(on_failure);
	if (err) {
		say("error 0 0 cannot write it: %s\n", strerror(-err));
		hvt_backend_set_tap(&refusal);
	}
	if (memory_error)
		say("memory %s %s\n", hvt_recording_memory() ? "touched" : "none",
				strerror(-memory_error));
	why = inputs ? hvt_inputs_missing() : NULL;
	if (why && *why)
		say("inputs none %s\n", why);
}

static void start_replay(
	const char *path, const char *inputs, unsigned stall_ms)
{
	struct hvt_error e;
	int err;

	if (inputs && !strcmp(inputs, "none"))
		hvt_replay_ignore_inputs();
	err = hvt_replay_start(path, stall_ms, &listener, &e);
	replaying = !err;
	if (err) {
		on_damage(&e);
		hvt_backend_set_tap(&refusal);
	}
}

/* The tap is there; what a trace has of inputs must come from it. */
static void start_inputs(unsigned stall_ms)
{
	int err = 0;

	if (recording && !hvt_inputs_missing())
		err = hvt_inputs_start(false, 0, hvt_recording_memory());
	else if (replaying && hvt_replay_has_inputs())
		err = hvt_inputs_start(true, stall_ms,
				hvt_replay_has_buffers());
	if (!err)
		return;
	say("error 0 0 the VMM's inputs cannot be taken: %s\n", err == -ENOENT
			? HVT_INPUTS_FILE " is not loaded, or the VMM is linked with "
			  "the static library" : "of another version");
	hvt_backend_set_tap(&refusal);
	/* What the VMM does not do now is no difference. */
	replaying = false;
}

__attribute__((constructor))
static void library_init(void)
{
	char *record = take_env(HVT_ENV_RECORD);
	char *replay = take_env(HVT_ENV_REPLAY);
	char *memory = record ? take_env(HVT_ENV_MEMORY) : NULL;
	char *inputs = record || replay ? take_env(HVT_ENV_INPUTS) : NULL;
	/* hvtrace has this library too, and must hand the variable on. */
	long stall_ms = replay ? take_number(HVT_ENV_STALL_MS, STALL_MS_DEFAULT)
			       : 0;
	bool keep_going = replay && take_number(HVT_ENV_KEEP_GOING, 0);
	bool progress = (record || replay) && take_number(HVT_ENV_PROGRESS, 0);

	take_status_fd();
	hvt_backend_set_engine(hvt_kvm_engine());
	pthread_atfork(hvt_ram_before_fork, hvt_ram_after_fork, in_child);
	if (progress)
		listener.progress = on_progress;
	if (keep_going)
		hvt_replay_keep_going();
	if (replay)
		start_replay(replay, inputs, (unsigned)stall_ms);
	else if (record)
		start_recording(record, memory, inputs);
	if (recording && progress)
		hvt_recording_on_progress(on_progress);
	start_probes();
	start_inputs((unsigned)stall_ms);
	if (recording || replaying)
		say("ready %s\n", recording ? "record" : "replay");
	free(record);
	free(replay);
	free(memory);
	free(inputs);
}

__attribute__((destructor))
static void library_fini(void)
{
	struct hvt_replay_status status;

	if ((recording || replaying) && hvt_inputs_passed())
		say("passed %" PRIu64 "\n", hvt_inputs_passed());
	if (recording) {
		int err = hvt_recording_stop();

		if (err)
			on_failure(err);
	}
	if (replaying) {
		hvt_replay_finish(&status);
		if (status.more || status.fewer)
			say("tolerated %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
					status.tolerated_at, status.more,
					status.fewer);
		say("end %" PRIu64 " %d\n", status.consumed, status.complete);
	}
}
