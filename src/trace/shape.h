/* SPDX-License-Identifier: MIT */
/* Which part of an event belongs to its shape, and which varies. */
#ifndef HVT_TRACE_SHAPE_H
#define HVT_TRACE_SHAPE_H

#include "schema.h"

/* Kind, function, result, parameters: as many numbers as a shape can have. */
#define HVT_SHAPE_MAX (3 + HVT_VALUES_MAX)

/* Is the index-th parameter carried by events of this kind? */
bool hvt_shape_carries(uint32_t kind, const struct hvt_param_schema *param);

/* Does its value say how many bytes the event has? */
bool hvt_shape_is_buffer(const struct hvt_param_schema *param);

/* Does an event of this kind carry a tick? */
bool hvt_shape_has_tick(uint32_t kind);

/* The thing that a varying value is the last value of. */
uint64_t hvt_shape_track(const struct hvt_call_schema *schema,
		const struct hvt_event *event);

#endif
