/* SPDX-License-Identifier: MIT */
/* The facts in the text of a meta segment. */
#ifndef HVT_TRACE_FACTS_TEXT_H
#define HVT_TRACE_FACTS_TEXT_H

#include "trace.h"

struct hvt_facts_text {
	char *text;
	struct hvt_info *list;
	size_t count;
};

/* Copies and takes apart size bytes of text. 0, -ENOMEM, -EBADMSG. */
int hvt_facts_text_init(
		struct hvt_facts_text *f, const uint8_t *text, size_t size);
void hvt_facts_text_fini(struct hvt_facts_text *f);

#endif
