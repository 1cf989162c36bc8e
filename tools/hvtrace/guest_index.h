/* SPDX-License-Identifier: MIT */
#ifndef HVTRACE_GUEST_INDEX_H
#define HVTRACE_GUEST_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct index_options {
	uint64_t interval; /* exits from one keyframe to the next; 0: by length */
	bool json, quiet;
	bool recording; /* just made: stdout is its VMM's */
};

/*
 * Runs the guest of the trace at path on this host, and gives the trace the
 * keyframes that it comes by: an exit code.
 */
int guest_index(const char *path, const struct index_options *o);

/* Runs it from each keyframe to the next: is it then as that says? */
int guest_index_check(const char *path, const struct index_options *o);

#endif
