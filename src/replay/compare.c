/* SPDX-License-Identifier: MIT */
/* Comparing calls, input by input. */
#include "compare.h"

#include <string.h>

static bool same_bytes(const struct hvt_event *a, const struct hvt_event *b)
{
	return a->data_size == b->data_size &&
			(!a->data_size ||
				!memcmp(a->data, b->data, a->data_size));
}

static bool same_input(enum hvt_role role, unsigned i,
		const struct hvt_event *a, const struct hvt_event *b)
{
	switch (role) {
	case HVT_ROLE_IN:
	case HVT_ROLE_OBJ:
		return a->values[i] == b->values[i];
	case HVT_ROLE_INBUF:
	case HVT_ROLE_VEC:
		return a->values[i] == b->values[i] && same_bytes(a, b);
	case HVT_ROLE_HOST:
	case HVT_ROLE_OUT:
	case HVT_ROLE_OUTHOST:
	case HVT_ROLE_OUTBUF:
	case HVT_ROLE_EXIT:
		return true;
	}
	return true;
}

bool hvt_compare(const struct hvt_event *event, const struct hvt_event *call,
		int *param)
{
	const struct hvt_call_schema *schema = hvt_call_schema(event->call);

	*param = -1;
	if (event->call != call->call || !schema)
		return false;
	for (unsigned i = 0; i < schema->param_count; i++) {
		if (same_input(schema->params[i].role, i, event, call))
			continue;
		*param = (int)i;
		return false;
	}
	return true;
}
