/* SPDX-License-Identifier: MIT */
/* Events of a trace as JSON, for programs to read. */
#ifndef HVTRACE_JSON_H
#define HVTRACE_JSON_H

#include <hvtrace/hvtrace.h>

#include "out.h"

/*
 * One object on a line: event, kind, thread, tick, call, result where there is
 * one, then inputs or outputs by name, and bytes.
 */
void json_event(struct out *o, const struct hvt_trace *trace,
		const struct hvt_event *e);

#endif
