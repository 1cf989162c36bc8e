/* SPDX-License-Identifier: MIT */
/* The recorder's tap, for what is logged beside calls. */
#ifndef HVT_RECORDING_H
#define HVT_RECORDING_H

#include <hvtrace/hvtrace.h>

/*
 * Appends an event to the trace being recorded; false: it could not be, and
 * every call of the VMM fails from here on. Any thread.
 */
bool hvt_recording_append(struct hvt_event *event);

/* What a trace says of inputs (hvt_inputs_ask_for()); at most two. */
struct hvt_info;
size_t hvt_inputs_facts(struct hvt_info *facts);

#endif
