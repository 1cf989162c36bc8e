/* SPDX-License-Identifier: MIT */
/* What every trace says about the host and process it was recorded in. */
#ifndef HVT_TRACE_FACTS_H
#define HVT_TRACE_FACTS_H

#include "trace.h"

struct hvt_facts {
	struct hvt_info *list;
	size_t count;
	char *text; /* holds the strings that were made for the list */
};

/* The facts of this process, then the count ones given. 0 or -ENOMEM. */
int hvt_facts_init(struct hvt_facts *facts, const struct hvt_info *more,
		size_t count);
void hvt_facts_fini(struct hvt_facts *facts);

#endif
