/* SPDX-License-Identifier: MIT */
/* The rules by which encoder and decoder take events apart: what is not in shape.h. */
#include "shape.h"

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
