/* SPDX-License-Identifier: MIT */
/* What an event was, in the words of those who know the architecture. */
#ifndef HVTRACE_DESCRIBE_H
#define HVTRACE_DESCRIBE_H

#include "devices.h"
#include "exits.h"

/*
 * A phrase about the exit that the event, a return of hv_vcpu_run, tells of:
 * "mmio write 4 bytes, uart UARTDR, from W2".
 */
void describe_exit(const struct device_map *devices,
		const struct hvt_event *leave, char *text, size_t size);

/*
 * What the line of hvt_event_format() does not say by itself, or an empty text:
 * of an exit the phrase above, of others the names of GIC registers, and of
 * functions called through X0.
 */
void describe_event(const struct device_map *devices,
		const struct hvt_trace *trace, const struct hvt_event *event,
		char *text, size_t size);

#endif
