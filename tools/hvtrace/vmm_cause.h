/* SPDX-License-Identifier: MIT */
/* Why a VMM that was run again may have done something else. */
#ifndef HVTRACE_VMM_CAUSE_H
#define HVTRACE_VMM_CAUSE_H

#include <stdint.h>

#include "guesses.h"

/* vmm: its command line now; it diverged at event of the trace at path. */
void vmm_guess(const char *path, char **vmm, uint64_t event, struct guesses *g);

#endif
