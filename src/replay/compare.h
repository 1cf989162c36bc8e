/* SPDX-License-Identifier: MIT */
/* A call of the VMM against the event of the trace that should be it. */
#ifndef HVT_REPLAY_COMPARE_H
#define HVT_REPLAY_COMPARE_H

#include <hvtrace/hvtrace.h>

/*
 * Is call what event says? Same function and same inputs; host addresses are
 * not looked at. *param: index of the first input that differs, or -1 if the
 * function does.
 */
bool hvt_compare(const struct hvt_event *event, const struct hvt_event *call,
		int *param);

#endif
