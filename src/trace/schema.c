/* SPDX-License-Identifier: MIT */
/* Look-ups in the table of calls. */
#include "schema.h"

const struct hvt_call_schema *hvt_call_schema(uint32_t call)
{
	if (call >= HVT_CALL_LIMIT || !hvt_call_schemas[call].name)
		return NULL;
	return &hvt_call_schemas[call];
}

uint32_t hvt_call_limit(void)
{
	return HVT_CALL_LIMIT;
}

bool hvt_role_is_input(enum hvt_role role)
{
	switch (role) {
	case HVT_ROLE_IN:
	case HVT_ROLE_HOST:
	case HVT_ROLE_OBJ:
	case HVT_ROLE_INBUF:
	case HVT_ROLE_VEC:
		return true;
	case HVT_ROLE_OUT:
	case HVT_ROLE_OUTHOST:
	case HVT_ROLE_OUTBUF:
	case HVT_ROLE_EXIT:
		return false;
	}
	return false;
}
