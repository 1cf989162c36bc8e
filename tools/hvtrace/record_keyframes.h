/* SPDX-License-Identifier: MIT */
#ifndef HVTRACE_RECORD_KEYFRAMES_H
#define HVTRACE_RECORD_KEYFRAMES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Gives the trace at path, which has just been recorded on this host and closed,
 * keyframes every so many exits. If it can have none, or not to its end, that is
 * said in a line: the trace is a good one all the same.
 */
void record_keyframes(const char *path, uint64_t exits, bool quiet);

#endif
