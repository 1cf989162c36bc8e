/* SPDX-License-Identifier: MIT */
/* Private parts of hvt_value_name(). */
#ifndef HVT_TRACE_NAMES_H
#define HVT_TRACE_NAMES_H

#include <hvtrace/hvtrace.h>

/* "SCTLR_EL1" ..., or NULL. */
const char *hvt_sys_reg_name(uint64_t value);

#endif
