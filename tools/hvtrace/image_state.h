/* SPDX-License-Identifier: MIT */
/* hvtrace dump --at, of what is in the trace: no guest is needed. */
#ifndef HVTRACE_IMAGE_STATE_H
#define HVTRACE_IMAGE_STATE_H

#include "guest_state.h"

/* Is all that is to be shown in the trace at path? */
bool image_state_is_enough(const char *path, const struct guest_state *s);

struct hvt_trace;

/*
 * Does all that a trace says of guest memory make sense, as far as it has what
 * the guest wrote? Tells what does not: 0 or -errno.
 */
int image_state_check(const char *path, struct hvt_trace *trace);

/* Shows it: an exit code. */
int image_state_show(const char *path, const struct guest_state *s);

#endif
