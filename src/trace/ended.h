/* SPDX-License-Identifier: MIT */
/* How traces end, in the words of their fact "ended". */
#ifndef HVT_TRACE_ENDED_H
#define HVT_TRACE_ENDED_H

#include <hvtrace/hvtrace.h>

/* NULL for HVT_END_UNKNOWN. */
const char *hvt_end_name(enum hvt_trace_end end);

#endif
