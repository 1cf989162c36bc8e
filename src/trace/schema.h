/* SPDX-License-Identifier: MIT */
/*
 * The table of calls, generated from calls.txt. Numbers that no function has
 * hold a NULL name.
 */
#ifndef HVT_TRACE_SCHEMA_H
#define HVT_TRACE_SCHEMA_H

#include <hvtrace/hvtrace.h>

#include "call_ids.h"

/* The roles of values that are known when a call is entered. */
#define HVT_INPUT_ROLES (1u << HVT_ROLE_IN | 1u << HVT_ROLE_HOST | \
		1u << HVT_ROLE_OBJ | 1u << HVT_ROLE_INBUF | 1u << HVT_ROLE_VEC)

extern const struct hvt_call_schema hvt_call_schemas[HVT_CALL_LIMIT];

#endif
