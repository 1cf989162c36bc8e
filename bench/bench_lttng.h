/* SPDX-License-Identifier: MIT */
/*
 * The tracepoint that bench_trace_publish compares with: the fields of an
 * event of hv_vcpu_get_reg. LTTng adds the time, as every one of its events
 * has one.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER hvt_bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./bench_lttng.h"

#if !defined(HVT_BENCH_LTTNG_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define HVT_BENCH_LTTNG_H

#include <lttng/tracepoint.h>

LTTNG_UST_TRACEPOINT_EVENT(hvt_bench, get_reg,
	LTTNG_UST_TP_ARGS(uint16_t, call, uint8_t, kind, int64_t, result,
		uint64_t, vcpu, uint64_t, reg, uint64_t, value),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint16_t, call, call)
		lttng_ust_field_integer(uint8_t, kind, kind)
		lttng_ust_field_integer(int64_t, result, result)
		lttng_ust_field_integer(uint64_t, vcpu, vcpu)
		lttng_ust_field_integer(uint64_t, reg, reg)
		lttng_ust_field_integer(uint64_t, value, value)))

#endif

#include <lttng/tracepoint-event.h>
