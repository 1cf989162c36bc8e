/* SPDX-License-Identifier: MIT */
/*
 * Times in a trace: each as the time since the one before, to one part in 16.
 * The difference is taken to what a reader will have for the one before, so
 * that errors do not add up. Times are most of a trace's entropy; this keeps
 * what latencies need and leaves out the noise.
 */
#ifndef HVT_TRACE_TICKCODE_H
#define HVT_TRACE_TICKCODE_H

#include "varint.h"

#define HVT_TICK_MANTISSA 3u
#define HVT_TICK_ESCAPE   255u
#define HVT_TICK_MAX      (1u + HVT_VARINT_MAX)

/*
 * Encodes what has passed since *last at p, and moves *last as a reader will,
 * never beyond limit, which tick is not: a time in the next segment may be
 * that, and would seem to go back. HVT_TICK_MAX bytes at most.
 */
static inline uint8_t *hvt_put_tick(
		uint8_t *p, uint64_t tick, uint64_t limit, uint64_t *last)
{
	/* Ticks of two threads may be logged the other way round. */
	uint64_t delta = tick > *last ? tick - *last : 0;
	uint64_t code;
	unsigned shift;

	if (delta < 1u << HVT_TICK_MANTISSA) {
		*last += delta;
		*p++ = (uint8_t)delta;
		return p;
	}
	shift = 63 - (unsigned)__builtin_clzll(delta) - HVT_TICK_MANTISSA;
	code = (delta + ((1ull << shift) >> 1)) >> shift;
	if (code >= 2u << HVT_TICK_MANTISSA) {
		code >>= 1;
		shift++;
	}
	if ((shift << HVT_TICK_MANTISSA) + code >= HVT_TICK_ESCAPE ||
			code << shift > limit - *last) {
		*last += delta;
		*p++ = HVT_TICK_ESCAPE;
		return hvt_put_varint(p, delta);
	}
	*last += code << shift;
	*p++ = (uint8_t)((shift << HVT_TICK_MANTISSA) + code);
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
