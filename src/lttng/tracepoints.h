/* SPDX-License-Identifier: MIT */
/*
 * The tracepoints, one of each function that runs a guest, ends a run, makes
 * something pending or changes the guest's memory; of hv_vcpu_run two. Names of
 * fields are those of the parameters in calls.txt. docs/LTTNG.md is for users.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER hvtrace

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./tracepoints.h"

#if !defined(HVT_TRACEPOINTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define HVT_TRACEPOINTS_H

#include <lttng/tracepoint.h>
#include <stdint.h>

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, vcpu_run,
	LTTNG_UST_TP_ARGS(uint64_t, vcpu),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, vcpu, vcpu)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, vcpu_exit,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, vcpu, v[0])
		lttng_ust_field_integer_hex(uint32_t, result, result)
		lttng_ust_field_integer(uint32_t, reason, v[1])
		lttng_ust_field_integer_hex(uint64_t, syndrome, v[2])
		lttng_ust_field_integer_hex(uint64_t, virtual_address, v[3])
		lttng_ust_field_integer_hex(uint64_t, physical_address, v[4])))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, vcpus_exit,
	LTTNG_UST_TP_ARGS(const uint64_t *, vcpus, size_t, count,
		int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_sequence(uint64_t, vcpus, vcpus, size_t, count)
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, set_pending_interrupt,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, vcpu, v[0])
		lttng_ust_field_integer(uint32_t, type, v[1])
		lttng_ust_field_integer(uint8_t, pending, v[2])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, set_serror,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, vcpu, v[0])
		lttng_ust_field_integer(uint8_t, pending, v[1])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, set_vtimer_mask,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, vcpu, v[0])
		lttng_ust_field_integer(uint8_t, vtimer_is_masked, v[1])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, gic_set_spi,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint32_t, intid, v[0])
		lttng_ust_field_integer(uint8_t, level, v[1])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, gic_send_msi,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint64_t, address, v[0])
		lttng_ust_field_integer(uint32_t, intid, v[1])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, vm_map,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint64_t, addr, v[0])
		lttng_ust_field_integer_hex(uint64_t, ipa, v[1])
		lttng_ust_field_integer_hex(uint64_t, size, v[2])
		lttng_ust_field_integer(uint64_t, flags, v[3])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, vm_unmap,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint64_t, ipa, v[0])
		lttng_ust_field_integer_hex(uint64_t, size, v[1])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

LTTNG_UST_TRACEPOINT_EVENT(hvtrace, vm_protect,
	LTTNG_UST_TP_ARGS(const uint64_t *, v, int32_t, result),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer_hex(uint64_t, ipa, v[0])
		lttng_ust_field_integer_hex(uint64_t, size, v[1])
		lttng_ust_field_integer(uint64_t, flags, v[2])
		lttng_ust_field_integer_hex(uint32_t, result, result)))

#endif

#include <lttng/tracepoint-event.h>
