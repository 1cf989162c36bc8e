/* SPDX-License-Identifier: MIT */
/* Events as of a VMM that runs a vCPU, for tests of what reads traces. */
#ifndef HVT_TEST_EXIT_EVENTS_H
#define HVT_TEST_EXIT_EVENTS_H

#include <Hypervisor/Hypervisor.h>
#include <hvtrace/hvtrace.h>

#include "look/known.h"

/* Syndromes of data aborts with a valid one: a word to or from W3. */
#define ESR_READ_W3  0x93830007u
#define ESR_WRITE_W3 0x93830047u
#define ESR_HVC	     0x5a000000u
#define ESR_WFI	     0x07e00000u

static inline struct hvt_event run_enter(uint64_t number, uint32_t thread,
		uint64_t tick, uint64_t vcpu)
{
	return (struct hvt_event){ .number = number, .tick = tick,
		.kind = HVT_EVENT_ENTER, .thread = thread,
		.call = known_calls()->run, .values = { vcpu } };
}

static inline struct hvt_event run_leave(uint64_t number, uint32_t thread,
		uint64_t tick, uint64_t syndrome, uint64_t ipa)
{
	return (struct hvt_event){ .number = number, .tick = tick,
		.kind = HVT_EVENT_LEAVE, .thread = thread,
		.call = known_calls()->run,
		.values = { 0, HV_EXIT_REASON_EXCEPTION, syndrome, 0x1000, ipa } };
}

static inline struct hvt_event run_end(uint64_t number, uint32_t thread,
		uint64_t tick, hv_exit_reason_t reason)
{
	struct hvt_event e = run_leave(number, thread, tick, 0, 0);

	e.values[RUN_REASON] = reason;
	return e;
}

static inline struct hvt_event reg_call(uint64_t number, uint32_t thread,
		bool get, hv_reg_t reg, uint64_t value)
{
	return (struct hvt_event){ .number = number, .kind = HVT_EVENT_CALL,
		.thread = thread, .call = get ? known_calls()->get_reg
					      : known_calls()->set_reg,
		.values = { 0, reg, value } };
}

#endif
