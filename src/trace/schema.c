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
	return HVT_INPUT_ROLES >> role & 1;
}
