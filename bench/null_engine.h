/* SPDX-License-Identifier: MIT */
/*
 * An engine that does nothing but return: what a call through the door costs
 * above it is ours.
 */
#ifndef HVT_BENCH_NULL_ENGINE_H
#define HVT_BENCH_NULL_ENGINE_H

/* Installs it, creates a VM and a vCPU 0 of the calling thread. */
void null_engine_start(void);

#endif
