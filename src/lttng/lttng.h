/* SPDX-License-Identifier: MIT */
/*
 * The door of the lttng room: what the library finds in the provider of its
 * tracepoints, which is a shared object of its own, as the library is to need
 * no liblttng-ust. It is loaded when asked for; docs/LTTNG.md has the events.
 */
#ifndef HVT_LTTNG_H
#define HVT_LTTNG_H

#include <hvtrace/hvtrace.h>

/* Both are built from the same sources, or the one does not take the other. */
#define HVT_LTTNG_VERSION 1u

/* Of type struct hvt_lttng. */
#define HVT_LTTNG_SYMBOL "hvt_lttng"

/* Its file, from the folder of the library. */
#define HVT_LTTNG_FILE "hypervisor/libhvtrace-lttng.so"

/*
 * Any thread. The events are those of a tap: entered() has the inputs,
 * returned() the result and the outputs, too.
 */
struct hvt_lttng {
	uint32_t version;
	void (*entered)(const struct hvt_event *event);
	void (*returned)(const struct hvt_event *event);
};

#endif
