/* SPDX-License-Identifier: MIT */
/*
 * Inside the door. Every public entry point is generated from calls.txt and
 * does the same: with no tap, straight to the function behind it; with a tap,
 * through a frame that carries inputs to the tap and results back from it.
 * The same code thus logs a live call and answers a replayed one.
 */
#ifndef HVT_DOOR_H
#define HVT_DOOR_H

#include "backend.h"
#include "call_ids.h"
#include "object.h"
#include "trace.h"

#define HVT_DOOR      __attribute__((visibility("default")))
#define HVT_LIKELY(x) __builtin_expect(!!(x), 1)

/* NULL while nobody listens: the one thing a call has to test. */
extern const struct hvt_tap *hvt_tap HVT_HIDDEN;

struct hvt_frame {
	struct hvt_event event;
	const struct hvt_tap *tap;
	bool live; /* the engine did the call */
};

#define HVT_FRAME(id) { .event = { .call = (id) }, .tap = hvt_tap }

/*
 * Logs size bytes at p as the index-th parameter; none where the size is one
 * that no function takes.
 */
void hvt_frame_in(
		struct hvt_frame *f, unsigned index, const void *p, size_t size);

/* True: do the call and store its hv_return_t in f->event.result. */
bool hvt_frame_enter(struct hvt_frame *f);

/* An integer output of 1, 2, 4 or 8 bytes: logs *p, or fills it in. */
void hvt_frame_out(struct hvt_frame *f, unsigned index, void *p, size_t size);

/* The same for size bytes. */
void hvt_frame_out_bytes(
		struct hvt_frame *f, unsigned index, void *p, size_t size);

/* Ends the call; returns its result. */
hv_return_t hvt_frame_leave(struct hvt_frame *f);

/*
 * Where the tap only logs and the thread has logged before there is a shorter
 * way: the call is done, and its values go straight into the log.
 */

/* What a call that returned ret left at p, if anything. */
#define HVT_OUT(ret, p) \
	((ret) == HV_SUCCESS && (p) ? (uint64_t)*(p) : (uint64_t)0)

/*
 * The way for what cannot be logged like that after all, as there is no room
 * at hand. Returns the result the VMM gets.
 */
__attribute__((cold, noinline))
int64_t hvt_door_append(uint32_t call, unsigned kind, int64_t result,
		const uint64_t *values, unsigned count);

/* Logs an own call, which returned ret, with the values of its parameters. */
static inline hv_return_t hvt_door_log(uint32_t call, hv_return_t ret,
		const uint64_t *values, unsigned count)
{
	if (HVT_LIKELY(hvt_log_call(call, ret, values, count)))
		return ret;
	return (hv_return_t)hvt_door_append(
			call, HVT_EVENT_CALL, ret, values, count);
}

/*
 * Logs that a wide call, whose first half has been logged, returned ret: outs
 * are the outputs among the values of its parameters.
 */
static inline hv_return_t hvt_door_log_leave(uint32_t call, hv_return_t ret,
		const uint64_t *outs, unsigned out_count,
		const uint64_t *values, unsigned count)
{
	if (HVT_LIKELY(hvt_log_half(call, HVT_EVENT_LEAVE, ret, outs, out_count)))
		return ret;
	return (hv_return_t)hvt_door_append(
			call, HVT_EVENT_LEAVE, ret, values, count);
}

/* One cache line each: they are written by different threads. */
extern struct hvt_exit_line {
	_Alignas(64) hv_vcpu_exit_t exit;
} hvt_exit_lines[HVT_VCPU_MAX] HVT_HIDDEN;

/* The exit record of vCPU id: at the same address for the process's life. */
static inline hv_vcpu_exit_t *hvt_exit_record(hv_vcpu_t id)
{
	return &hvt_exit_lines[id].exit;
}

/* A new object with the state of the GIC; NULL if it is not to be had. */
struct hvt_object *hvt_gic_state_create(void);

/* The bytes of a GIC state, or 0. */
size_t hvt_gic_state_size(hv_gic_state_t state);

#endif
