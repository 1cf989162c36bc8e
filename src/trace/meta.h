/* SPDX-License-Identifier: MIT */
/*
 * The text of the meta segment: what the host and the process were, and the
 * schema of the calls, so that a reader of another version can make sense of
 * events it does not know.
 */
#ifndef HVT_TRACE_META_H
#define HVT_TRACE_META_H

#include "trace.h"

/* The text for the facts given. To be freed; NULL out of memory. */
char *hvt_meta_encode(const struct hvt_info *facts, size_t count, size_t *size);

/* The facts alone. */
char *hvt_meta_encode_facts(
		const struct hvt_info *facts, size_t count, size_t *size);

#endif
