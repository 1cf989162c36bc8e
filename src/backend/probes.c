/* SPDX-License-Identifier: MIT */
/*
 * The tap of LTTng's tracepoints. It stands before the one that was there, and
 * lets that decide: so a recording and a replay are traced, too. Nothing is
 * loaded before the first call, which is the VMM's: a program that has the
 * library and makes none, as hvtrace is, stays as it is, and no constructor
 * waits for the threads that liblttng-ust starts.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "door.h"
#include "lttng.h"

static const struct hvt_tap *next;
static const struct hvt_lttng *provider; /* NULL: there is none */
static char *provider_path;
static void (*on_failure)(const char *why);
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* It stays loaded: threads of its own run in it. */
static void load_provider(void)
{
	void *file = dlopen(provider_path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const struct hvt_lttng *found =
			file ? dlsym(file, HVT_LTTNG_SYMBOL) : NULL;
	const char *why = found ? "it belongs to another version" : dlerror();

	if (found && found->version == HVT_LTTNG_VERSION)
		provider = found;
	else if (on_failure)
		on_failure(why ? why : "it is no provider");
}

static bool probe_enter(const struct hvt_tap *tap, struct hvt_event *event)
{
	bool live;

	(void)tap;
	pthread_once(&once, load_provider);
	if (provider)
		provider->entered(event);
	live = !next || next->enter(next, event);
	/* Its leave() will not be called. */
	if (!live && provider)
		provider->returned(event);
	return live;
}

static void probe_leave(const struct hvt_tap *tap, struct hvt_event *event)
{
	(void)tap;
	if (next)
		next->leave(next, event);
	if (provider)
		provider->returned(event);
}

static const struct hvt_tap tap = { .enter = probe_enter,
	.leave = probe_leave };

int hvt_probes_start(const char *path, void (*failed)(const char *why))
{
	provider_path = strdup(path);
	if (!provider_path)
		return -ENOMEM;
	on_failure = failed;
	next = hvt_tap;
	hvt_backend_set_tap(&tap);
	return 0;
}

void hvt_probes_disown(void)
{
	if (hvt_tap == &tap)
		hvt_backend_set_tap(next);
}
