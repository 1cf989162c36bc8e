/* SPDX-License-Identifier: MIT */
/* What every fuzz target has: its entry, and what must hold. */
#ifndef HVT_FUZZ_H
#define HVT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEED(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

#endif
