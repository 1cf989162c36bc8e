/* SPDX-License-Identifier: MIT */
/*
 * Inputs of the VMM that are not of the API go to the tap, as calls do. Who takes
 * them is loaded before the VMM, or not there (inputs.h).
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>

#include "door.h"
#include "inputs.h"

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

static bool enter(struct hvt_event *event)
{
	if (hvt_tap)
		return hvt_tap->enter(hvt_tap, event);
	hvt_backend_refuse(event);
	return false;
}

static void leave(struct hvt_event *event)
{
	if (hvt_tap)
		hvt_tap->leave(hvt_tap, event);
}

static struct hvt_input_tap input_tap = {
	.version = HVT_INPUTS_VERSION,
	.enter = enter,
	.leave = leave,
};

bool hvt_inputs_are_there(void)
{
	return connect_inputs();
}

int hvt_inputs_start(bool replays, unsigned stall_ms)
{
	hvt_inputs_connect_fn *to = connect_inputs();

	input_tap.replays = replays;
	input_tap.stall_ms = stall_ms;
	return to ? to(&input_tap) : -ENOENT;
}

void hvt_inputs_stop(void)
{
	hvt_inputs_connect_fn *to = connect_inputs();

	if (to)
		(void)to(NULL);
}
