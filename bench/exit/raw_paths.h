/* SPDX-License-Identifier: MIT */
/*
 * What bench_exit_raw measures, a file each. A path's name is that of the path
 * of bench_exit_hv it stands beside, and after a slash who does it: "bare" does
 * what cannot be left out, "naive" all that the hv_* calls say, an ioctl each.
 */
#ifndef HVT_BENCH_RAW_PATHS_H
#define HVT_BENCH_RAW_PATHS_H

#include "path.h"
#include "raw_kvm.h"

extern struct raw_vcpu raw_vcpu; /* the main thread's */

extern const struct path_group raw_exits, raw_timer, raw_mates, raw_memory,
		raw_registers;

#endif
