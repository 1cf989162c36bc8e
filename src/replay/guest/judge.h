/* SPDX-License-Identifier: MIT */
/* Is what a call did again what the trace has of it? */
#ifndef HVT_GUEST_JUDGE_H
#define HVT_GUEST_JUDGE_H

#include <hvtrace/hvtrace.h>

/*
 * The bits of a system register that say the time: all of what a timer has left
 * (TVAL), and that its time has come (ISTATUS), which a timer that is off may
 * say or not, too (Arm ARM, CNTV_CTL_EL0): kernels differ.
 */
uint64_t hvt_judge_clock_bits(uint32_t reg);

/*
 * recorded: the whole call; found: what it was now. Times are not compared,
 * nor are addresses of the host. *d: where they differ first, and how.
 */
bool hvt_judge_call(const struct hvt_event *recorded,
		const struct hvt_event *found, struct hvt_guest_divergence *d);

/* The same for a page of guest memory that the VMM had looked at. */
bool hvt_judge_page(const uint8_t *recorded, const uint8_t *found, size_t size,
		struct hvt_guest_divergence *d);

#endif
