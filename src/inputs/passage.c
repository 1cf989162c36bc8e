/* SPDX-License-Identifier: MIT */
/* Who is connected, and whose calls go there. */
#include "passage.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct hvt_input_tap *_Atomic tap;

/* In the tap: what it calls of libc is its own, also in a signal handler. */
static _Thread_local unsigned inside;

void *hvt_next(void *_Atomic *slot, const char *name)
{
	void *found = atomic_load_explicit(slot, memory_order_relaxed);

	if (!found) {
		found = dlsym(RTLD_NEXT, name);
		atomic_store_explicit(slot, found, memory_order_relaxed);
	}
	return found;
}

/* The file that an address is in: "" for the program; NULL: in none. */
static const char *file_of(const void *address)
{
	struct dl_find_object found;

	if (_dl_find_object((void *)(uintptr_t)address, &found))
		return NULL;
	return found.dlfo_link_map->l_name;
}

/* The library, and what runs on its behalf in threads of their own. */
static bool is_ours(const void *caller)
{
	static const char *const ours[] = { "libhypervisor.so", "libhvtrace-",
		"liblttng-ust", "libzstd.so", "libbpf.so", "libelf" };
	const char *file = file_of(caller), *slash;

	if (!file)
		return false;
	slash = strrchr(file, '/');
	file = slash ? slash + 1 : file;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!strncmp(file, ours[i], strlen(ours[i])))
			return true;
	return false;
}

bool hvt_input_is_taken(const void *caller)
{
	return atomic_load_explicit(&tap, memory_order_relaxed) && !inside &&
			!is_ours(caller);
}

bool hvt_input_enter(struct hvt_event *event)
{
	const struct hvt_input_tap *t = atomic_load(&tap);
	int before = errno;
	bool live = false;

	event->result = -ECANCELED;
	if (!t)
		return false;
	inside++;
	live = t->enter(event);
	inside--;
	errno = before;
	return live;
}

void hvt_input_leave(struct hvt_event *event)
{
	const struct hvt_input_tap *t = atomic_load(&tap);
	int before = errno;

	if (!t)
		return;
	inside++;
	t->leave(event);
	inside--;
	errno = before;
}

int hvt_input_result(const struct hvt_event *event)
{
	return event->result <= 0 && event->result > -4096
			? (int)event->result : -EIO;
}

bool hvt_input_is_at_its_end(void)
{
	const struct hvt_input_tap *t = atomic_load(&tap);

	return t && t->replays;
}

unsigned hvt_input_stall_ms(void)
{
	const struct hvt_input_tap *t = atomic_load(&tap);

	return t ? t->stall_ms : 0;
}

/* What the VMM starts is left alone: hvtrace has put this file first. */
static void leave_environment(void)
{
	const char *list = getenv("LD_PRELOAD"), *rest;
	const char *self = file_of((const void *)&hvt_input_is_taken);
	size_t length = self ? strlen(self) : 0;
	char *copy;

	if (!list || !length || strncmp(list, self, length) != 0)
		return;
	rest = list + length;
	if (!*rest) {
		unsetenv("LD_PRELOAD");
		return;
	}
	copy = *rest == ':' ? strdup(rest + 1) : NULL;
	if (copy)
		setenv("LD_PRELOAD", copy, 1);
	free(copy);
}

HVT_STANDS_IN hvt_inputs_connect_fn hvt_inputs_connect;

int hvt_inputs_connect(const struct hvt_input_tap *to)
{
	if (!to) {
		atomic_store(&tap, NULL);
		return 0;
	}
	if (to->version != HVT_INPUTS_VERSION)
		return -EINVAL;
	leave_environment();
	atomic_store(&tap, to);
	hvt_thread_begins(0);
	return 0;
}
