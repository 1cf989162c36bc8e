/* SPDX-License-Identifier: MIT */
/*
 * Times in a trace: each as the time since the one before, to one part in 32.
 * The difference is taken to what a reader will have for the one before, so
 * that errors do not add up. Times are most of a trace's entropy; this keeps
 * what latencies need and leaves out the noise.
 */
#ifndef HVT_TRACE_TICKCODE_H
#define HVT_TRACE_TICKCODE_H

#include "varint.h"

#define HVT_TICK_MANTISSA 3u
#define HVT_TICK_ESCAPE   255u

/* Encodes what has passed since *last at p, and moves *last as a reader will. */
static inline uint8_t *hvt_put_tick(uint8_t *p, uint64_t tick, uint64_t *last)
{
	/* Ticks of two threads may be logged the other way round. */
	uint64_t delta = tick > *last ? tick - *last : 0;
	unsigned shift;

	if (delta < 1u << HVT_TICK_MANTISSA) {
		*last += delta;
		*p++ = (uint8_t)delta;
		return p;
	}
	shift = 63 - (unsigned)__builtin_clzll(delta) - HVT_TICK_MANTISSA;
	if (shift >= 30) {
		*last += delta;
		*p++ = HVT_TICK_ESCAPE;
		return hvt_put_varint(p, delta);
	}
	delta = (delta + ((1ull << shift) >> 1)) >> shift;
	if (delta >= 2u << HVT_TICK_MANTISSA) {
		delta >>= 1;
		shift++;
	}
	*last += delta << shift;
	*p++ = (uint8_t)((shift << HVT_TICK_MANTISSA) + delta);
	return p;
}

static inline bool hvt_get_tick(struct hvt_input *in, uint64_t *delta)
{
	unsigned code, shift;

	if (in->p == in->end)
		return false;
	code = *in->p++;
	if (code == HVT_TICK_ESCAPE)
		return hvt_get_varint(in, delta);
	if (code < 2u << HVT_TICK_MANTISSA) {
		*delta = code;
		return true;
	}
	shift = (code >> HVT_TICK_MANTISSA) - 1;
	*delta = (uint64_t)(code - (shift << HVT_TICK_MANTISSA)) << shift;
	return true;
}

#endif
