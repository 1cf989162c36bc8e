/* SPDX-License-Identifier: MIT */
/* The rules by which encoder and decoder take events apart. */
#include "shape.h"

bool hvt_shape_carries(uint32_t kind, const struct hvt_param_schema *param)
{
	if (kind == HVT_EVENT_CALL)
		return true;
	return hvt_role_is_input(param->role) == (kind == HVT_EVENT_ENTER);
}

bool hvt_shape_is_buffer(const struct hvt_param_schema *param)
{
	return param->role == HVT_ROLE_INBUF ||
			param->role == HVT_ROLE_OUTBUF ||
			param->role == HVT_ROLE_VEC;
}

bool hvt_shape_has_tick(uint32_t kind)
{
	return kind != HVT_EVENT_CALL;
}

/*
 * Thread, function group, and the second parameter where it selects: of two
 * registers, each has its own last value.
 */
uint64_t hvt_shape_track(const struct hvt_call_schema *schema,
		const struct hvt_event *event)
{
	const struct hvt_param_schema *second = &schema->params[1];
	uint64_t selector = schema->param_count > 1 && second->in_shape &&
			hvt_shape_carries(event->kind, second)
			? event->values[1] & UINT32_MAX : 0;

	return (uint64_t)event->thread << 48 | (uint64_t)schema->track << 32 |
			selector;
}
