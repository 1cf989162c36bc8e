/* SPDX-License-Identifier: MIT */
/*
 * The numbers of the functions that a reader makes sense of by itself. Where a
 * trace has others they are shown by their schema alone.
 */
#ifndef HVTRACE_KNOWN_H
#define HVTRACE_KNOWN_H

#include <stdint.h>

/* Threads of a trace are below this (docs/FORMAT.md, Limits). */
#define TRACE_THREADS_MAX 4096u

struct known_calls {
	uint32_t run;     /* hv_vcpu_run */
	uint32_t get_reg; /* hv_vcpu_get_reg */
	uint32_t set_reg; /* hv_vcpu_set_reg */
	uint32_t set_distributor_base; /* hv_gic_config_set_... */
	uint32_t set_redistributor_base;
	uint32_t set_msi_base;
	uint32_t set_spi; /* hv_gic_set_spi */
	uint32_t send_msi; /* hv_gic_send_msi */
	uint32_t memory_turn;
};

extern struct known_calls known_numbers;

/* Any thread; they are the same for all traces. */
static inline const struct known_calls *known_calls(void)
{
	return &known_numbers;
}

/* Where values of these functions are among those of an event. */
enum {
	RUN_VCPU = 0,
	RUN_REASON = 1,
	RUN_SYNDROME = 2,
	RUN_VA = 3,
	RUN_IPA = 4,
	REG_VCPU = 0,
	REG_REG = 1,
	REG_VALUE = 2,
	GIC_BASE = 1,
	SPI_INTID = 0,
	SPI_LEVEL = 1,
	MSI_INTID = 1,
};

/*
 * What sort of thing a function is about, for people to choose by: "vm",
 * "vcpu", "reg", "irq", "run", "time" or "memory"; else "call".
 */
const char *call_sort(const char *name);

#endif
