/* SPDX-License-Identifier: MIT */
/*
 * A session of LTTng about a VMM, by the commands of lttng-tools: begun before
 * the VMM starts, so that none of its events is missed, and gone behind it.
 */
#ifndef HVTRACE_LTTNG_SESSION_H
#define HVTRACE_LTTNG_SESSION_H

#include <stdbool.h>

/* folder: where LTTng writes to; NULL: TRACE.lttng, beside the trace. */
void lttng_session_want(const char *folder);

/*
 * Nothing unless it is wanted. False: there is no session (said already), and
 * none is left over. A signal that comes meanwhile ends us without leaving one.
 */
bool lttng_session_begin(const char *trace);

/* Says where the events are, and how many LTTng lost. */
void lttng_session_end(bool has_tracepoints);

#endif
