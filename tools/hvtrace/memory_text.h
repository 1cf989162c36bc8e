/* SPDX-License-Identifier: MIT */
/* Guest memory as text, wherever it comes from. */
#ifndef HVTRACE_MEMORY_TEXT_H
#define HVTRACE_MEMORY_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "guest_state.h"

struct memory_source {
	/* 0, or -errno: not all of it is there. */
	int (*read)(const void *of, uint64_t ipa, void *bytes, size_t size);
	const void *of;
};

/*
 * Writes the memory that is wanted to standard output: lines, or members of an
 * object of JSON, with a comma before them. 0, or the error of reading at
 * *failed.
 */
int memory_text_put(const struct memory_source *source,
		const struct guest_state *s, uint64_t *failed);

#endif
