/* SPDX-License-Identifier: MIT */
/* JSON to stdout, as far as the commands need it. */
#ifndef HVTRACE_JSON_H
#define HVTRACE_JSON_H

#include <hvtrace/hvtrace.h>

/* A quoted string; what is no UTF-8 text is escaped byte by byte. */
void json_string(const char *text);

/*
 * An event of the trace, on one line: docs/FORMAT.md has the events, dump
 * --help the keys.
 */
void json_event(const struct hvt_trace *trace, const struct hvt_event *event);

#endif
