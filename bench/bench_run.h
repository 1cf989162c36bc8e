/* SPDX-License-Identifier: MIT */
#ifndef HVT_BENCH_RUN_H
#define HVT_BENCH_RUN_H

#include "bench.h"

/* Adds the rows of a run's short way, without a KVM. */
void bench_run_rows(struct bench *b);

#endif
