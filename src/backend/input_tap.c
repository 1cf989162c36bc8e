/* SPDX-License-Identifier: MIT */
/*
 * Inputs of the VMM that are not of the API go to the tap, as calls do. Who takes
 * them is loaded before the VMM, or not there (inputs.h).
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "door.h"
#include "guest_ram.h"
#include "inputs.h"
#include "recording.h"
#include "trace.h"

static bool is_part_of_program(void)
{
	struct dl_find_object us;

	return _dl_find_object((void *)(uintptr_t)&is_part_of_program, &us) ||
			!*us.dlfo_link_map->l_name;
}

static hvt_inputs_connect_fn *connect_inputs(void)
{
	return is_part_of_program() ? NULL
			: (hvt_inputs_connect_fn *)(uintptr_t)dlsym(
					RTLD_DEFAULT, HVT_INPUTS_SYMBOL);
}

/* What a VMM does most, in the shorter way that calls have, too (door.h). */
static bool is_logged_straight(const struct hvt_event *event)
{
	return event->call == HVT_CALL_INPUT_CLOCK && hvt_tap &&
			hvt_tap->only_logs && hvt_log_is_ready();
}

static bool enter(struct hvt_event *event)
{
	if (HVT_LIKELY(is_logged_straight(event)))
		return true;
	if (hvt_tap)
		return hvt_tap->enter(hvt_tap, event);
	hvt_backend_refuse(event);
	return false;
}

static void leave(struct hvt_event *event)
{
	if (HVT_LIKELY(is_logged_straight(event)) &&
			hvt_log_call(event->call, (int32_t)event->result,
				event->values, 2))
		return;
	if (hvt_tap)
		hvt_tap->leave(hvt_tap, event);
}

static _Atomic uint64_t passed_count;

static void passed(void)
{
	atomic_fetch_add_explicit(&passed_count, 1, memory_order_relaxed);
}

uint64_t hvt_inputs_passed(void)
{
	return atomic_load(&passed_count);
}

static struct hvt_input_tap input_tap = {
	.version = HVT_INPUTS_VERSION,
	.enter = enter,
	.leave = leave,
	.passed = passed,
};

static const atomic_bool *handlers; /* NULL: nobody knows */

bool hvt_inputs_may_be_interrupted(void)
{
	return !handlers || atomic_load_explicit(handlers, memory_order_relaxed);
}

static char *asked; /* NULL: nobody has */

void hvt_inputs_ask_for(const char *word)
{
	free(asked);
	asked = word ? strdup(word) : NULL;
}

/* Which inputs are asked for, where it is not told why there are none. */
static bool is_asked(const char *word)
{
	return asked && !strcmp(asked, word);
}

const char *hvt_inputs_missing(void)
{
	if (is_asked("none"))
		return "";
	if (is_part_of_program())
		return "libhypervisor is part of the program";
	if (connect_inputs())
		return NULL;
	return asked && !is_asked("all")
		? asked
		: "the loader has not put " HVT_INPUTS_FILE " before the VMM";
}

size_t hvt_inputs_facts(struct hvt_info *facts)
{
	const char *why = hvt_inputs_missing();
	size_t count = 0;

	if (why && !asked)
		return 0;
	facts[count++] = (struct hvt_info){ "inputs", why ? "none" : "all" };
	if (why && *why)
		facts[count++] = (struct hvt_info){ "inputs_error", why };
	return count;
}

int hvt_inputs_start(bool replays, unsigned stall_ms, bool buffers)
{
	hvt_inputs_connect_fn *to = connect_inputs();

	input_tap.replays = replays;
	input_tap.stall_ms = stall_ms;
	input_tap.may_hold = buffers ? hvt_ram_may_hold : NULL;
	input_tap.will_touch = buffers ? hvt_ram_will_touch : NULL;
	input_tap.has_touched = buffers ? hvt_ram_has_touched : NULL;
	return to ? to(&input_tap, &handlers) : -ENOENT;
}

void hvt_inputs_stop(void)
{
	hvt_inputs_connect_fn *to = connect_inputs();

	if (to)
		(void)to(NULL, NULL);
}
