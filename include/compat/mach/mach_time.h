/* SPDX-License-Identifier: MIT */
/*
 * mach/mach_time.h - the clock that guests see as their virtual counter.
 *
 * VMMs for a Mac mix mach_absolute_time(), the guest's CNTVCT_EL0 and CNTV_CVAL
 * and CNTFRQ_EL0 freely. So on arm64 the ticks are those of the CPU's generic
 * timer, and mach_timebase_info() says how long one lasts.
 */
#ifndef HVT_COMPAT_MACH_MACH_TIME_H
#define HVT_COMPAT_MACH_MACH_TIME_H

#include <mach/kern_return.h>
#include <os/base.h>

/* One tick lasts numer / denom nanoseconds. */
struct mach_timebase_info {
	uint32_t numer;
	uint32_t denom;
};

typedef struct mach_timebase_info *mach_timebase_info_t;
typedef struct mach_timebase_info mach_timebase_info_data_t;

__BEGIN_DECLS

/*
 * Ticks since an arbitrary start, not counting while the host sleeps. Any
 * thread; monotonic across threads.
 */
OS_EXPORT uint64_t mach_absolute_time(void);

/* As mach_absolute_time(), but counting while the host sleeps. */
OS_EXPORT uint64_t mach_continuous_time(void);

/*
 * Fills in the length of a tick, which never changes in a process.
 * KERN_SUCCESS, or KERN_INVALID_ARGUMENT if info is NULL. Any thread.
 */
OS_EXPORT kern_return_t mach_timebase_info(mach_timebase_info_t info);

__END_DECLS

#endif
