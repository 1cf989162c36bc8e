/* SPDX-License-Identifier: MIT */
/* Who is connected, and whose calls go there. */
#include "passage.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct hvt_input_tap *_Atomic tap;

/* In the tap: what it calls of libc is its own, also in a signal handler. */
static _Thread_local unsigned inside __attribute__((tls_model("initial-exec")));

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
static bool is_in_ours(const void *caller)
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

/*
 * The same, remembered by the caller: clocks are read often, from few places.
 * An address, and in the lowest bit what it is.
 */
static bool is_ours(const void *caller)
{
	static _Atomic uintptr_t known[256];
	uintptr_t address = (uintptr_t)caller << 1;
	_Atomic uintptr_t *slot = &known[(address >> 3 ^ address >> 11) % 256];
	uintptr_t word = atomic_load_explicit(slot, memory_order_relaxed);

	if ((word & ~(uintptr_t)1) != address || !word) {
		word = address | is_in_ours(caller);
		atomic_store_explicit(slot, word, memory_order_relaxed);
	}
	return word & 1;
}

bool hvt_input_is_taken(const void *caller)
{
	const struct hvt_input_tap *t =
			atomic_load_explicit(&tap, memory_order_relaxed);

	if (!t || inside || is_ours(caller))
		return false;
	if (!hvt_input_is_in_handler())
		return true;
	t->passed();
	return false;
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

bool hvt_input_is_told_of_buffers(const void *caller)
{
	const struct hvt_input_tap *t =
			atomic_load_explicit(&tap, memory_order_relaxed);

	return t && t->will_touch && !inside && !is_ours(caller) &&
		!hvt_input_is_in_handler();
}

bool hvt_input_may_hold(const void *addr, size_t size)
{
	const struct hvt_input_tap *t = atomic_load(&tap);

	return t && t->may_hold && t->may_hold(addr, size);
}

/* As a call of the library's own; how it was before goes to *saved. */
struct saved {
	int error, cancel_state;
};

static void step_inside(struct saved *saved)
{
	saved->error = errno;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &saved->cancel_state);
	inside++;
}

static void step_outside(const struct saved *saved)
{
	inside--;
	pthread_setcancelstate(saved->cancel_state, NULL);
	errno = saved->error;
}

void hvt_input_will_touch(const void *addr, size_t size)
{
	const struct hvt_input_tap *t = atomic_load(&tap);
	struct saved saved;

	if (!t || !t->will_touch)
		return;
	step_inside(&saved);
	t->will_touch(addr, size);
	step_outside(&saved);
}

void hvt_input_has_touched(void)
{
	const struct hvt_input_tap *t = atomic_load(&tap);
	struct saved saved;

	if (!t || !t->has_touched)
		return;
	step_inside(&saved);
	t->has_touched();
	step_outside(&saved);
}

static int ask_or_change(struct hvt_event *event, hvt_input_ask_fn *ask,
	void *context, bool changes)
{
	bool live = hvt_input_enter(event);
	int err;

	if (!live && !hvt_input_is_unknown(event))
		return hvt_input_result(event);
	if (!live && changes && hvt_input_is_at_its_end())
		return 0;
	err = ask(event, context);
	event->result = err;
	if (live)
		hvt_input_leave(event);
	return err;
}

int hvt_input_ask(struct hvt_event *event, hvt_input_ask_fn *ask, void *context)
{
	return ask_or_change(event, ask, context, false);
}

int hvt_input_change(
	struct hvt_event *event, hvt_input_ask_fn *change, void *context)
{
	return ask_or_change(event, change, context, true);
}

void hvt_input_bytes(
	struct hvt_event *event, unsigned index, const void *bytes, size_t size)
{
	event->values[index] = event->data_size = size;
	event->data = bytes;
}

int hvt_input_take_bytes(const struct hvt_event *event, void *to, size_t size)
{
	if (event->data_size != size)
		return -EIO;
	if (size && event->data != to)
		memcpy(to, event->data, size);
	return 0;
}

int hvt_input_failed(int err)
{
	if (err)
		errno = -err;
	return err ? -1 : 0;
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

int hvt_inputs_connect(
		const struct hvt_input_tap *to, const atomic_bool **handlers)
{
	if (!to) {
		atomic_store(&tap, NULL);
		return 0;
	}
	if (to->version != HVT_INPUTS_VERSION)
		return -EINVAL;
	leave_environment();
	*handlers = &hvt_input_handlers;
	atomic_store(&tap, to);
	hvt_thread_begins(0);
	return 0;
}
