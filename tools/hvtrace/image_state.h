/* SPDX-License-Identifier: MIT */
/* hvtrace dump --at, of what is in the trace: no guest is needed. */
#ifndef HVTRACE_IMAGE_STATE_H
#define HVTRACE_IMAGE_STATE_H

#include <hvtrace/hvtrace.h>

#include "guest_state.h"

/* The image that has all that is to be shown; NULL: the trace has not. */
struct hvt_image *image_state_open(
		const char *path, const struct guest_state *s);

/*
 * Does all that a trace says of guest memory make sense, as far as it has what
 * the guest wrote? Tells what does not: 0 or -errno.
 */
int image_state_check(const char *path, struct hvt_trace *trace);

/* Shows it, and closes the image: an exit code. */
int image_state_show(struct hvt_image *image, const char *path,
		const struct guest_state *s);

#endif
