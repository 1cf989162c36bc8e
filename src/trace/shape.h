/* SPDX-License-Identifier: MIT */
/* Which part of an event belongs to its shape, and which varies. */
#ifndef HVT_TRACE_SHAPE_H
#define HVT_TRACE_SHAPE_H

#include "schema.h"

/* Kind, function, result, parameters: as many numbers as a shape can have. */
#define HVT_SHAPE_MAX (3 + HVT_VALUES_MAX)

/* Is the parameter carried by events of this kind? */
static inline bool hvt_shape_carries(
		uint32_t kind, const struct hvt_param_schema *param)
{
	return kind == HVT_EVENT_CALL ||
			(HVT_INPUT_ROLES >> param->role & 1) ==
				(kind == HVT_EVENT_ENTER);
}

/* Does its value say how many bytes the event has? */
static inline bool hvt_shape_is_buffer(const struct hvt_param_schema *param)
{
	return param->role == HVT_ROLE_INBUF ||
			param->role == HVT_ROLE_OUTBUF ||
			param->role == HVT_ROLE_VEC;
}

/* Does an event of this kind carry a tick? */
static inline bool hvt_shape_has_tick(uint32_t kind)
{
	return kind != HVT_EVENT_CALL;
}

/* The thing that a varying value is the last value of. */
uint64_t hvt_shape_track(const struct hvt_call_schema *schema,
		const struct hvt_event *event);

#endif
