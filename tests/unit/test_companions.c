/* SPDX-License-Identifier: MIT */
/* Time, caches and error names, as VMM sources of a Mac use them. */
#include <criterion/criterion.h>
#include <libkern/OSCacheControl.h>
#include <mach/mach_error.h>
#include <mach/mach_time.h>
#include <string.h>

#include "fake_engine.h"
#include "trace.h"

TestSuite(companions, .init = fake_engine_install);

Test(companions, time_is_the_tick_and_never_goes_back)
{
	uint64_t before = hvt_tick();

	for (int i = 0; i < 10000; i++) {
		uint64_t now =
			i % 2 ? mach_absolute_time() : mach_continuous_time();

		cr_assert_geq(now, before);
		before = now;
	}
	cr_assert_geq(hvt_tick(), before);
}

Test(companions, timebase_turns_ticks_into_nanoseconds)
{
	mach_timebase_info_data_t info = { 0 };

	cr_assert_eq(mach_timebase_info(&info), KERN_SUCCESS);
	cr_assert_eq((unsigned __int128)hvt_tick_hz() * info.numer,
		(unsigned __int128)1000000000u * info.denom);
	cr_assert_eq(mach_timebase_info(NULL), KERN_INVALID_ARGUMENT);
}

Test(companions, errors_have_names)
{
	cr_assert_str_eq(mach_error_string(HV_BUSY), "HV_BUSY");
	cr_assert_str_eq(mach_error_string(HV_SUCCESS), "HV_SUCCESS");
	cr_assert_str_eq(mach_error_string(0x1234), "error 0x00001234");
}

Test(companions, caches_are_kept_coherent_without_a_fault)
{
	char bytes[256] = { 0 };

	sys_icache_invalidate(bytes, sizeof(bytes));
	sys_dcache_flush(bytes, sizeof(bytes));
	sys_dcache_flush(NULL, 0);
}
