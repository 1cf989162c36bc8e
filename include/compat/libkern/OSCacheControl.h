/* SPDX-License-Identifier: MIT */
/*
 * libkern/OSCacheControl.h - cache maintenance by address, for code that VMMs
 * write into guest memory.
 */
#ifndef HVT_COMPAT_LIBKERN_OSCACHECONTROL_H
#define HVT_COMPAT_LIBKERN_OSCACHECONTROL_H

#include <os/base.h>

__BEGIN_DECLS

/*
 * Makes instructions that were written to [start, start + len) visible to
 * instruction fetch on all CPUs. Any thread.
 */
OS_EXPORT void sys_icache_invalidate(void *start, size_t len);

/*
 * Cleans and invalidates the data cache for [start, start + len), to the point
 * of coherency. Any thread.
 */
OS_EXPORT void sys_dcache_flush(void *start, size_t len);

__END_DECLS

#endif
