/* SPDX-License-Identifier: MIT */
/*
 * The table of calls, generated from calls.txt. Numbers that no function has
 * hold a NULL name.
 */
#ifndef HVT_TRACE_SCHEMA_H
#define HVT_TRACE_SCHEMA_H

#include <hvtrace/hvtrace.h>

#include "call_ids.h"

extern const struct hvt_call_schema hvt_call_schemas[HVT_CALL_LIMIT];

#endif
