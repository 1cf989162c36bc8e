/* SPDX-License-Identifier: MIT */
/* Why a guest that was run again may have done something else. */
#ifndef HVTRACE_GUEST_CAUSE_H
#define HVTRACE_GUEST_CAUSE_H

#include <hvtrace/hvtrace.h>

#include "guesses.h"

void guest_guess(const struct hvt_guest *guest, const char *path,
		struct guesses *g);

#endif
