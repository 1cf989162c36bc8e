/* SPDX-License-Identifier: MIT */
/* The provider of the tracepoint that bench_trace_publish compares with. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "bench_lttng.h"
