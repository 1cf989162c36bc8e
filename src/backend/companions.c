/* SPDX-License-Identifier: MIT */
/*
 * The few functions beside the API that VMM sources use on a Mac: time in the
 * ticks of the guest's counter, cache maintenance, names of error codes.
 * Times reach the log like every call of the API, so that a replay sees them.
 */
#include <libkern/OSCacheControl.h>
#include <mach/mach_error.h>
#include <mach/mach_time.h>
#include <stdio.h>
#include <unistd.h>

#include "door.h"
#include "guarded_copy.h"
#include "trace.h"

HVT_DOOR uint64_t mach_absolute_time(void)
{
	if (HVT_LIKELY(!hvt_tap))
		return hvt_tick();
	if (hvt_tap->only_logs) {
		uint64_t now = hvt_tick();

		if (HVT_LIKELY(hvt_log_call(HVT_CALL_MACH_ABSOLUTE_TIME, 0,
				    &now, 1)))
			return now;
	}

	struct hvt_frame f = HVT_FRAME(HVT_CALL_MACH_ABSOLUTE_TIME);

	if (hvt_frame_enter(&f))
		f.event.result = (int64_t)hvt_tick();
	(void)hvt_frame_leave(&f);
	/* Time goes on where nobody can log it or knows what it was. */
	return f.event.result ? (uint64_t)f.event.result : hvt_tick();
}

/* The counter of an arm64 host goes on while it sleeps: the two are one. */
HVT_DOOR uint64_t mach_continuous_time(void)
{
	return mach_absolute_time();
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

HVT_DOOR kern_return_t mach_timebase_info(mach_timebase_info_t info)
{
	uint64_t hz = hvt_tick_hz(), common = gcd(1000000000u, hz);

	if (!info)
		return KERN_INVALID_ARGUMENT;

	struct hvt_frame f = HVT_FRAME(HVT_CALL_MACH_TIMEBASE_INFO);

	f.event.result = KERN_SUCCESS;
	f.event.values[0] = 1000000000u / common;
	f.event.values[1] = hz / common;
	if (f.tap) {
		(void)hvt_frame_enter(&f);
		(void)hvt_frame_leave(&f);
	}
	info->numer = (uint32_t)f.event.values[0];
	info->denom = (uint32_t)f.event.values[1];
	return (kern_return_t)f.event.result;
}

/*
 * Cleaning caches is access to memory on some hosts and not on others: so that a
 * recording and its replays agree, it always is. A page that cannot be read is none
 * that is followed.
 */
static void touch_pages(const char *start, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), step;
	char byte;

	for (; len; start += step, len -= step) {
		(void)hvt_guarded_copy(&byte, start, 1);
		step = page - (uintptr_t)start % page;
		step = step < len ? step : len;
	}
}

HVT_DOOR void sys_icache_invalidate(void *start, size_t len)
{
	if (hvt_tap)
		touch_pages(start, len);
	__builtin___clear_cache((char *)start, (char *)start + len);
}

/* Data caches are coherent with devices that a VMM emulates: only order. */
HVT_DOOR void sys_dcache_flush(void *start, size_t len)
{
	(void)start;
	(void)len;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

HVT_DOOR char *mach_error_string(mach_error_t error_value)
{
	static _Thread_local char text[32];
	const char *name = hvt_value_name("hv_return_t", (uint32_t)error_value);

	if (name)
		snprintf(text, sizeof(text), "%s", name);
	else
		snprintf(text, sizeof(text), "error 0x%08x",
				(unsigned)error_value);
	return text;
}
